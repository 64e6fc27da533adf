//! Making what waits due now: something happened that it should not wait for any longer.

use domain::id::ChannelId;
use domain::time::Timestamp;
use sea_orm::Value;
use serde::Serialize;

use crate::error::StoreError;
use crate::rows::{Sql, rows};
use crate::store::{Run as _, Store, Tx};

static HASTEN: Sql = Sql::new(
    "UPDATE jobs SET run_at = $2
     FROM rows($1: unique_key text) r
     WHERE jobs.pending_key = r.unique_key AND jobs.state = 'ready' AND jobs.run_at > $2",
);

#[derive(Serialize)]
struct KeyRow {
    unique_key: String,
}

/// The key under which a channel's audit stands in the queue: one at a time.
pub(crate) fn audit_key(channel: ChannelId) -> String {
    format!("audit:{channel}")
}

impl Store {
    /// Makes the audits of these channels due now, unless they run already, and wakes who claims them. Returns how many.
    ///
    /// # Errors
    /// The database's own.
    pub async fn hasten_audits(&self, channels: &[ChannelId], now: Timestamp) -> Result<u64, StoreError> {
        if channels.is_empty() {
            return Ok(0);
        }
        let run = self.at_once("hasten audits");
        let hastened = run.run(&HASTEN, [keys(run.operation(), channels)?, now.micros().into()]).await?;
        self.wake();
        Ok(hastened)
    }
}

/// [`Store::hasten_audits`] within a transaction; its commit wakes who claims them.
pub(crate) fn hasten_audits_in(tx: &Tx, channels: &[ChannelId], now: Timestamp) -> Result<(), StoreError> {
    if !channels.is_empty() {
        tx.wake_on_commit();
        tx.at_commit(&HASTEN, [keys(tx.operation(), channels)?, now.micros().into()]);
    }
    Ok(())
}

fn keys(operation: &'static str, channels: &[ChannelId]) -> Result<Value, StoreError> {
    let keys: Vec<_> = channels.iter().map(|channel| KeyRow { unique_key: audit_key(*channel) }).collect();
    rows(operation, &keys)
}
