//! Sessions of browsers: begun by a login (see `arrivals`), ended by whoever holds them or by time.

use std::time::Duration;

use domain::time::Timestamp;

use super::{ANSWER_LIFE, Credential};
use crate::error::StoreError;
use crate::rows::Sql;
use crate::store::{Run as _, Store};

/// How long a session lasts.
pub const SESSION_LIFE: Duration = Duration::from_secs(14 * 24 * 3600);

static END: Sql = Sql::new("UPDATE web_sessions SET status = 'ended' WHERE hash = $1");

static PRUNE_SESSIONS: Sql = Sql::new(
    "DELETE FROM web_sessions WHERE hash IN
         (SELECT hash FROM web_sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
);

static PRUNE_LOGINS: Sql = Sql::new(
    "DELETE FROM login_tokens WHERE hash IN
         (SELECT hash FROM login_tokens WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
);

static PRUNE_ANSWERS: Sql = Sql::new(
    "DELETE FROM idempotency_keys WHERE (user_id, key_hash) IN
         (SELECT user_id, key_hash FROM idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT $2)",
);

impl Store {
    /// Ends a browser's session; one that has ended or never was changes nothing.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn end_session(&self, session: &Credential) -> Result<(), StoreError> {
        self.at_once("end a session").run(&END, [session.digits().into()]).await?;
        self.access_changed();
        Ok(())
    }

    /// Removes what has ended: sessions, logins, and answers kept for a day; at most `limit` of each. Returns how many.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn prune_access(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let run = self.at_once("remove what has ended");
        let limit = i64::from(limit);
        let mut removed = run.run(&PRUNE_SESSIONS, [now.micros().into(), limit.into()]).await?;
        removed += run.run(&PRUNE_LOGINS, [now.micros().into(), limit.into()]).await?;
        removed += run.run(&PRUNE_ANSWERS, [(now - ANSWER_LIFE).micros().into(), limit.into()]).await?;
        Ok(removed)
    }
}
