//! A project's jobs as people see them, and what they may ask of them.
//!
//! Retrying gives a job back all its attempts; what it is about is checked again when it runs, so a job that was retried
//! does nothing that the rules do not allow by then. Cancelling a job decides nothing about what it was for: a comment whose
//! send was cancelled expires unless it is cancelled itself.

use domain::id::{JobId, ProjectId, UserId};
use domain::job::{Job, JobKind, JobState, Lane, Wish};
use domain::time::Timestamp;
use sea_orm::Value;

use super::recover::{cancel_in, retry_in};
use crate::error::StoreError;
use crate::outbox::{Actor, AuditEntry, audit};
use crate::row::Row;
use crate::rows::{Sql, name_of};
use crate::store::{Run as _, Store, Tx};

/// How many jobs one transaction changes.
const BATCH: usize = 500;

/// The condition of [`JobFilter`] on a table called `j`, with the parameters of [`JobFilter::values`].
macro_rules! matching {
    () => {
        " FROM jobs j WHERE j.project_id = $1 AND j.id < $5
             AND ($2 = '' OR $2 LIKE '%|' || j.kind || '|%') AND ($3 = '' OR $3 LIKE '%|' || j.state || '|%')
             AND ($4 = '' OR j.lane = $4)
          ORDER BY j.id DESC LIMIT $6"
    };
}

macro_rules! columns {
    () => {
        "SELECT j.id, j.payload, j.lane, j.state, j.run_at, j.expires_at, j.attempt, j.max_attempts, j.lease_owner,
             j.lease_until, j.last_error, j.finished_at"
    };
}

static LIST: Sql = Sql::new(concat!(columns!(), matching!()));

static COUNT: Sql = Sql::new(concat!("SELECT count(*) AS count FROM (SELECT j.id", matching!(), ") found"));

static IDS: Sql = Sql::new(concat!("SELECT j.id", matching!()));

static ONE: Sql =
    Sql::new(concat!(columns!(), " FROM jobs j WHERE j.id = $1 AND j.project_id = $2 {FOR UPDATE}"));

/// Which jobs of a project are meant. The default means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Of one of these kinds; empty for any.
    pub kinds: Vec<JobKind>,
    /// In one of these states; empty for any.
    pub states: Vec<JobState>,
    /// On this lane.
    pub lane: Option<Lane>,
}

/// A job as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedJob {
    /// Its row, which is also its place in the list.
    pub id: JobId,
    /// What is to be done.
    pub job: Job,
    /// The lane it runs on, such as `account:4`.
    pub lane: Option<String>,
    /// Where it is in its life.
    pub state: JobState,
    /// When it is due, or was.
    pub run_at: Timestamp,
    /// From when on it must not begin any more.
    pub expires_at: Option<Timestamp>,
    /// How many attempts failed.
    pub attempt: u16,
    /// After how many failed attempts it is given up.
    pub max_attempts: u16,
    /// The node that runs it, and until when it is that node's.
    pub lease: Option<(String, Timestamp)>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl JobFilter {
    /// The same filter, but only jobs that a wish fits; `None` if it admits none of them.
    fn fitting(&self, wish: Wish) -> Option<Self> {
        let state = |state: &JobState| self.states.is_empty() || self.states.contains(state);
        let states: Vec<_> = wish.states().iter().copied().filter(state).collect();
        let kind = |kind: &JobKind| self.kinds.is_empty() || self.kinds.contains(kind);
        let kinds: Vec<_> = wish.kinds().filter(kind).collect();
        (!states.is_empty() && !kinds.is_empty()).then_some(Self { kinds, states, lane: self.lane })
    }

    /// What the statements compare with: a page of those below `before`, at most `limit`.
    fn values(&self, project: ProjectId, before: Option<JobId>, limit: u32) -> [Value; 6] {
        [
            project.get().into(),
            any_of(self.kinds.iter().map(|kind| kind.as_str())).into(),
            any_of(self.states.iter().map(|state| state.as_str())).into(),
            self.lane.map(|lane| lane.to_string()).unwrap_or_default().into(),
            before.map_or(i64::MAX, JobId::get).into(),
            i64::from(limit).into(),
        ]
    }
}

/// `|one|other|`, or nothing for any.
fn any_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: String = names.map(|name| format!("{name}|")).collect();
    if names.is_empty() { names } else { format!("|{names}") }
}

impl Store {
    /// The jobs of a project that a filter means, latest first, below `before`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list_jobs(
        &self,
        project: ProjectId,
        filter: &JobFilter,
        before: Option<JobId>,
        limit: u32,
    ) -> Result<Vec<ListedJob>, StoreError> {
        let found = self.read("list jobs").rows(&LIST, filter.values(project, before, limit)).await?;
        found.iter().map(read_job).collect()
    }

    /// A job.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such job.
    pub async fn job(&self, project: ProjectId, job: JobId) -> Result<ListedJob, StoreError> {
        find(&self.at_once("read a job"), project, job).await
    }

    /// Asks something of a job, and returns it as it is then.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such job, [`StoreError::Job`] when it cannot be asked this,
    /// [`StoreError::Overtaken`] when another job has taken its place, or the queue changed it meanwhile.
    pub async fn ask_of_job(
        &self,
        project: ProjectId,
        job: JobId,
        wish: Wish,
        by: UserId,
        now: Timestamp,
    ) -> Result<ListedJob, StoreError> {
        let operation = match wish {
            Wish::Retry => "retry a job",
            Wish::Cancel => "cancel a job",
        };
        let tx = self.begin(operation).await?;
        let found = find(&tx, project, job).await?;
        wish.check(found.job.kind(), found.state).map_err(|source| StoreError::Job { operation, source })?;
        if grant(&tx, &[job], wish, now).await? == 0 {
            return Err(StoreError::Overtaken { operation });
        }
        tell(&tx, project, by, wish, format!("job {job}"), name_of(found.job.kind()), now).await?;
        let asked = find(&tx, project, job).await?;
        tx.commit().await?;
        Ok(asked)
    }

    /// How many jobs of a project a filter means, of those that a wish fits.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn count_jobs_for(
        &self,
        project: ProjectId,
        wish: Wish,
        filter: &JobFilter,
    ) -> Result<u64, StoreError> {
        let Some(filter) = filter.fitting(wish) else { return Ok(0) };
        let row = self.read("count jobs").row(&COUNT, filter.values(project, None, u32::MAX)).await?;
        row.map_or(Ok(0), |row| row.small("count"))
    }

    /// Asks something of all jobs that a filter means, in bounded batches. Returns how many did it: those that ran or ended
    /// meanwhile, or whose place another job has taken, did not.
    ///
    /// # Errors
    /// [`StoreError::Miscounted`] when there are more or fewer than `expected`; nothing was done then.
    pub async fn ask_of_jobs(
        &self,
        project: ProjectId,
        wish: Wish,
        (filter, expected): (&JobFilter, u64),
        by: UserId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let operation = "change jobs";
        let count = self.count_jobs_for(project, wish, filter).await?;
        if count != expected {
            return Err(StoreError::Miscounted { operation, count });
        }
        let Some(filter) = filter.fitting(wish) else { return Ok(0) };
        let limit = u32::try_from(expected).unwrap_or(u32::MAX);
        let found = self.read(operation).rows(&IDS, filter.values(project, None, limit)).await?;
        let ids: Vec<JobId> = found.iter().map(|row| row.get("id")).collect::<Result<_, _>>()?;
        let mut done = 0;
        for ids in ids.chunks(BATCH) {
            let tx = self.begin(operation).await?;
            let granted = grant(&tx, ids, wish, now).await?;
            if granted > 0 {
                tell(&tx, project, by, wish, "jobs".to_owned(), granted.to_string(), now).await?;
            }
            tx.commit().await?;
            done += granted;
        }
        Ok(done)
    }
}

async fn grant(tx: &Tx, jobs: &[JobId], wish: Wish, now: Timestamp) -> Result<u64, StoreError> {
    match wish {
        Wish::Retry => retry_in(tx, jobs, now).await,
        Wish::Cancel => cancel_in(tx, jobs, now).await,
    }
}

async fn find(run: &impl crate::store::Run, project: ProjectId, job: JobId) -> Result<ListedJob, StoreError> {
    let missing = StoreError::NotFound { operation: run.operation(), what: "job" };
    read_job(&run.row(&ONE, [job.get().into(), project.get().into()]).await?.ok_or(missing)?)
}

async fn tell(
    tx: &Tx,
    project: ProjectId,
    by: UserId,
    wish: Wish,
    subject: String,
    what: String,
    at: Timestamp,
) -> Result<(), StoreError> {
    let action = match wish {
        Wish::Retry => "jobs.retried",
        Wish::Cancel => "jobs.cancelled",
    };
    let detail = serde_json::json!({ "jobs": what }).to_string();
    let (actor, action) = (Actor::User(by), action.to_owned());
    audit(tx, &AuditEntry { actor, project: Some(project), action, subject, detail, at }).await
}

fn read_job(row: &Row) -> Result<ListedJob, StoreError> {
    Ok(ListedJob {
        id: row.get("id")?,
        job: row.json("payload")?,
        lane: row.maybe("lane")?,
        state: row.named("state")?,
        run_at: row.get("run_at")?,
        expires_at: row.maybe("expires_at")?,
        attempt: row.small("attempt")?,
        max_attempts: row.small("max_attempts")?,
        lease: row.maybe::<String>("lease_owner")?.zip(row.maybe("lease_until")?),
        last_error: row.maybe("last_error")?,
        finished_at: row.maybe("finished_at")?,
    })
}
