//! What happens to jobs from outside their run: leases that ended, a node that starts again, and a person's decision.
//!
//! The rows are locked before they are changed, and those that somebody else just changes are passed over: they are either
//! no longer in question or found the next time.

use domain::id::JobId;
use domain::time::Timestamp;
use serde::Serialize;

use crate::error::StoreError;
use crate::rows::{Sql, rows};
use crate::store::{Run as _, Store, Tx};

static RESCUE: Sql = Sql::new(
    "UPDATE jobs SET
         state = CASE WHEN attempt + 1 >= max_attempts THEN 'failed' ELSE 'ready' END,
         finished_at = CASE WHEN attempt + 1 >= max_attempts THEN $1 END,
         attempt = attempt + 1, last_error = 'its lease ended', lease_owner = NULL, lease_until = NULL
     WHERE id IN (SELECT id FROM jobs WHERE lease_until <= $1 {FOR UPDATE SKIP LOCKED})",
);

static RELEASE: Sql = Sql::new(
    "UPDATE jobs SET state = 'ready', lease_owner = NULL, lease_until = NULL
     WHERE id IN (SELECT id FROM jobs WHERE lease_until IS NOT NULL AND lease_owner = $1 {FOR UPDATE SKIP LOCKED})",
);

static RETRY: Sql = Sql::new(
    "UPDATE jobs SET state = 'ready', run_at = $2, expires_at = NULL, attempt = 0, finished_at = NULL
     WHERE NOT EXISTS (SELECT 1 FROM jobs other WHERE other.pending_key = jobs.unique_key)
       AND id IN (
         SELECT MAX(named.id) FROM rows($1: id bigint) r JOIN jobs named ON named.id = r.id
         WHERE named.state IN ('failed', 'cancelled')
         GROUP BY COALESCE(named.unique_key, CAST(named.id AS TEXT)))",
);

static CANCEL: Sql = Sql::new(
    "UPDATE jobs SET state = 'cancelled', finished_at = $2
     WHERE id IN (SELECT id FROM rows($1: id bigint) r) AND state = 'ready'",
);

static PRUNE: Sql = Sql::new(
    "DELETE FROM jobs WHERE id IN (
         SELECT id FROM jobs WHERE state IN ('done', 'cancelled') AND finished_at < $1 LIMIT $2)",
);

#[derive(Serialize)]
struct IdRow {
    id: JobId,
}

impl Store {
    /// Makes jobs ready again whose lease ended by `now`; their attempt counts. Those without attempts left become failed.
    /// Returns how many leases had ended.
    ///
    /// # Errors
    /// The database's own.
    pub async fn rescue(&self, now: Timestamp) -> Result<u64, StoreError> {
        let rescued = self.at_once("rescue jobs").run(&RESCUE, [now.micros().into()]).await?;
        Ok(self.told_of(rescued))
    }

    /// Makes the jobs ready again that `node` holds, for when it starts or stops and runs none of them. Counts as no
    /// attempt. Returns how many it held.
    ///
    /// # Errors
    /// The database's own.
    pub async fn release(&self, node: &str) -> Result<u64, StoreError> {
        let released = self.at_once("release jobs").run(&RELEASE, [node.into()]).await?;
        Ok(self.told_of(released))
    }

    /// Makes failed and cancelled jobs due at `now`, with all their attempts and without an expiry. A key stays unique: of
    /// those with the same one only the newest comes back, and none while an unfinished job has it. Returns how many are
    /// ready again.
    ///
    /// # Errors
    /// The database's own.
    pub async fn retry(&self, jobs: &[JobId], now: Timestamp) -> Result<u64, StoreError> {
        let run = self.at_once("retry jobs");
        let retried = run.run(&RETRY, [id_rows(jobs)?, now.micros().into()]).await?;
        Ok(self.told_of(retried))
    }

    /// Cancels jobs that wait; those that run or are finished stay as they are. Returns how many were cancelled.
    ///
    /// # Errors
    /// The database's own.
    pub async fn cancel(&self, jobs: &[JobId], now: Timestamp) -> Result<u64, StoreError> {
        let run = self.at_once("cancel jobs");
        let cancelled = run.run(&CANCEL, [id_rows(jobs)?, now.micros().into()]).await?;
        Ok(self.told_of(cancelled))
    }

    /// Deletes up to `limit` jobs that were done or cancelled before `before`; failed ones are kept. Returns how many.
    ///
    /// # Errors
    /// The database's own.
    pub async fn prune_jobs(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let run = self.at_once("prune jobs");
        run.run(&PRUNE, [before.micros().into(), i64::from(limit).into()]).await
    }

    /// Wakes who claims if jobs became due, or a lane free.
    fn told_of(&self, changed: u64) -> u64 {
        if changed > 0 {
            self.wake();
        }
        changed
    }
}

/// [`Store::retry`] within a transaction, whose commit wakes who claims them.
pub(super) async fn retry_in(tx: &Tx, jobs: &[JobId], now: Timestamp) -> Result<u64, StoreError> {
    tx.wake_on_commit();
    tx.run(&RETRY, [id_rows(jobs)?, now.micros().into()]).await
}

/// [`Store::cancel`] within a transaction: what waited behind them may be free.
pub(super) async fn cancel_in(tx: &Tx, jobs: &[JobId], now: Timestamp) -> Result<u64, StoreError> {
    tx.wake_on_commit();
    tx.run(&CANCEL, [id_rows(jobs)?, now.micros().into()]).await
}

fn id_rows(jobs: &[JobId]) -> Result<sea_orm::Value, StoreError> {
    let jobs: Vec<_> = jobs.iter().map(|&id| IdRow { id }).collect();
    rows("name jobs", &jobs)
}
