//! `/api/v1/users`: the people of the installation, for its administrators.

use chrono::{DateTime, Utc};
use domain::id::{PeerId, UserId};
use domain::time::Timestamp;
use persistence::people::{User as Row, UserChange, UserFilter};
use persistence::setup::NewUser;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::{Example, MaybeUndefined};
use poem_openapi::{Enum, Object, OpenApi};

use super::{trimmed, zone};
use crate::auth::Administrator;
use crate::body::Body;
use crate::gateway::Gateway;
use crate::moment::moment;
use crate::page::{List, usual};
use crate::problem::Failure;
use crate::routes::catalogue::page;
use crate::routes::me::{Locale, UserRole};
use crate::routes::{Found, Gone, Made, Part};

/// Whether somebody may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "persistence::people::UserStatus", rename_all = "snake_case")]
enum UserStatus {
    /// They may.
    Active,
    /// They may not, whatever token or session they have.
    Blocked,
}

/// A person.
#[derive(Debug, Object)]
#[oai(example)]
struct User {
    /// Their id.
    id: i64,
    /// Their Telegram id, if known.
    #[oai(skip_serializing_if_is_none)]
    telegram_id: Option<i64>,
    /// Their Telegram username, without `@`.
    #[oai(skip_serializing_if_is_none)]
    username: Option<String>,
    /// Their name as others see it.
    display_name: String,
    /// What they may do to the installation.
    role: UserRole,
    /// The language they read.
    locale: Locale,
    /// The time zone of their days, by its IANA name.
    timezone: String,
    /// Whether they may come in.
    status: UserStatus,
    /// How many projects they may own; missing for as many as the setting `projects_per_user` says.
    #[oai(skip_serializing_if_is_none)]
    project_quota: Option<u32>,
    /// Since when they are here.
    created_at: DateTime<Utc>,
}

page! {
    /// Some users, the latest first.
    UserPage of User
}

/// A person to be added.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct NewUserRequest {
    /// Their Telegram id: with it, or with their username, they can log in through the bot.
    #[oai(validator(minimum(value = "1")))]
    telegram_id: Option<i64>,
    /// Their Telegram username, without `@`.
    #[oai(validator(min_length = 1, max_length = 64))]
    username: Option<String>,
    /// Their name as others see it.
    #[oai(validator(min_length = 1, max_length = 100))]
    display_name: String,
    /// What they may do to the installation.
    role: UserRole,
    /// The language they read.
    locale: Locale,
    /// The time zone of their days, by its IANA name.
    #[oai(validator(min_length = 1, max_length = 64))]
    timezone: String,
}

/// What is to be different about a person; what is left out stays, and null takes away what can be missing.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct UserPatch {
    /// Their Telegram id.
    #[oai(validator(minimum(value = "1")))]
    telegram_id: MaybeUndefined<i64>,
    /// Their Telegram username, without `@`.
    #[oai(validator(min_length = 1, max_length = 64))]
    username: MaybeUndefined<String>,
    /// Their name as others see it.
    #[oai(validator(min_length = 1, max_length = 100))]
    display_name: Option<String>,
    /// What they may do to the installation.
    role: Option<UserRole>,
    /// The language they read.
    locale: Option<Locale>,
    /// The time zone of their days, by its IANA name.
    #[oai(validator(min_length = 1, max_length = 64))]
    timezone: Option<String>,
    /// Whether they may come in.
    status: Option<UserStatus>,
    /// How many projects they may own; null for as many as the setting says.
    #[oai(validator(maximum(value = "1000000")))]
    project_quota: MaybeUndefined<u32>,
}

pub(crate) struct UsersApi;

#[OpenApi(tag = "Part::Users")]
impl UsersApi {
    /// List users
    ///
    /// Everybody of the installation, the latest first. For administrators of the installation.
    #[oai(path = "/api/v1/users", method = "get", operation_id = "listUsers")]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        /// Only those with this role.
        role: Query<Option<UserRole>>,
        /// Only those of this status.
        status: Query<Option<UserStatus>>,
        /// `next` of the page before; left out, the list begins with the latest.
        after: Query<Option<String>>,
        /// The most users to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<UserPage>, Failure> {
        caller.installation()?;
        let filter = UserFilter { role: role.0.map(Into::into), status: status.0.map(Into::into) };
        let list = List::of("users")
            .by("role", filter.role.map(|role| format!("{role:?}")))
            .by("status", filter.status.map(|status| format!("{status:?}")));
        let before = list.position::<i64>(after.as_deref())?.map(UserId);
        let found = gateway.store.list_users(filter, before, limit.0 + 1).await?;
        let (items, next) = list.cut(found, limit.0, |user| user.id.get());
        Ok(Found::Whole(Json(UserPage { items: items.into_iter().map(User::from).collect(), next })))
    }

    /// Add a user
    ///
    /// They log in through the bot, by their Telegram id or username, and belong to no project yet. For administrators of the
    /// installation.
    #[oai(path = "/api/v1/users", method = "post", operation_id = "createUser")]
    async fn create(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        body: Body<NewUserRequest>,
    ) -> Result<Made<User>, Failure> {
        caller.installation()?;
        let new = NewUser {
            telegram_id: body.0.telegram_id.map(PeerId),
            username: body.0.username,
            display_name: trimmed("/display_name", &body.0.display_name)?,
            role: body.0.role.into(),
            locale: body.0.locale.into(),
            zone: zone(&body.0.timezone)?,
        };
        let user = gateway.store.add_user(&new, caller.actor(), gateway.now()).await?;
        let place = format!("/api/v1/users/{}", user.id);
        Ok(Made::Whole(Json(user.into()), place))
    }

    /// Get a user
    ///
    /// One person. For administrators of the installation.
    #[oai(path = "/api/v1/users/:user_id", method = "get", operation_id = "getUser")]
    async fn get(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        /// The user.
        user_id: Path<i64>,
    ) -> Result<Found<User>, Failure> {
        caller.installation()?;
        Ok(Found::Whole(Json(gateway.store.user(UserId(user_id.0)).await?.into())))
    }

    /// Change a user
    ///
    /// Who is blocked, or is no administrator any more, is so with their next request. The last administrator who can come in
    /// stays one. For administrators of the installation.
    #[oai(path = "/api/v1/users/:user_id", method = "patch", operation_id = "updateUser")]
    async fn update(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        /// The user.
        user_id: Path<i64>,
        body: Body<UserPatch>,
    ) -> Result<Found<User>, Failure> {
        caller.installation()?;
        let patch = body.0;
        let change = UserChange {
            telegram_id: named(patch.telegram_id).map(|id| id.map(PeerId)),
            username: named(patch.username),
            display_name: patch.display_name.map(|name| trimmed("/display_name", &name)).transpose()?,
            role: patch.role.map(Into::into),
            locale: patch.locale.map(Into::into),
            zone: patch.timezone.map(|name| zone(&name)).transpose()?,
            status: patch.status.map(Into::into),
            project_quota: named(patch.project_quota),
        };
        let now = gateway.now();
        let user = gateway.store.update_user(UserId(user_id.0), &change, caller.actor(), now).await?;
        Ok(Found::Whole(Json(user.into())))
    }

    /// Delete a user
    ///
    /// With their memberships, tokens and sessions. Who owns a project, gave a consent or is the last administrator cannot be
    /// deleted; block them, or let somebody else have it first. For administrators of the installation.
    #[oai(path = "/api/v1/users/:user_id", method = "delete", operation_id = "deleteUser")]
    async fn delete(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        /// The user.
        user_id: Path<i64>,
    ) -> Result<Gone, Failure> {
        caller.installation()?;
        gateway.store.delete_user(UserId(user_id.0), caller.actor(), gateway.now()).await?;
        Ok(Gone::Done)
    }
}

/// What a field names that may be taken away: nothing, nobody, or a value.
#[expect(clippy::option_option, reason = "a value that stays, one that goes and one that comes")]
fn named<T>(field: MaybeUndefined<T>) -> Option<Option<T>> {
    match field {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

impl From<Row> for User {
    fn from(user: Row) -> Self {
        Self {
            id: user.id.get(),
            telegram_id: user.telegram_id.map(PeerId::get),
            username: user.username,
            display_name: user.display_name,
            role: user.role.into(),
            locale: user.locale.into(),
            timezone: user.zone.name().to_owned(),
            status: user.status.into(),
            project_quota: user.project_quota,
            created_at: moment(user.created_at),
        }
    }
}

impl Example for User {
    fn example() -> Self {
        Self {
            id: 3,
            telegram_id: Some(777_000_111),
            username: Some("ann".into()),
            display_name: "Ann".into(),
            role: UserRole::Member,
            locale: Locale::En,
            timezone: "Europe/Moscow".into(),
            status: UserStatus::Active,
            project_quota: None,
            created_at: moment(Timestamp::from_secs(1_772_442_000)),
        }
    }
}

impl Example for NewUserRequest {
    fn example() -> Self {
        Self {
            telegram_id: None,
            username: Some("ann".into()),
            display_name: "Ann".into(),
            role: UserRole::Member,
            locale: Locale::En,
            timezone: "Europe/Moscow".into(),
        }
    }
}

impl Example for UserPatch {
    fn example() -> Self {
        Self {
            telegram_id: MaybeUndefined::Undefined,
            username: MaybeUndefined::Undefined,
            display_name: None,
            role: None,
            locale: None,
            timezone: None,
            status: Some(UserStatus::Blocked),
            project_quota: MaybeUndefined::Value(3),
        }
    }
}
