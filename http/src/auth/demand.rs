//! What routes demand of whoever asks: one type a scope, to be taken as an argument.
//!
//! The description names two ways in, a token and a browser's session, and each operation's scope. A scheme's name carries
//! the scope up to [`crate::description`], which writes both as OpenAPI has it.

use std::marker::PhantomData;
use std::ops::Deref;

use domain::access::Scope;
use poem::{Request, RequestBody, Result};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::cookie::SESSION;
use super::{Arrival, Caller};
use crate::problem::{Failure, Kind};

/// Whoever may see.
pub(crate) type Reader = Holder<Read>;
/// Whoever may decide about drafts.
pub(crate) type Approver = Holder<Approve>;
/// Whoever may change what projects do.
pub(crate) type Writer = Holder<Write>;
/// Whoever may do what belongs to owners and administrators. That they are one is asked of [`Caller`].
pub(crate) type Administrator = Holder<Admin>;

/// A scope as a type.
pub(crate) trait Demand: Send + Sync {
    /// The scope.
    const SCOPE: Scope;
}

macro_rules! demands {
    ($($name:ident),+) => {$(
        /// The scope of the same name.
        pub(crate) struct $name;

        impl Demand for $name {
            const SCOPE: Scope = Scope::$name;
        }
    )+};
}

demands!(Read, Approve, Write, Admin);

/// A caller who holds a scope.
pub(crate) struct Holder<S> {
    caller: Caller,
    scope: PhantomData<S>,
}

impl<S> Deref for Holder<S> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<'a, S: Demand> ApiExtractor<'a> for Holder<S> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_security_scheme("token", token());
        registry.create_security_scheme("session", session());
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![S::SCOPE.as_str()]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let arrival = request.data::<Arrival>().unwrap_or(&Arrival::Nobody);
        let caller = match arrival {
            Arrival::Known(caller) => caller.clone(),
            Arrival::Unasked(kind) => return Err(Failure::of(*kind, None).into()),
            Arrival::Nobody => return Err(Failure::of(Kind::Unauthorized, None).into()),
            Arrival::Refused(why) => {
                return Err(Failure::of(Kind::Unauthorized, (*why).to_owned()).into());
            }
        };
        if !caller.grant().scopes.include(S::SCOPE) {
            return Err(Failure::forbidden(format!("it takes the scope {}", S::SCOPE.as_str())).into());
        }
        Ok(Self { caller, scope: PhantomData })
    }
}

fn token() -> MetaSecurityScheme {
    MetaSecurityScheme {
        ty: "http",
        description: Some("A token, shown once when it is made: it begins with `bsd_`."),
        name: None,
        key_in: None,
        scheme: Some("bearer"),
        bearer_format: Some("bsd_…"),
        flows: None,
        openid_connect_url: None,
    }
}

fn session() -> MetaSecurityScheme {
    MetaSecurityScheme {
        ty: "apiKey",
        description: Some(
            "A browser's session, begun by a login through the Telegram bot. Whatever changes something also needs the \
             header `X-Requested-With` and comes from the gateway's own site.",
        ),
        name: Some(SESSION),
        key_in: Some("cookie"),
        scheme: None,
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    }
}
