//! `/api/v1/projects/{project_id}/jobs`: the work of a project that waits, runs, or has ended, and what may be asked of it.

mod asking;
mod reading;

use chrono::{DateTime, Utc};
use domain::job::{self, Lane};
use domain::time::Timestamp;
use persistence::queue::ListedJob;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};

use crate::moment::moment;
use crate::problem::{Failure, FieldError};
use asking::AskingApi;
use reading::ReadingApi;

/// All of it.
pub(crate) type JobsApi = (ReadingApi, AskingApi);

/// All of it, to be served.
pub(crate) const JOBS: JobsApi = (ReadingApi, AskingApi);

/// What a job is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::job::JobKind", rename_all = "snake_case")]
pub(super) enum JobKind {
    /// Decide whether and how to open the conversation under a post.
    PlanPost,
    /// Decide whether and how to answer a reader.
    PlanAnswer,
    /// Write the next draft of a comment.
    WriteDraft,
    /// Send a comment.
    SendComment,
    /// Look whether a sent comment still stands.
    ObserveComment,
    /// Fetch what a channel's updates left out.
    AuditChannel,
    /// Nothing, for measuring the queue.
    Noop,
}

/// Where a job is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::job::JobState", rename_all = "snake_case")]
enum JobState {
    /// It waits, due or not.
    Ready,
    /// It runs.
    Running,
    /// It ended well.
    Done,
    /// It ran out of attempts.
    Failed,
    /// It was taken back, or its time was over before it began.
    Cancelled,
}

/// A job.
#[derive(Debug, Object)]
#[oai(example)]
struct Job {
    /// Its id here.
    id: i64,
    /// What it is to do.
    kind: JobKind,
    /// Where it is in its life.
    state: JobState,
    /// The post it is about, by its id here.
    #[oai(skip_serializing_if_is_none)]
    post_id: Option<i64>,
    /// The reader's message it is about, by its id here.
    #[oai(skip_serializing_if_is_none)]
    message_id: Option<i64>,
    /// The comment it is about, by its id here.
    #[oai(skip_serializing_if_is_none)]
    comment_id: Option<i64>,
    /// The account that does it, by its id here.
    #[oai(skip_serializing_if_is_none)]
    account_id: Option<i64>,
    /// The channel it is about, by its id here.
    #[oai(skip_serializing_if_is_none)]
    channel_id: Option<i64>,
    /// Its lane: of those on one lane, one runs at a time.
    #[oai(skip_serializing_if_is_none)]
    lane: Option<String>,
    /// When it is due, or was.
    run_at: DateTime<Utc>,
    /// From when on it must not begin any more.
    #[oai(skip_serializing_if_is_none)]
    expires_at: Option<DateTime<Utc>>,
    /// How many attempts failed.
    attempts: u16,
    /// After how many it is given up.
    max_attempts: u16,
    /// The node that runs it.
    #[oai(skip_serializing_if_is_none)]
    node: Option<String>,
    /// Until when that node has to report.
    #[oai(skip_serializing_if_is_none)]
    lease_until: Option<DateTime<Utc>>,
    /// What went wrong last, if anything did.
    #[oai(skip_serializing_if_is_none)]
    last_error: Option<String>,
    /// When it ended.
    #[oai(skip_serializing_if_is_none)]
    finished_at: Option<DateTime<Utc>>,
}

impl From<ListedJob> for Job {
    fn from(listed: ListedJob) -> Self {
        let (node, until) = listed.lease.unzip();
        let job = Self {
            id: listed.id.get(),
            kind: listed.job.kind().into(),
            state: listed.state.into(),
            post_id: None,
            message_id: None,
            comment_id: None,
            account_id: None,
            channel_id: None,
            lane: listed.lane,
            run_at: moment(listed.run_at),
            expires_at: listed.expires_at.map(moment),
            attempts: listed.attempt,
            max_attempts: listed.max_attempts,
            node,
            lease_until: until.map(moment),
            last_error: listed.last_error,
            finished_at: listed.finished_at.map(moment),
        };
        match listed.job {
            job::Job::PlanPost { post, .. } => Self { post_id: Some(post.get()), ..job },
            job::Job::PlanAnswer { message, .. } => Self { message_id: Some(message.get()), ..job },
            job::Job::WriteDraft { comment } => Self { comment_id: Some(comment.get()), ..job },
            job::Job::SendComment { comment, account } => {
                Self { comment_id: Some(comment.get()), account_id: Some(account.get()), ..job }
            }
            job::Job::ObserveComment { channel, comment, .. } => {
                Self { comment_id: Some(comment.get()), channel_id: Some(channel.get()), ..job }
            }
            job::Job::AuditChannel { channel } => Self { channel_id: Some(channel.get()), ..job },
            job::Job::Noop { .. } => job,
        }
    }
}

impl Example for Job {
    fn example() -> Self {
        let at = |seconds: i64| moment(Timestamp::from_secs(1_772_442_000 + seconds));
        Self {
            id: 40_412,
            kind: JobKind::SendComment,
            state: JobState::Failed,
            post_id: None,
            message_id: None,
            comment_id: Some(88),
            account_id: Some(7),
            channel_id: None,
            lane: Some("account:7".into()),
            run_at: at(540),
            expires_at: None,
            attempts: 25,
            max_attempts: 25,
            node: None,
            lease_until: None,
            last_error: Some("the attempt failed, nothing was written".into()),
            finished_at: Some(at(90_000)),
        }
    }
}

/// The lane of an account or of a channel.
fn lane(account: Option<i64>, channel: Option<i64>) -> Result<Option<Lane>, Failure> {
    match (account, channel) {
        (None, None) => Ok(None),
        (Some(account), None) => Ok(Some(Lane::Account(account.into()))),
        (None, Some(channel)) => Ok(Some(Lane::Channel(channel.into()))),
        (Some(_), Some(_)) => {
            let detail = "a job runs on the lane of an account or of a channel, not of both".to_owned();
            Err(Failure::bad_parameter(FieldError { pointer: "lane_channel_id".to_owned(), detail }))
        }
    }
}
