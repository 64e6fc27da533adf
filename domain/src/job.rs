//! The queue's vocabulary: what a job can be, which jobs exclude each other, and how often one is tried.
//!
//! A job is a row; a message to an actor is only a hint that the row is due. [`Job`] is the one list of all work there is:
//! adding a variant makes every dispatching match incomplete until it is handled.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, ChannelId, CommentId, PostId, ProjectId, ThreadMessageId};
use crate::seed::Seed;

/// Work to be done, with what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// Decide whether and how to open the conversation under a post.
    PlanPost {
        /// The project that watches the post's channel; its planner decides.
        project: ProjectId,
        /// The post.
        post: PostId,
    },
    /// Decide whether and how to answer a reader.
    PlanAnswer {
        /// The project that watches the channel; its planner decides.
        project: ProjectId,
        /// The reader's message.
        message: ThreadMessageId,
    },
    /// Write the next draft of a comment.
    WriteDraft {
        /// The comment.
        comment: CommentId,
    },
    /// Send a scheduled comment through its account.
    SendComment {
        /// The comment.
        comment: CommentId,
        /// The account that speaks; also the job's lane.
        account: AccountId,
    },
    /// Look whether a sent comment is still there.
    ObserveComment {
        /// The channel it stands in; its observer looks.
        channel: ChannelId,
        /// The comment.
        comment: CommentId,
        /// Which of [`crate::comment::LOOKS`], from 0.
        look: u8,
    },
    /// Fetch what a channel's updates left out.
    AuditChannel {
        /// The channel.
        channel: ChannelId,
    },
    /// Does nothing, for measuring the queue itself.
    Noop {
        /// Any number.
        number: i64,
    },
}

/// A job's kind without its subject: the `jobs.kind` column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is documented on the job of the same name")]
pub enum JobKind {
    PlanPost,
    PlanAnswer,
    WriteDraft,
    SendComment,
    ObserveComment,
    AuditChannel,
    Noop,
}

/// Where a job is in its life: the `jobs.state` column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It waits, due or not.
    Ready,
    /// It is under a lease.
    Running,
    /// It ended well.
    Done,
    /// It ran out of attempts.
    Failed,
    /// It was taken back, or its time was over before it began.
    Cancelled,
}

/// What a person may ask of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// Run it again, with all its attempts.
    Retry,
    /// Do not run it.
    Cancel,
}

/// The wish does not fit the job; nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Only what failed or was cancelled is retried, and only what waits is cancelled.
    #[error("the job is {}", .0.as_str())]
    State(JobState),
    /// Each of these jobs is followed by the next one of its channel; without it the channel would not be read any more.
    #[error("without its audits a channel is not read any more; pause the channel instead")]
    Audit,
}

/// What keeps two jobs from running at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// One account does one thing at a time.
    Account(AccountId),
    /// One channel is audited once at a time.
    Channel(ChannelId),
}

impl JobKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::PlanPost,
        Self::PlanAnswer,
        Self::WriteDraft,
        Self::SendComment,
        Self::ObserveComment,
        Self::AuditChannel,
        Self::Noop,
    ];

    /// The name in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PlanPost => "plan_post",
            Self::PlanAnswer => "plan_answer",
            Self::WriteDraft => "write_draft",
            Self::SendComment => "send_comment",
            Self::ObserveComment => "observe_comment",
            Self::AuditChannel => "audit_channel",
            Self::Noop => "noop",
        }
    }

    /// Which of two due jobs goes first: the smaller number. Sends go before everything, looks and audits can wait.
    #[must_use]
    pub const fn priority(self) -> i16 {
        match self {
            Self::SendComment => 0,
            Self::PlanAnswer => 10,
            Self::PlanPost => 20,
            Self::WriteDraft => 30,
            Self::AuditChannel => 40,
            Self::ObserveComment | Self::Noop => 50,
        }
    }

    /// After how many failed attempts a job is given up (and kept, visible and retryable).
    #[must_use]
    pub const fn max_attempts(self) -> u16 {
        match self {
            Self::PlanPost | Self::PlanAnswer | Self::WriteDraft | Self::ObserveComment | Self::Noop => 10,
            Self::SendComment | Self::AuditChannel => 25,
        }
    }
}

impl JobState {
    /// Every state, in the order of a job's life.
    pub const ALL: [Self; 5] = [Self::Ready, Self::Running, Self::Done, Self::Failed, Self::Cancelled];

    /// The name in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Wish {
    /// The states of jobs that it fits.
    #[must_use]
    pub const fn states(self) -> &'static [JobState] {
        match self {
            Self::Retry => &[JobState::Failed, JobState::Cancelled],
            Self::Cancel => &[JobState::Ready],
        }
    }

    /// The kinds of jobs that it fits.
    pub fn kinds(self) -> impl Iterator<Item = JobKind> {
        JobKind::ALL.into_iter().filter(move |kind| self != Self::Cancel || *kind != JobKind::AuditChannel)
    }

    /// Whether a job of this kind and state can be asked this.
    ///
    /// # Errors
    /// Why not.
    pub fn check(self, kind: JobKind, state: JobState) -> Result<(), Unfit> {
        if !self.states().contains(&state) {
            return Err(Unfit::State(state));
        }
        if self.kinds().any(|fits| fits == kind) { Ok(()) } else { Err(Unfit::Audit) }
    }
}

impl Job {
    /// The job's kind.
    #[must_use]
    pub const fn kind(&self) -> JobKind {
        match self {
            Self::PlanPost { .. } => JobKind::PlanPost,
            Self::PlanAnswer { .. } => JobKind::PlanAnswer,
            Self::WriteDraft { .. } => JobKind::WriteDraft,
            Self::SendComment { .. } => JobKind::SendComment,
            Self::ObserveComment { .. } => JobKind::ObserveComment,
            Self::AuditChannel { .. } => JobKind::AuditChannel,
            Self::Noop { .. } => JobKind::Noop,
        }
    }

    /// The lane it runs on; jobs without one run side by side.
    #[must_use]
    pub const fn lane(&self) -> Option<Lane> {
        match self {
            Self::SendComment { account, .. } => Some(Lane::Account(*account)),
            Self::AuditChannel { channel } => Some(Lane::Channel(*channel)),
            Self::PlanPost { .. }
            | Self::PlanAnswer { .. }
            | Self::WriteDraft { .. }
            | Self::ObserveComment { .. }
            | Self::Noop { .. } => None,
        }
    }
}

impl std::fmt::Display for Lane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Channel(id) => write!(f, "channel:{id}"),
        }
    }
}

/// How long to wait before attempt `attempt + 1`, after `attempt` failures (from 1): 2 s doubled each time up to an hour,
/// with full jitter between half of it and all of it, so that jobs that failed together do not come back together.
#[must_use]
pub fn backoff(attempt: u16, seed: Seed) -> Duration {
    const CEILING: f64 = 3600.0;
    let whole = (2.0_f64 * f64::from(attempt.saturating_sub(1).min(12)).exp2()).min(CEILING);
    Duration::from_secs_f64(whole * (0.5 + seed.derive("backoff", i64::from(attempt)).fraction() / 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_send_runs_on_its_accounts_lane() {
        let job = Job::SendComment { comment: CommentId(1), account: AccountId(4) };
        assert_eq!(job.lane().unwrap().to_string(), "account:4");
        assert_eq!(
            serde_json::to_string(&job).unwrap(),
            r#"{"kind":"send_comment","comment":1,"account":4}"#
        );
    }

    #[test]
    fn what_failed_is_retried_what_waits_is_cancelled_and_an_audit_is_never_taken_away() {
        for kind in JobKind::ALL {
            for state in JobState::ALL {
                let ended = matches!(state, JobState::Failed | JobState::Cancelled);
                assert_eq!(Wish::Retry.check(kind, state).is_ok(), ended);
                let waits = state == JobState::Ready && kind != JobKind::AuditChannel;
                assert_eq!(Wish::Cancel.check(kind, state).is_ok(), waits);
            }
        }
        assert_eq!(Wish::Cancel.check(JobKind::AuditChannel, JobState::Ready), Err(Unfit::Audit));
        assert_eq!(Wish::Retry.check(JobKind::Noop, JobState::Done), Err(Unfit::State(JobState::Done)));
    }

    proptest! {
        #[test]
        fn backoff_grows_to_an_hour_and_spreads(attempt in 1..200_u16, seed in any::<u64>()) {
            let wait = backoff(attempt, Seed(seed)).as_secs_f64();
            let whole = (2.0 * f64::from(attempt - 1).exp2()).min(3600.0);
            prop_assert!(wait >= whole / 2.0 - 1e-9 && wait <= whole + 1e-9);
        }
    }
}
