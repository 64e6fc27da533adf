//! `/api/v1/me`: whoever asks.

use domain::id::ProjectId;
use domain::time::Zone;
use persistence::people::{User, UserChange};
use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object, OpenApi};

use super::tokens::{Scope, shown};
use super::{Found, Part};
use crate::auth::{Caller, Reader, Writer};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::problem::{Failure, FieldError};

/// What somebody may do to the installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "persistence::setup::Role", rename_all = "snake_case")]
pub(super) enum UserRole {
    /// Everything.
    Admin,
    /// What the projects they belong to say.
    Member,
}

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "persistence::setup::Locale", rename_all = "snake_case")]
pub(super) enum Locale {
    /// Russian.
    Ru,
    /// English.
    En,
}

/// Whoever asks, and what they hold.
#[derive(Debug, Object)]
#[oai(example)]
struct Me {
    /// The user's id.
    id: i64,
    /// The Telegram username, without `@`.
    #[oai(skip_serializing_if_is_none)]
    username: Option<String>,
    /// The name that others see.
    display_name: String,
    /// What they may do to the installation.
    role: UserRole,
    /// The language they read.
    locale: Locale,
    /// The time zone of their days, by its IANA name.
    timezone: String,
    /// What the token or the session that was shown allows.
    scopes: Vec<Scope>,
    /// The only project it is good for, if it is good for one only.
    #[oai(skip_serializing_if_is_none)]
    project_id: Option<i64>,
}

/// What is to be different about oneself; what is left out stays.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct MePatch {
    /// The name that others see.
    #[oai(skip_serializing_if_is_none, validator(min_length = 1, max_length = 100))]
    display_name: Option<String>,
    /// The language to read.
    #[oai(skip_serializing_if_is_none)]
    locale: Option<Locale>,
    /// The time zone of one's days, by its IANA name.
    #[oai(skip_serializing_if_is_none, validator(min_length = 1, max_length = 64))]
    timezone: Option<String>,
}

impl Me {
    fn of(user: User, caller: &Caller) -> Self {
        Self {
            id: user.id.get(),
            username: user.username,
            display_name: user.display_name,
            role: user.role.into(),
            locale: user.locale.into(),
            timezone: user.zone.name().to_owned(),
            scopes: shown(caller.grant().scopes),
            project_id: caller.grant().project.map(ProjectId::get),
        }
    }
}

impl Example for Me {
    fn example() -> Self {
        Self {
            id: 3,
            username: Some("ann".into()),
            display_name: "Ann".into(),
            role: UserRole::Member,
            locale: Locale::En,
            timezone: "Europe/Moscow".into(),
            scopes: vec![Scope::Read, Scope::Approve],
            project_id: None,
        }
    }
}

impl Example for MePatch {
    fn example() -> Self {
        Self { display_name: None, locale: Some(Locale::En), timezone: Some("Europe/Berlin".into()) }
    }
}

pub(crate) struct MeApi;

#[OpenApi(tag = "Part::Access")]
impl MeApi {
    /// Tell who is asking
    ///
    /// The user behind the token or the session, and what it allows.
    #[oai(path = "/api/v1/me", method = "get", operation_id = "getMe")]
    async fn me(&self, gateway: Data<&Gateway>, caller: Reader) -> Result<Found<Me>, Failure> {
        let user = gateway.store.user(caller.user()).await?;
        Ok(Found::Whole(Json(Me::of(user, &caller))))
    }

    /// Change how one is shown and addressed
    ///
    /// The name, the language and the time zone. Roles are changed by administrators.
    #[oai(path = "/api/v1/me", method = "patch", operation_id = "updateMe")]
    async fn update(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        body: Body<MePatch>,
    ) -> Result<Found<Me>, Failure> {
        let patch = body.0;
        let zone = patch.timezone.map(|name| name.parse::<Zone>()).transpose();
        let zone =
            zone.map_err(|wrong| Failure::invalid(vec![FieldError::at("/timezone", wrong.to_string())]))?;
        let change = UserChange {
            display_name: patch.display_name,
            locale: patch.locale.map(Into::into),
            zone,
            ..UserChange::default()
        };
        let now = gateway.clock.now();
        let user = gateway.store.update_user(caller.user(), &change, caller.actor(), now).await?;
        Ok(Found::Whole(Json(Me::of(user, &caller))))
    }
}
