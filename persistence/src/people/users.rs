//! The people of an installation.

use domain::id::{PeerId, UserId};
use domain::time::{Timestamp, Zone};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::outbox::{Actor, Deed};
use crate::row::Row;
use crate::rows::{Sql, name_of, storable};
use crate::setup::{Locale, NewUser, Role, insert_user};
use crate::store::{Run as _, Store, Tx};

macro_rules! users {
    ($rest:literal) => {
        concat!(
            "SELECT id, telegram_id, username, display_name, role, locale, timezone, status, project_quota, created_at
             FROM users WHERE ",
            $rest
        )
    };
}

static ONE: Sql = Sql::new(users!("id = $1"));

static HELD: Sql = Sql::new(users!("id = $1 {FOR UPDATE}"));

static PAGE: Sql =
    Sql::new(users!("id < $1 AND $2 IN ('', role) AND $3 IN ('', status) ORDER BY id DESC LIMIT $4"));

static WRITE: Sql = Sql::new(
    "UPDATE users SET telegram_id = $2, username = $3, display_name = $4, role = $5, locale = $6, timezone = $7,
         status = $8, project_quota = $9
     WHERE id = $1",
);

/// Held, so that two who take each other's office away do not both succeed.
static ADMINS: Sql =
    Sql::new("SELECT id FROM users WHERE role = 'admin' AND status = 'active' ORDER BY id {FOR UPDATE}");

static TIES: Sql = Sql::new(
    "SELECT EXISTS (SELECT 1 FROM projects WHERE owner_id = $1) AS owns,
         EXISTS (SELECT 1 FROM consents WHERE granted_by = $1) AS grants",
);

static DELETE: Sql = Sql::new("DELETE FROM users WHERE id = $1");

/// Whether somebody may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    /// They may.
    Active,
    /// They may not, whatever token or session they have.
    Blocked,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Their row, which is also their place in the list.
    pub id: UserId,
    /// Their Telegram id, if known.
    pub telegram_id: Option<PeerId>,
    /// Their username without `@`.
    pub username: Option<String>,
    /// Their name as others see it.
    pub display_name: String,
    /// What they may do to the installation.
    pub role: Role,
    /// Which language they read.
    pub locale: Locale,
    /// Where their days are.
    pub zone: Zone,
    /// Whether they may come in.
    pub status: UserStatus,
    /// How many projects they may own; `None` for as many as the setting says.
    pub project_quota: Option<u32>,
    /// Since when they are here.
    pub created_at: Timestamp,
}

/// Which users are listed.
#[derive(Clone, Copy, Debug, Default)]
pub struct UserFilter {
    /// Those with this role.
    pub role: Option<Role>,
    /// Those of this status.
    pub status: Option<UserStatus>,
}

/// What is to be different about a user. What is `None` stays; of two options, the inner one takes a value away.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct UserChange {
    /// Their Telegram id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telegram_id: Option<Option<PeerId>>,
    /// Their username without `@`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<Option<String>>,
    /// Their name as others see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What they may do to the installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Which language they read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// Where their days are.
    #[serde(rename = "timezone", skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// Whether they may come in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<UserStatus>,
    /// How many projects they may own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_quota: Option<Option<u32>>,
}

impl Store {
    /// The users below `before`, latest first, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list_users(
        &self,
        filter: UserFilter,
        before: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<User>, StoreError> {
        let values = [
            before.map_or(i64::MAX, UserId::get).into(),
            filter.role.map(name_of).unwrap_or_default().into(),
            filter.status.map(name_of).unwrap_or_default().into(),
            i64::from(limit).into(),
        ];
        self.read("list users").rows(&PAGE, values).await?.iter().map(read_user).collect()
    }

    /// A user.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such user.
    pub async fn user(&self, user: UserId) -> Result<User, StoreError> {
        let read = self.read("read a user");
        let missing = StoreError::NotFound { operation: read.operation(), what: "user" };
        read_user(&read.row(&ONE, [user.get().into()]).await?.ok_or(missing)?)
    }

    /// Adds a user, because an administrator wants it.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the Telegram id or the username is in use.
    pub async fn add_user(&self, user: &NewUser, by: Actor, now: Timestamp) -> Result<User, StoreError> {
        let tx = self.begin("add a user").await?;
        let id = insert_user(&tx, user, now).await?;
        let added = held(&tx, id).await?;
        let deed = Deed { by, project: None, at: now };
        let detail = UserChange {
            username: Some(added.username.clone()),
            display_name: Some(added.display_name.clone()),
            role: Some(added.role),
            ..UserChange::default()
        };
        deed.note(&tx, "user.added", format!("user:{id}"), &detail).await?;
        tx.commit().await?;
        Ok(added)
    }

    /// Changes a user.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such user, [`StoreError::Taken`] when the Telegram id or the username is in
    /// use, [`StoreError::Needed`] when nobody would be left who administers the installation.
    pub async fn update_user(
        &self,
        user: UserId,
        change: &UserChange,
        by: Actor,
        now: Timestamp,
    ) -> Result<User, StoreError> {
        let tx = self.begin("change a user").await?;
        if change.role == Some(Role::Member) || change.status == Some(UserStatus::Blocked) {
            keep_an_administrator(&tx, user).await?;
        }
        let new = changed(held(&tx, user).await?, change);
        write(&tx, &new).await?;
        let deed = Deed { by, project: None, at: now };
        deed.note(&tx, "user.updated", format!("user:{user}"), change).await?;
        tx.commit().await?;
        self.access_changed();
        Ok(new)
    }

    /// Deletes a user whom nothing rests on, with their memberships, tokens and sessions.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such user, [`StoreError::Needed`] when they own a project, gave a consent,
    /// or are the last administrator.
    pub async fn delete_user(&self, user: UserId, by: Actor, now: Timestamp) -> Result<(), StoreError> {
        let tx = self.begin("delete a user").await?;
        let operation = tx.operation();
        keep_an_administrator(&tx, user).await?;
        let old = held(&tx, user).await?;
        if let Some(row) = tx.row(&TIES, [user.get().into()]).await? {
            if row.get("owns")? {
                let why = "they own a project; give it to somebody else or delete it first";
                return Err(StoreError::Needed { operation, why });
            }
            if row.get("grants")? {
                let why = "consents stand in their name; block them instead";
                return Err(StoreError::Needed { operation, why });
            }
        }
        tx.run(&DELETE, [user.get().into()]).await?;
        let detail = UserChange { username: Some(old.username), ..UserChange::default() };
        let deed = Deed { by, project: None, at: now };
        deed.note(&tx, "user.deleted", format!("user:{user}"), &detail).await?;
        tx.commit().await?;
        self.access_changed();
        Ok(())
    }
}

/// A user, held until the transaction ends.
async fn held(tx: &Tx, user: UserId) -> Result<User, StoreError> {
    let missing = StoreError::NotFound { operation: tx.operation(), what: "user" };
    read_user(&tx.row(&HELD, [user.get().into()]).await?.ok_or(missing)?)
}

fn changed(user: User, change: &UserChange) -> User {
    let change = change.clone();
    User {
        telegram_id: change.telegram_id.unwrap_or(user.telegram_id),
        username: change.username.unwrap_or(user.username),
        display_name: change.display_name.unwrap_or(user.display_name),
        role: change.role.unwrap_or(user.role),
        locale: change.locale.unwrap_or(user.locale),
        zone: change.zone.unwrap_or(user.zone),
        status: change.status.unwrap_or(user.status),
        project_quota: change.project_quota.unwrap_or(user.project_quota),
        ..user
    }
}

async fn write(tx: &Tx, user: &User) -> Result<(), StoreError> {
    let values = [
        user.id.get().into(),
        user.telegram_id.map(PeerId::get).into(),
        user.username.clone().into(),
        storable(&user.display_name).into_owned().into(),
        name_of(user.role).into(),
        name_of(user.locale).into(),
        user.zone.name().into(),
        name_of(user.status).into(),
        user.project_quota.map(i64::from).into(),
    ];
    tx.run(&WRITE, values).await?;
    Ok(())
}

/// That the installation is administered without this user, too. Asked before the user is held: whoever takes an office away
/// holds all who have it, in one order.
async fn keep_an_administrator(tx: &Tx, user: UserId) -> Result<(), StoreError> {
    let admins: Vec<UserId> =
        tx.rows(&ADMINS, []).await?.iter().map(|row| row.get("id")).collect::<Result<_, _>>()?;
    if admins == [user] {
        let why = "nobody else administers the installation; make somebody an administrator first";
        return Err(StoreError::Needed { operation: tx.operation(), why });
    }
    Ok(())
}

fn read_user(row: &Row) -> Result<User, StoreError> {
    Ok(User {
        id: row.get("id")?,
        telegram_id: row.maybe("telegram_id")?,
        username: row.maybe("username")?,
        display_name: row.get("display_name")?,
        role: row.named("role")?,
        locale: row.named("locale")?,
        zone: row.zone("timezone")?,
        status: row.named("status")?,
        project_quota: row.maybe_small("project_quota")?,
        created_at: row.get("created_at")?,
    })
}
