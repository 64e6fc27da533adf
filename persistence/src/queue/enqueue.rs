//! Putting jobs into the queue.

use domain::id::{ChannelId, CommentId, JobId, ProjectId};
use domain::job::Job;
use domain::time::Timestamp;
use sea_orm::Value;
use serde::Serialize;

use super::NewJob;
use crate::error::StoreError;
use crate::row::Row;
use crate::rows::{Sql, rows};
use crate::store::{Run, Store, Tx};

macro_rules! insert {
    () => {
        "INSERT INTO jobs (kind, payload, project_id, lane, state, run_at, expires_at, max_attempts, unique_key)
         SELECT r.kind, r.payload,
             CASE WHEN r.project IS NOT NULL THEN (SELECT p.id FROM projects p WHERE p.id = r.project)
                 WHEN r.comment IS NOT NULL THEN (SELECT c.project_id FROM comments c WHERE c.id = r.comment)
                 WHEN r.channel IS NOT NULL THEN (SELECT ch.project_id FROM channels ch WHERE ch.id = r.channel)
             END,
             r.lane, 'ready', r.run_at, r.expires_at, r.max_attempts, r.unique_key
         FROM rows($1: kind text, payload text, project bigint, comment bigint, channel bigint, lane text,
             run_at bigint, expires_at bigint, max_attempts bigint, unique_key text) r
         WHERE true
         ON CONFLICT (pending_key) WHERE pending_key IS NOT NULL DO NOTHING"
    };
}

/// What nobody asks the ids of.
static ENQUEUE_AT_COMMIT: Sql =
    Sql::new(concat!(insert!(), "{ RETURNING (SELECT pg_notify('beseda_jobs', ''))}"));

/// Both databases read an array from its beginning, so that ids rise in the order of the slice: see [`ids_of`].
static ENQUEUE: Sql =
    Sql::new(concat!(insert!(), " RETURNING id, unique_key{, (SELECT pg_notify('beseda_jobs', ''))}"));

#[derive(Serialize)]
struct NewRow<'a> {
    kind: &'static str,
    payload: Job,
    #[serde(flatten)]
    owner: Owner,
    lane: Option<String>,
    run_at: Timestamp,
    expires_at: Option<Timestamp>,
    max_attempts: u16,
    unique_key: Option<&'a str>,
}

/// What tells which project a job belongs to; none, if that is not there any more.
#[derive(Default, Serialize)]
struct Owner {
    project: Option<ProjectId>,
    comment: Option<CommentId>,
    channel: Option<ChannelId>,
}

impl Owner {
    fn of(job: &Job) -> Self {
        match *job {
            Job::PlanPost { project, .. } | Job::PlanAnswer { project, .. } => {
                Self { project: Some(project), ..Self::default() }
            }
            Job::WriteDraft { comment } | Job::SendComment { comment, .. } => {
                Self { comment: Some(comment), ..Self::default() }
            }
            Job::ObserveComment { channel, .. } | Job::AuditChannel { channel } => {
                Self { channel: Some(channel), ..Self::default() }
            }
            Job::Noop { .. } => Self::default(),
        }
    }
}

impl Store {
    /// Adds jobs and wakes who claims them. Returns each one's id in the order of `jobs`, or `None` for a job that was not
    /// added because an unfinished one has its key.
    ///
    /// # Errors
    /// The database's own.
    pub async fn enqueue(&self, jobs: &[NewJob]) -> Result<Vec<Option<JobId>>, StoreError> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        let ids = enqueue(&self.at_once("enqueue jobs"), jobs).await?;
        self.wake();
        Ok(ids)
    }
}

/// Adds jobs with the commit of a transaction, which wakes who claims them. One that has the key of an unfinished job is
/// not added.
pub(crate) fn enqueue_in(tx: &Tx, jobs: &[NewJob]) -> Result<(), StoreError> {
    if !jobs.is_empty() {
        tx.wake_on_commit();
        tx.at_commit(&ENQUEUE_AT_COMMIT, [new_rows(tx.operation(), jobs)?]);
    }
    Ok(())
}

async fn enqueue(run: &impl Run, jobs: &[NewJob]) -> Result<Vec<Option<JobId>>, StoreError> {
    ids_of(jobs, &run.rows(&ENQUEUE, [new_rows(run.operation(), jobs)?]).await?)
}

fn new_rows(operation: &'static str, jobs: &[NewJob]) -> Result<Value, StoreError> {
    let new: Vec<_> = jobs
        .iter()
        .map(|new| NewRow {
            kind: new.job.kind().as_str(),
            payload: new.job,
            owner: Owner::of(&new.job),
            lane: new.job.lane().map(|lane| lane.to_string()),
            run_at: new.run_at,
            expires_at: new.expires_at,
            max_attempts: new.job.kind().max_attempts(),
            unique_key: new.unique_key.as_deref(),
        })
        .collect();
    rows(operation, &new)
}

/// Matches the added rows with the jobs they came from: ids rise in the order of the jobs, and only one with a key can be
/// missing.
fn ids_of(jobs: &[NewJob], added: &[Row]) -> Result<Vec<Option<JobId>>, StoreError> {
    let mut pairs = Vec::with_capacity(added.len());
    for row in added {
        pairs.push((row.get::<JobId>("id")?, row.maybe::<String>("unique_key")?));
    }
    pairs.sort_unstable();
    let mut pairs = pairs.into_iter().peekable();
    let next = |new: &NewJob| pairs.next_if(|(_, key)| *key == new.unique_key).map(|(id, _)| id);
    Ok(jobs.iter().map(next).collect())
}
