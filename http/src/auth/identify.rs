//! Looks up who is asking, before anything else is done for them.
//!
//! A bearer token is looked at first; a browser's cookie counts only without one, and for what changes something only if the
//! browser says that our own site sent it (see `site`).

use std::sync::Arc;

use persistence::StoreError;
use persistence::access::{Credential, Grant};
use poem::http::header;
use poem::{Endpoint, IntoResponse as _, Request, Response};

use super::{Caller, cookie, site};
use crate::gateway::Gateway;
use crate::problem::{Failure, Kind};

/// Who came.
#[derive(Clone, Debug)]
pub(crate) enum Arrival {
    /// Somebody who shows nothing.
    Nobody,
    /// Somebody who shows what is good for nothing, and why it is not.
    Refused(&'static str),
    /// Somebody about whom the Store could not be asked, and what to answer where it matters who it is.
    Unasked(Kind),
    /// Somebody we know.
    Known(Caller),
}

/// What was shown.
enum Shown {
    Nothing,
    Token(Credential),
    Session(Credential),
    Other,
}

/// Notes who is asking with the request and goes on.
pub(crate) async fn identify<E: Endpoint<Output = Response>>(
    inside: Arc<E>,
    mut request: Request,
) -> poem::Result<Response> {
    let Some(gateway) = request.data::<Gateway>() else { return inside.call(request).await };
    let arrival = match arrive(gateway, &request).await {
        Ok(arrival) => arrival,
        Err(failure) => return Ok(failure.into_response()),
    };
    request.set_data(arrival);
    inside.call(request).await
}

async fn arrive(gateway: &Gateway, request: &Request) -> Result<Arrival, Failure> {
    let now = gateway.clock.now();
    let known = |found: Result<Option<Arc<Grant>>, StoreError>, refused| match found {
        Ok(Some(grant)) => Arrival::Known(Caller::new(grant)),
        Ok(None) => Arrival::Refused(refused),
        // What is open to everybody, such as the health, is answered all the same.
        Err(error) => {
            let unavailable = matches!(Failure::from(error), Failure::Unavailable(_));
            Arrival::Unasked(if unavailable { Kind::Unavailable } else { Kind::Internal })
        }
    };
    Ok(match shown(request) {
        Shown::Nothing => Arrival::Nobody,
        Shown::Other => Arrival::Refused("the Authorization header holds no bearer token"),
        Shown::Token(token) => {
            let found = gateway.store.token_grant(&token, now).await;
            known(found, "the token is unknown, was revoked or has ended")
        }
        Shown::Session(session) => {
            site::check(request, gateway.settings.public_url.as_deref())?;
            known(gateway.store.session_grant(&session, now).await, "the session is unknown or has ended")
        }
    })
}

/// What a request showed, to be looked at again as long as it is answered.
pub(crate) struct Proof(Shown);

impl Proof {
    pub(crate) fn of(request: &Request) -> Self {
        Self(shown(request))
    }

    /// Whoever showed it, if it is still good for anything.
    ///
    /// # Errors
    /// When the Store does not answer.
    pub(crate) async fn caller(&self, gateway: &Gateway) -> Result<Option<Caller>, Failure> {
        let now = gateway.clock.now();
        let grant = match &self.0 {
            Shown::Nothing | Shown::Other => None,
            Shown::Token(token) => gateway.store.token_grant(token, now).await?,
            Shown::Session(session) => gateway.store.session_grant(session, now).await?,
        };
        Ok(grant.map(Caller::new))
    }
}

fn shown(request: &Request) -> Shown {
    if let Some(value) = request.headers().get(header::AUTHORIZATION) {
        let words = value.to_str().ok().and_then(|text| text.split_once(' '));
        return match words {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                Shown::Token(Credential::shown(token.trim()))
            }
            Some(_) | None => Shown::Other,
        };
    }
    match cookie::read(request, cookie::SESSION) {
        Some(session) => Shown::Session(Credential::shown(session)),
        None => Shown::Nothing,
    }
}
