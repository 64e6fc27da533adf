//! The durable queue: one table of jobs beside the data they are about, so that a job commits with the change that causes it.
//!
//! A claim hands a job out under a lease: the claiming node's name, an end, and a fencing number that rises with every
//! claim. Whatever reports about the job later shows the lease, and is refused once the lease is no longer the job's own:
//! a node that was thought dead cannot finish what another one runs. Jobs of one lane run one at a time, in order; the
//! others side by side. A job that ran out of attempts stays as `failed` and can be retried.
//!
//! Every call takes a slice and is one statement. The `_in` functions are the same statements inside the transaction of a
//! use case, which must apply nothing for a job whose lease was refused.

use std::time::Duration;

use domain::id::JobId;
use domain::job::{self, Job, JobKind};
use domain::seed::Seed;
use domain::time::Timestamp;

mod claim;
mod enqueue;
mod gauge;
mod hasten;
mod listing;
mod recover;
mod settle;
mod wake;

pub use gauge::KindDepth;
pub use listing::{JobFilter, ListedJob};

pub(crate) use enqueue::enqueue_in;
pub(crate) use hasten::{audit_key, hasten_audits_in};
pub(crate) use settle::{fail_in, finish_in, follow_in, reschedule_in};
pub(crate) use wake::{Bells, Listener, bump};

/// Work to be put into the queue. Its lane, priority and number of attempts follow from the job's kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// What is to be done.
    pub job: Job,
    /// When it is due.
    pub run_at: Timestamp,
    /// From when on it must not begin any more: it is cancelled instead.
    pub expires_at: Option<Timestamp>,
    /// While an unfinished job has this key, another one with it is not added.
    pub unique_key: Option<String>,
}

/// The right to report about one run of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The job.
    pub job: JobId,
    /// Which claim of it.
    pub fence: i64,
}

/// A job that is this node's to run until its lease ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimedJob {
    /// The right to report about it.
    pub lease: Lease,
    /// What is to be done.
    pub job: Job,
    /// Which attempt this is, from 1.
    pub attempt: u16,
    /// After how many failed attempts it is given up.
    pub max_attempts: u16,
    /// Since when it was due.
    pub run_at: Timestamp,
}

/// What a node wants to run.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The node's name.
    pub node: &'a str,
    /// How many jobs at most.
    pub limit: u32,
    /// Which kinds; empty means all.
    pub kinds: &'a [JobKind],
    /// For how long they are the node's own.
    pub lease: Duration,
}

/// An attempt that did not work out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The right to report it.
    pub lease: Lease,
    /// What went wrong, for people.
    pub error: String,
    /// When to try again (see [`ClaimedJob::retry_at`]); `None` gives the job up.
    pub retry_at: Option<Timestamp>,
}

impl NewJob {
    /// A job that is due at `run_at`, does not expire and may stand in the queue several times.
    #[must_use]
    pub fn at(job: Job, run_at: Timestamp) -> Self {
        Self { job, run_at, expires_at: None, unique_key: None }
    }
}

impl ClaimedJob {
    /// When to try again after this attempt failed at `now`; `None` if it was the last one.
    #[must_use]
    pub fn retry_at(&self, now: Timestamp, seed: Seed) -> Option<Timestamp> {
        let wait = job::backoff(self.attempt, seed.derive("retry", self.lease.job.get()));
        (self.attempt < self.max_attempts).then(|| now + wait)
    }
}
