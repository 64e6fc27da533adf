//! Looking at the queue from outside: how deep it is, and when something will be due.

use domain::job::JobKind;
use domain::time::Timestamp;
use serde::Serialize;

use crate::error::StoreError;
use crate::rows::{Sql, rows};
use crate::store::{Run as _, Store};

static NEXT_DUE: Sql = Sql::new(
    "SELECT MIN(due) AS due FROM (
         SELECT (SELECT MIN(ready_at) FROM jobs WHERE jobs.kind = wanted.kind AND ready_at IS NOT NULL) AS due
         FROM rows($1: kind text) wanted
         UNION ALL
         SELECT MIN(lease_until) FROM jobs WHERE lease_until IS NOT NULL
     ) times",
);

/// Only what is unfinished or failed is read: the indexes leave out the rest.
static DEPTHS: Sql = Sql::new(
    "SELECT kind, COUNT(ready_at) AS ready, COUNT(CASE WHEN ready_at <= $1 THEN 1 END) AS due,
         COUNT(lease_until) AS running, COUNT(finished_at) AS failed,
         MIN(CASE WHEN ready_at <= $1 THEN ready_at END) AS oldest_due
     FROM (
         SELECT kind, ready_at, CAST(NULL AS BIGINT) AS lease_until, CAST(NULL AS BIGINT) AS finished_at
         FROM jobs WHERE ready_at IS NOT NULL
         UNION ALL
         SELECT kind, NULL, lease_until, NULL FROM jobs WHERE lease_until IS NOT NULL
         UNION ALL
         SELECT kind, NULL, NULL, finished_at FROM jobs WHERE state = 'failed' AND finished_at IS NOT NULL
     ) live
     GROUP BY kind ORDER BY kind",
);

/// How many jobs of a kind there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct KindDepth {
    /// The kind.
    pub kind: JobKind,
    /// Waiting, due or not.
    pub ready: u64,
    /// Waiting although due.
    pub due: u64,
    /// Under a lease.
    pub running: u64,
    /// Given up and kept.
    pub failed: u64,
    /// Since when the oldest of the due ones is due.
    pub oldest_due: Option<Timestamp>,
}

#[derive(Serialize)]
struct Wanted {
    kind: JobKind,
}

impl Store {
    /// When the queue will next want attention: the earliest time at which a waiting job is due or a lease ends. It may be
    /// in the past. `None` if nothing waits and nothing runs.
    ///
    /// # Errors
    /// The database's own.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let operation = "find the next due job";
        let kinds = JobKind::ALL.map(|kind| Wanted { kind });
        match self.read(operation).row(&NEXT_DUE, [rows(operation, &kinds)?]).await? {
            Some(row) => row.maybe("due"),
            None => Ok(None),
        }
    }

    /// How many jobs of each kind wait, run or have failed; kinds without any are left out.
    ///
    /// # Errors
    /// The database's own.
    pub async fn depths(&self, now: Timestamp) -> Result<Vec<KindDepth>, StoreError> {
        let found = self.read("measure the queue").rows(&DEPTHS, [now.micros().into()]).await?;
        let depth = |row: &crate::row::Row| {
            Ok(KindDepth {
                kind: row.named("kind")?,
                ready: row.small("ready")?,
                due: row.small("due")?,
                running: row.small("running")?,
                failed: row.small("failed")?,
                oldest_due: row.maybe("oldest_due")?,
            })
        };
        found.iter().map(depth).collect()
    }
}
