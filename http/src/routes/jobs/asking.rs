//! Retrying and cancelling a project's jobs, one or all that match a filter.

use domain::access::Right;
use domain::id::JobId;
use domain::job;
use persistence::queue::JobFilter;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object, OpenApi};

use super::{Job, JobKind, JobState, lane};
use crate::auth::Writer;
use crate::body::Body;
use crate::gateway::Gateway;
use crate::problem::Failure;
use crate::routes::{Found, Part};

/// What may be asked of jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::job::Wish", rename_all = "snake_case")]
enum JobWish {
    /// Run each that failed or was cancelled again.
    Retry,
    /// Do not run those that wait.
    Cancel,
}

/// Which jobs are meant; what is left out narrows nothing.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct JobSelection {
    /// Of one of these kinds.
    #[oai(default, validator(max_items = 10))]
    kinds: Vec<JobKind>,
    /// In one of these states; of these, only those count that the wish fits.
    #[oai(default, validator(max_items = 5))]
    states: Vec<JobState>,
    /// On the lane of this account.
    lane_account_id: Option<i64>,
    /// On the lane of this channel.
    lane_channel_id: Option<i64>,
}

/// What is to be counted.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct JobCountRequest {
    /// What is to be asked of the jobs.
    wish: JobWish,
    /// Which jobs are meant.
    filter: JobSelection,
}

/// How many jobs are meant.
#[derive(Debug, Object)]
#[oai(example)]
struct JobCount {
    /// How many there are that the wish fits.
    count: u64,
}

/// What is asked of all jobs that are meant.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct JobSweep {
    /// Which jobs are meant, exactly as they were counted.
    filter: JobSelection,
    /// How many there were, at most 100,000: narrow the filter if there are more.
    #[oai(validator(maximum(value = "100000")))]
    expected: u32,
}

/// What became of the jobs that were meant.
#[derive(Debug, Object)]
#[oai(example)]
struct JobSweepReport {
    /// How many were changed.
    applied: u64,
    /// How many were not: they ran or ended meanwhile, or another job has taken their place.
    left: u64,
}

impl JobSelection {
    fn filter(self) -> Result<JobFilter, Failure> {
        Ok(JobFilter {
            kinds: self.kinds.into_iter().map(Into::into).collect(),
            states: self.states.into_iter().map(Into::into).collect(),
            lane: lane(self.lane_account_id, self.lane_channel_id)?,
        })
    }
}

impl Example for JobSelection {
    fn example() -> Self {
        let kinds = vec![JobKind::WriteDraft];
        Self { kinds, states: vec![JobState::Failed], lane_account_id: None, lane_channel_id: None }
    }
}

impl Example for JobCountRequest {
    fn example() -> Self {
        Self { wish: JobWish::Retry, filter: JobSelection::example() }
    }
}

impl Example for JobCount {
    fn example() -> Self {
        Self { count: 3 }
    }
}

impl Example for JobSweep {
    fn example() -> Self {
        Self { filter: JobSelection::example(), expected: 3 }
    }
}

impl Example for JobSweepReport {
    fn example() -> Self {
        Self { applied: 3, left: 0 }
    }
}

pub(crate) struct AskingApi;

#[OpenApi(tag = "Part::Jobs")]
impl AskingApi {
    /// Retry a job
    ///
    /// Runs a job again that failed or was cancelled, with all its attempts. What it is about is checked anew when it runs.
    #[oai(
        path = "/api/v1/projects/:project_id/jobs/:job_id/retry",
        method = "post",
        operation_id = "retryJob"
    )]
    async fn retry(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The job.
        job_id: Path<i64>,
    ) -> Result<Found<Job>, Failure> {
        ask(&gateway, &caller, project_id.0, job_id.0, job::Wish::Retry).await
    }

    /// Cancel a job
    ///
    /// Takes a job back that waits. It decides nothing about what the job was for: a comment whose send was cancelled
    /// expires unless it is cancelled itself. A channel's audits cannot be cancelled; pause the channel instead.
    #[oai(
        path = "/api/v1/projects/:project_id/jobs/:job_id/cancellation",
        method = "post",
        operation_id = "cancelJob"
    )]
    async fn cancel(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The job.
        job_id: Path<i64>,
    ) -> Result<Found<Job>, Failure> {
        ask(&gateway, &caller, project_id.0, job_id.0, job::Wish::Cancel).await
    }

    /// Count the jobs that a wish is meant for
    ///
    /// Tells how many jobs match a filter, of those that the wish fits. Send the number with the wish itself.
    #[oai(path = "/api/v1/projects/:project_id/jobs/count", method = "post", operation_id = "countJobs")]
    async fn count(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        body: Body<JobCountRequest>,
    ) -> Result<Found<JobCount>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let JobCountRequest { wish, filter } = body.0;
        let count = gateway.store.count_jobs_for(project, wish.into(), &filter.filter()?).await?;
        Ok(Found::Whole(Json(JobCount { count })))
    }

    /// Retry all jobs that match
    ///
    /// Runs every job again that matches the filter and failed or was cancelled. If they are not as many as expected any more,
    /// nothing happens and the problem says how many there are.
    #[oai(path = "/api/v1/projects/:project_id/jobs/retries", method = "post", operation_id = "retryJobs")]
    async fn retry_all(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        body: Body<JobSweep>,
    ) -> Result<Found<JobSweepReport>, Failure> {
        ask_all(&gateway, &caller, project_id.0, job::Wish::Retry, body.0).await
    }

    /// Cancel all jobs that match
    ///
    /// Takes back every job that matches the filter and waits, but for audits of channels. If they are not as many as expected
    /// any more, nothing happens and the problem says how many there are.
    #[oai(
        path = "/api/v1/projects/:project_id/jobs/cancellations",
        method = "post",
        operation_id = "cancelJobs"
    )]
    async fn cancel_all(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        body: Body<JobSweep>,
    ) -> Result<Found<JobSweepReport>, Failure> {
        ask_all(&gateway, &caller, project_id.0, job::Wish::Cancel, body.0).await
    }
}

async fn ask(
    gateway: &Gateway,
    caller: &Writer,
    project: i64,
    job: i64,
    wish: job::Wish,
) -> Result<Found<Job>, Failure> {
    let project = caller.project(gateway, project, Right::Edit).await?.id;
    let asked = gateway.store.ask_of_job(project, JobId(job), wish, caller.user(), gateway.now()).await?;
    Ok(Found::Whole(Json(asked.into())))
}

async fn ask_all(
    gateway: &Gateway,
    caller: &Writer,
    project: i64,
    wish: job::Wish,
    JobSweep { filter, expected }: JobSweep,
) -> Result<Found<JobSweepReport>, Failure> {
    let project = caller.project(gateway, project, Right::Edit).await?.id;
    let (filter, by, now) = (filter.filter()?, caller.user(), gateway.now());
    let meant = (&filter, u64::from(expected));
    let applied = gateway.store.ask_of_jobs(project, wish, meant, by, now).await?;
    Ok(Found::Whole(Json(JobSweepReport { applied, left: u64::from(expected) - applied })))
}
