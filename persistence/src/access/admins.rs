//! Administrators of the installation: the first one has to come from outside of it.

use domain::id::UserId;
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::outbox::{Actor, AuditEntry, audit};
use crate::rows::{Sql, storable};
use crate::store::{Run as _, Store};

static IS_ONE: Sql = Sql::new(
    "SELECT id FROM users WHERE lower(username) = lower($1) AND role = 'admin' AND status = 'active'",
);

static PROMOTE: Sql = Sql::new(
    "UPDATE users SET role = 'admin', status = 'active' WHERE lower(username) = lower($1) RETURNING id",
);

static CREATE: Sql = Sql::new(
    "INSERT INTO users (username, display_name, role, locale, timezone, status, created_at)
     VALUES ($1, $1, 'admin', 'en', 'UTC', 'active', $2) RETURNING id",
);

impl Store {
    /// Makes whoever has this Telegram username (without `@`) an active administrator; who is unknown so far becomes a user
    /// that waits for its first login. Whoever is one already stays one.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn appoint_admin(&self, username: &str, now: Timestamp) -> Result<UserId, StoreError> {
        let tx = self.begin("appoint an administrator").await?;
        let username = storable(username).into_owned();
        if let Some(row) = tx.row(&IS_ONE, [username.as_str().into()]).await? {
            return row.get("id");
        }
        let row = match tx.row(&PROMOTE, [username.as_str().into()]).await? {
            Some(row) => Some(row),
            None => tx.row(&CREATE, [username.as_str().into(), now.micros().into()]).await?,
        };
        let missing = StoreError::NotFound { operation: tx.operation(), what: "user" };
        let id: UserId = row.ok_or(missing)?.get("id")?;
        let entry = AuditEntry {
            actor: Actor::System,
            project: None,
            action: "user.appointed".into(),
            subject: format!("user:{id}"),
            detail: username,
            at: now,
        };
        audit(&tx, &entry).await?;
        tx.commit().await?;
        self.access_changed();
        Ok(id)
    }
}
