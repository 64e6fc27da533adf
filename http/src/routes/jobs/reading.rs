//! Finding a project's jobs.

use domain::access::Right;
use domain::id::JobId;
use persistence::queue::JobFilter;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::{Job, JobKind, JobState, lane};
use crate::auth::Reader;
use crate::gateway::Gateway;
use crate::page::{self, List};
use crate::problem::Failure;
use crate::routes::{Found, Part};

/// Some jobs, the latest first.
#[derive(Debug, Object)]
#[oai(example)]
struct JobPage {
    /// The jobs.
    items: Vec<Job>,
    /// The cursor of the following page; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    next: Option<String>,
}

impl Example for JobPage {
    fn example() -> Self {
        Self { items: vec![Job::example()], next: Some("kq3vGdZyW8Q4OA".into()) }
    }
}

pub(crate) struct ReadingApi;

#[OpenApi(tag = "Part::Jobs")]
impl ReadingApi {
    /// List the jobs of a project
    ///
    /// What waits, runs or has ended, the latest job first. Jobs that ended well or were cancelled are kept for some days;
    /// those that failed are kept until they are retried.
    #[oai(path = "/api/v1/projects/:project_id/jobs", method = "get", operation_id = "listJobs")]
    #[expect(clippy::too_many_arguments, reason = "each is a filter of its own in the address")]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// Only jobs of one of these kinds.
        #[oai(default, validator(max_items = 10))]
        kind: Query<Vec<JobKind>>,
        /// Only jobs in one of these states.
        #[oai(default, validator(max_items = 5))]
        state: Query<Vec<JobState>>,
        /// Only jobs on the lane of this account.
        lane_account_id: Query<Option<i64>>,
        /// Only jobs on the lane of this channel.
        lane_channel_id: Query<Option<i64>>,
        /// `next` of the page before; left out, the list begins with the latest.
        after: Query<Option<String>>,
        /// The most jobs to return, 1 to 200.
        #[oai(default = "page::usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<JobPage>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let filter = JobFilter {
            kinds: kind.0.into_iter().map(Into::into).collect(),
            states: state.0.into_iter().map(Into::into).collect(),
            lane: lane(lane_account_id.0, lane_channel_id.0)?,
        };
        let list = List::of("jobs").by("project", Some(project)).by("filter", Some(format!("{filter:?}")));
        let after = list.position::<i64>(after.as_deref())?.map(JobId);
        let jobs = gateway.store.list_jobs(project, &filter, after, limit.0 + 1).await?;
        let (items, next) = list.cut(jobs, limit.0, |job| job.id.get());
        Ok(Found::Whole(Json(JobPage { items: items.into_iter().map(Job::from).collect(), next })))
    }

    /// Get a job
    ///
    /// One job, with what went wrong last.
    #[oai(path = "/api/v1/projects/:project_id/jobs/:job_id", method = "get", operation_id = "getJob")]
    async fn get(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The job.
        job_id: Path<i64>,
    ) -> Result<Found<Job>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        Ok(Found::Whole(Json(gateway.store.job(project, JobId(job_id.0)).await?.into())))
    }
}
