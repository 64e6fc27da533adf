//! What a node reports about the jobs it runs. Every report shows a lease and counts only while the lease is the job's own.

use std::borrow::Cow;
use std::collections::HashSet;

use domain::id::JobId;
use domain::job::Job;
use domain::time::Timestamp;
use sea_orm::Value;
use serde::Serialize;

use super::{Failure, Lease, NewJob};
use crate::error::StoreError;
use crate::rows::{Sql, rows, storable};
use crate::store::{Run, Store, Tx};

/// A job is reported on by whoever holds its lease, and by no one else.
macro_rules! own {
    () => {
        " WHERE jobs.id = r.id AND jobs.fence = r.fence AND jobs.lease_owner = $2 "
    };
}

/// What the rows returned say: which jobs were changed, and whether that lets another job start.
macro_rules! returning {
    ($starts:literal) => {
        concat!(
            "RETURNING jobs.id, ",
            $starts,
            " AS starts{, CASE WHEN ",
            $starts,
            " THEN (SELECT pg_notify('beseda_jobs', '')) END}"
        )
    };
}

static FINISH: Sql = Sql::new(concat!(
    "UPDATE jobs SET state = 'done', finished_at = $3, lease_owner = NULL, lease_until = NULL
     FROM rows($1: id bigint, fence bigint) r",
    own!(),
    returning!("jobs.lane IS NOT NULL")
));

static FAIL: Sql = Sql::new(concat!(
    "UPDATE jobs SET
         state = CASE WHEN r.retry_at IS NULL OR jobs.attempt + 1 >= jobs.max_attempts THEN 'failed' ELSE 'ready' END,
         finished_at = CASE WHEN r.retry_at IS NULL OR jobs.attempt + 1 >= jobs.max_attempts THEN $3 END,
         run_at = COALESCE(r.retry_at, jobs.run_at),
         attempt = jobs.attempt + 1, last_error = r.error, lease_owner = NULL, lease_until = NULL
     FROM rows($1: id bigint, fence bigint, error text, retry_at bigint) r",
    own!(),
    returning!("true")
));

static RESCHEDULE: Sql = Sql::new(concat!(
    "UPDATE jobs SET state = 'ready', run_at = r.run_at, lease_owner = NULL, lease_until = NULL
     FROM rows($1: id bigint, fence bigint, run_at bigint) r",
    own!(),
    returning!("true")
));

static FOLLOW: Sql = Sql::new(concat!(
    "UPDATE jobs SET state = 'ready', payload = r.payload, run_at = r.run_at, expires_at = r.expires_at, attempt = 0,
         last_error = NULL, lease_owner = NULL, lease_until = NULL
     FROM rows($1: id bigint, fence bigint, payload text, run_at bigint, expires_at bigint) r",
    own!(),
    returning!("true")
));

static EXTEND: Sql = Sql::new(concat!(
    "UPDATE jobs SET lease_until = $3
     FROM rows($1: id bigint, fence bigint) r",
    own!(),
    "RETURNING jobs.id, false AS starts"
));

#[derive(Serialize)]
struct LeaseRow {
    id: JobId,
    fence: i64,
}

#[derive(Serialize)]
struct FailureRow<'a> {
    id: JobId,
    fence: i64,
    error: Cow<'a, str>,
    retry_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct LaterRow {
    id: JobId,
    fence: i64,
    run_at: Timestamp,
}

#[derive(Serialize)]
struct FollowRow {
    id: JobId,
    fence: i64,
    payload: Job,
    run_at: Timestamp,
    expires_at: Option<Timestamp>,
}

/// The answer to a report; of nothing, nothing.
#[derive(Default)]
struct Report {
    accepted: HashSet<JobId>,
    /// Whether another job can start now, or earlier than it could.
    starts: bool,
}

impl Store {
    /// Marks jobs as done. Returns those whose lease was still valid; for the others nothing is written.
    ///
    /// # Errors
    /// The database's own.
    pub async fn finish(
        &self,
        node: &str,
        leases: &[Lease],
        now: Timestamp,
    ) -> Result<HashSet<JobId>, StoreError> {
        let report = finish(&self.at_once("finish jobs"), node, leases, now).await?;
        Ok(self.told(report))
    }

    /// Reports failed attempts: a job is tried again at its `retry_at`, or kept as failed if there is none or no attempt
    /// is left. Returns those whose lease was still valid.
    ///
    /// # Errors
    /// The database's own.
    pub async fn fail(
        &self,
        node: &str,
        failures: &[Failure],
        now: Timestamp,
    ) -> Result<HashSet<JobId>, StoreError> {
        let report = fail(&self.at_once("fail jobs"), node, failures, now).await?;
        Ok(self.told(report))
    }

    /// Puts jobs back until a later time, which counts as no attempt. Returns those whose lease was still valid.
    ///
    /// # Errors
    /// The database's own.
    pub async fn reschedule(
        &self,
        node: &str,
        later: &[(Lease, Timestamp)],
    ) -> Result<HashSet<JobId>, StoreError> {
        let report = reschedule(&self.at_once("reschedule jobs"), node, later).await?;
        Ok(self.told(report))
    }

    /// Moves the end of leases, for work that takes long. Returns those whose lease was still valid.
    ///
    /// # Errors
    /// The database's own.
    pub async fn extend(
        &self,
        node: &str,
        leases: &[Lease],
        until: Timestamp,
    ) -> Result<HashSet<JobId>, StoreError> {
        let run = self.at_once("extend leases");
        let values = [rows(run.operation(), &lease_rows(leases))?, node.into(), until.micros().into()];
        Ok(settle(&run, &EXTEND, values).await?.accepted)
    }

    fn told(&self, report: Report) -> HashSet<JobId> {
        if report.starts {
            self.wake();
        }
        report.accepted
    }
}

/// [`Store::finish`] within a transaction.
pub(crate) async fn finish_in(
    tx: &Tx,
    node: &str,
    leases: &[Lease],
    now: Timestamp,
) -> Result<HashSet<JobId>, StoreError> {
    Ok(told_in(tx, finish(tx, node, leases, now).await?))
}

/// [`Store::fail`] within a transaction.
pub(crate) async fn fail_in(
    tx: &Tx,
    node: &str,
    failures: &[Failure],
    now: Timestamp,
) -> Result<HashSet<JobId>, StoreError> {
    Ok(told_in(tx, fail(tx, node, failures, now).await?))
}

/// [`Store::reschedule`] within a transaction.
pub(crate) async fn reschedule_in(
    tx: &Tx,
    node: &str,
    later: &[(Lease, Timestamp)],
) -> Result<HashSet<JobId>, StoreError> {
    Ok(told_in(tx, reschedule(tx, node, later).await?))
}

/// Ends jobs within a transaction, each by making its row that of another job of the same kind and lane: the next of a
/// chain needs no row of its own. Returns those whose lease was still valid.
pub(crate) async fn follow_in(
    tx: &Tx,
    node: &str,
    following: &[(Lease, NewJob)],
) -> Result<HashSet<JobId>, StoreError> {
    if following.is_empty() {
        return Ok(HashSet::new());
    }
    let row = |(lease, next): &(Lease, NewJob)| FollowRow {
        id: lease.job,
        fence: lease.fence,
        payload: next.job,
        run_at: next.run_at,
        expires_at: next.expires_at,
    };
    let following: Vec<_> = following.iter().map(row).collect();
    let report = settle(tx, &FOLLOW, [rows(tx.operation(), &following)?, node.into()]).await?;
    Ok(told_in(tx, report))
}

fn told_in(tx: &Tx, report: Report) -> HashSet<JobId> {
    if report.starts {
        tx.wake_on_commit();
    }
    report.accepted
}

async fn finish(run: &impl Run, node: &str, leases: &[Lease], now: Timestamp) -> Result<Report, StoreError> {
    if leases.is_empty() {
        return Ok(Report::default());
    }
    let values = [rows(run.operation(), &lease_rows(leases))?, node.into(), now.micros().into()];
    settle(run, &FINISH, values).await
}

async fn fail<'a>(
    run: &impl Run,
    node: &str,
    failures: &'a [Failure],
    now: Timestamp,
) -> Result<Report, StoreError> {
    if failures.is_empty() {
        return Ok(Report::default());
    }
    let row = |failure: &'a Failure| FailureRow {
        id: failure.lease.job,
        fence: failure.lease.fence,
        error: storable(&failure.error),
        retry_at: failure.retry_at,
    };
    let failures: Vec<_> = failures.iter().map(row).collect();
    let values = [rows(run.operation(), &failures)?, node.into(), now.micros().into()];
    settle(run, &FAIL, values).await
}

async fn reschedule(run: &impl Run, node: &str, later: &[(Lease, Timestamp)]) -> Result<Report, StoreError> {
    if later.is_empty() {
        return Ok(Report::default());
    }
    let row = |&(lease, run_at): &(Lease, Timestamp)| LaterRow { id: lease.job, fence: lease.fence, run_at };
    let later: Vec<_> = later.iter().map(row).collect();
    settle(run, &RESCHEDULE, [rows(run.operation(), &later)?, node.into()]).await
}

fn lease_rows(leases: &[Lease]) -> Vec<LeaseRow> {
    leases.iter().map(|lease| LeaseRow { id: lease.job, fence: lease.fence }).collect()
}

async fn settle<const N: usize>(run: &impl Run, sql: &Sql, values: [Value; N]) -> Result<Report, StoreError> {
    let mut report = Report::default();
    for row in &run.rows(sql, values).await? {
        report.accepted.insert(row.get("id")?);
        report.starts = report.starts || row.get("starts")?;
    }
    Ok(report)
}
