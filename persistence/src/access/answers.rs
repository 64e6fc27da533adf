//! What was answered under an idempotency key, so that a repetition does nothing again.
//!
//! The key is taken before the work begins and the answer kept after it ended: a repetition finds the answer, or that there
//! is none yet. A process that dies in between leaves a key without an answer, and it stays so: whether the work was done is
//! not known, and doing it again is what the key was to prevent. Keys and requests are kept as hashes.

use std::time::Duration;

use domain::id::UserId;
use domain::time::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::error::StoreError;
use crate::rows::Sql;
use crate::store::{Run as _, Store};

/// How long an answer is kept.
pub const ANSWER_LIFE: Duration = Duration::from_secs(24 * 3600);

static TAKE: Sql = Sql::new(
    "INSERT INTO idempotency_keys (user_id, key_hash, fingerprint, created_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (user_id, key_hash) DO UPDATE
         SET fingerprint = excluded.fingerprint, created_at = excluded.created_at, status = NULL, headers = NULL,
             body = NULL
         WHERE idempotency_keys.created_at < $5",
);

static FIND: Sql = Sql::new(
    "SELECT fingerprint, status, headers, body FROM idempotency_keys WHERE user_id = $1 AND key_hash = $2",
);

static KEEP: Sql = Sql::new(
    "UPDATE idempotency_keys SET status = $3, headers = $4, body = $5 WHERE user_id = $1 AND key_hash = $2",
);

static GIVE_BACK: Sql =
    Sql::new("DELETE FROM idempotency_keys WHERE user_id = $1 AND key_hash = $2 AND status IS NULL");

/// A user's idempotency key, and what it was sent with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    user: UserId,
    key: String,
    fingerprint: String,
}

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Its HTTP status.
    pub status: u16,
    /// Those of its headers that are repeated with it.
    pub headers: Vec<(String, String)>,
    /// Its body; `None` if it held a secret and was not kept.
    pub body: Option<Vec<u8>>,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// Nothing: it is taken now, and the work may begin.
    Nothing,
    /// The same request came before and has no answer yet.
    Unanswered,
    /// The same request was answered.
    Answered(KeptAnswer),
    /// Another request came with it.
    Another,
}

impl RequestKey {
    /// The key of a user's request; `parts` is all that makes the request what it is.
    #[must_use]
    pub fn of(user: UserId, key: &str, parts: &[&[u8]]) -> Self {
        let mut whole = Sha256::new();
        for part in parts {
            whole.update(part.len().to_le_bytes());
            whole.update(part);
        }
        let (key, fingerprint) = (Sha256::digest(key.as_bytes()), whole.finalize());
        Self { user, key: hex::encode(key), fingerprint: hex::encode(fingerprint) }
    }
}

impl Store {
    /// Takes a key for a request that begins, unless it was taken within the last day.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn take_key(&self, key: &RequestKey, now: Timestamp) -> Result<Earlier, StoreError> {
        let run = self.at_once("take an idempotency key");
        let values = [
            key.user.get().into(),
            key.key.as_str().into(),
            key.fingerprint.as_str().into(),
            now.micros().into(),
            (now - ANSWER_LIFE).micros().into(),
        ];
        if run.run(&TAKE, values).await? > 0 {
            return Ok(Earlier::Nothing);
        }
        let row = run.row(&FIND, [key.user.get().into(), key.key.as_str().into()]).await?;
        // It was given back this very moment: whoever asks again takes it.
        let Some(row) = row else { return Ok(Earlier::Unanswered) };
        if row.get::<String>("fingerprint")? != key.fingerprint {
            return Ok(Earlier::Another);
        }
        if row.maybe::<i64>("status")?.is_none() {
            return Ok(Earlier::Unanswered);
        }
        let body = row.maybe("body")?;
        Ok(Earlier::Answered(KeptAnswer {
            status: row.small("status")?,
            headers: row.json("headers")?,
            body,
        }))
    }

    /// Keeps the answer to a request whose key was taken.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn keep_answer(&self, key: &RequestKey, answer: &KeptAnswer) -> Result<(), StoreError> {
        let run = self.at_once("keep an answer");
        let headers = serde_json::to_string(&answer.headers).map_err(|source| StoreError::Unreadable {
            operation: run.operation(),
            column: "headers",
            source: Box::new(source),
        })?;
        let values = [
            key.user.get().into(),
            key.key.as_str().into(),
            i64::from(answer.status).into(),
            headers.into(),
            answer.body.clone().into(),
        ];
        run.run(&KEEP, values).await?;
        Ok(())
    }

    /// Gives a key back whose request did nothing, so that it can be tried again.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn give_key_back(&self, key: &RequestKey) -> Result<(), StoreError> {
        let values = [key.user.get().into(), key.key.as_str().into()];
        self.at_once("give an idempotency key back").run(&GIVE_BACK, values).await?;
        Ok(())
    }
}
