//! Sessions of browsers: begun by a login, ended by whoever holds them or by time.

use std::time::Duration;

use domain::id::UserId;
use domain::time::Timestamp;

use super::Credential;
use crate::error::StoreError;
use crate::rows::Sql;
use crate::store::{Run as _, Store};

/// How long a session lasts.
pub const SESSION_LIFE: Duration = Duration::from_secs(14 * 24 * 3600);

static BEGIN: Sql = Sql::new(
    "INSERT INTO web_sessions (hash, user_id, status, created_at, expires_at) VALUES ($1, $2, 'active', $3, $4)",
);

static END: Sql = Sql::new("UPDATE web_sessions SET status = 'ended' WHERE hash = $1");

impl Store {
    /// Begins a browser's session for a user.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] without the user, [`StoreError::Vault`] without randomness.
    pub async fn begin_session(&self, user: UserId, now: Timestamp) -> Result<Credential, StoreError> {
        let session = Credential::plain("begin a session")?;
        let ends = now + SESSION_LIFE;
        let values = [session.digits().into(), user.get().into(), now.micros().into(), ends.micros().into()];
        self.at_once("begin a session").run(&BEGIN, values).await?;
        Ok(session)
    }

    /// Ends a browser's session; one that has ended or never was changes nothing.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn end_session(&self, session: &Credential) -> Result<(), StoreError> {
        self.at_once("end a session").run(&END, [session.digits().into()]).await?;
        self.access_changed();
        Ok(())
    }
}
