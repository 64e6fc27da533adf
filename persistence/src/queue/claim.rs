//! Claiming: one statement that picks due jobs and puts them under a lease.
//!
//! Kinds are read in the order of their priority, each kind in the order its jobs became due, and reading stops when the
//! limit is reached; jobs that are not due yet are never touched, however many wait. A job on a lane is taken only if it is
//! the lane's first and nothing of the lane runs. Rows that another claim has locked are passed over.
//!
//! Two claims may still meet on a lane, when its first job appeared between their looking and their writing. The index on
//! running lanes then refuses the later one, which looks again.
//!
//! On PostgreSQL a claim commits without waiting for the disk (`synchronous_commit = off` for this statement alone). That is
//! safe: if the server loses it, the job is ready again, and who ran it meanwhile holds a lease that no row knows, so what
//! it reports is refused. What it reported before is durable, and with it the claim, which stands earlier in the same log.

use domain::id::JobId;
use domain::job::JobKind;
use domain::time::Timestamp;
use serde::Serialize;

use super::{Claim, ClaimedJob, Lease};
use crate::error::StoreError;
use crate::row::Row;
use crate::rows::{Dialect, Sql, rows};
use crate::store::{Run as _, Store};

/// The condition under which a due job may start.
macro_rules! free {
    () => {
        "jobs.kind = wanted.kind AND jobs.ready_at <= $1
         AND (jobs.lane IS NULL OR (
             NOT EXISTS (SELECT 1 FROM jobs busy WHERE busy.running_lane = jobs.lane)
             AND NOT EXISTS (SELECT 1 FROM jobs ahead
                 WHERE ahead.ready_lane = jobs.lane AND (ahead.ready_at, ahead.id) < (jobs.ready_at, jobs.id))))"
    };
}

/// Puts what `due` picked under a lease, or cancels it if its time is over.
macro_rules! take {
    ($others:literal) => {
        concat!(
            "UPDATE jobs SET
                 state = CASE WHEN expires_at <= $1 THEN 'cancelled' ELSE 'running' END,
                 lease_owner = CASE WHEN expires_at <= $1 THEN NULL ELSE $4 END,
                 lease_until = CASE WHEN expires_at <= $1 THEN NULL ELSE $5 END,
                 finished_at = CASE WHEN expires_at <= $1 THEN $1 END,
                 last_error = CASE WHEN expires_at <= $1 THEN 'it expired before it began' ELSE last_error END,
                 fence = fence + 1
             FROM due",
            $others,
            " WHERE jobs.id = due.id AND jobs.state = 'ready'
             RETURNING jobs.id, jobs.fence, jobs.payload, jobs.run_at, jobs.attempt, jobs.max_attempts,
                 jobs.finished_at"
        )
    };
}

/// `CROSS JOIN` makes SQLite read `wanted` first, in its order, and the limit ends the reading. A limit that is a bare
/// parameter would make it prepare the statement anew at every claim, because its planner looks at the value; hence `+ 0`.
static ON_SQLITE: Sql = Sql::new(concat!(
    "WITH due AS (
         SELECT jobs.id FROM rows($2: kind text) wanted
         CROSS JOIN jobs INDEXED BY jobs_ready
         WHERE ",
    free!(),
    " LIMIT $3 + 0
     ) ",
    take!("")
));

/// The join reads `wanted` in its order, locks what it takes from each kind, and the limit ends the reading.
static ON_POSTGRES: Sql = Sql::new(concat!(
    "WITH hastily AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)),
     due AS (
         SELECT picked.id FROM rows($2: kind text) wanted
         CROSS JOIN LATERAL (
             SELECT jobs.id FROM jobs
             WHERE ",
    free!(),
    "        ORDER BY jobs.ready_at, jobs.id LIMIT $3 FOR UPDATE OF jobs SKIP LOCKED
         ) picked
         LIMIT $3
     ) ",
    take!(", hastily")
));

/// How often a claim looks again after meeting another one on a lane.
const MEETINGS: u32 = 8;

#[derive(Serialize)]
struct Wanted {
    kind: &'static str,
}

impl Store {
    /// Leases up to `claim.limit` due jobs to a node: by priority, then by the time they were due. Jobs found expired are
    /// cancelled on the way. Nothing is returned only if nothing can start now.
    ///
    /// # Errors
    /// The database's own.
    pub async fn claim(&self, claim: &Claim<'_>, now: Timestamp) -> Result<Vec<ClaimedJob>, StoreError> {
        let mut meetings = 0;
        loop {
            match self.claim_once(claim, now).await {
                Ok((claimed, expired)) if expired == 0 || !claimed.is_empty() => return Ok(claimed),
                Ok(_) => {}
                Err(StoreError::Taken { .. }) if meetings < MEETINGS => meetings += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// What was claimed, and how many jobs were cancelled instead.
    async fn claim_once(
        &self,
        claim: &Claim<'_>,
        now: Timestamp,
    ) -> Result<(Vec<ClaimedJob>, usize), StoreError> {
        let operation = "claim jobs";
        let sql = match self.dialect() {
            Dialect::Sqlite => &ON_SQLITE,
            Dialect::Postgres => &ON_POSTGRES,
        };
        let values = [
            now.micros().into(),
            rows(operation, &wanted(claim.kinds))?,
            i64::from(claim.limit).into(),
            claim.node.into(),
            (now + claim.lease).micros().into(),
        ];
        let taken = self.at_once(operation).rows(sql, values).await?;
        let mut claimed = Vec::with_capacity(taken.len());
        for row in &taken {
            if row.maybe::<Timestamp>("finished_at")?.is_none() {
                claimed.push(claimed_job(row)?);
            }
        }
        let expired = taken.len() - claimed.len();
        claimed.sort_unstable_by_key(|claimed| {
            (claimed.job.kind().priority(), claimed.run_at, claimed.lease.job)
        });
        Ok((claimed, expired))
    }
}

fn wanted(kinds: &[JobKind]) -> Vec<Wanted> {
    let mut kinds = if kinds.is_empty() { JobKind::ALL.to_vec() } else { kinds.to_vec() };
    kinds.sort_unstable_by_key(|kind| kind.priority());
    kinds.into_iter().map(|kind| Wanted { kind: kind.as_str() }).collect()
}

fn claimed_job(row: &Row) -> Result<ClaimedJob, StoreError> {
    Ok(ClaimedJob {
        lease: Lease { job: row.get::<JobId>("id")?, fence: row.get("fence")? },
        job: row.json("payload")?,
        attempt: row.small::<u16>("attempt")?.saturating_add(1),
        max_attempts: row.small("max_attempts")?,
        run_at: row.get("run_at")?,
    })
}
