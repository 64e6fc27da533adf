//! What planning reads, and what becomes of its decisions.

mod apply;
mod snapshot;

pub(crate) use snapshot::read_limits;

use std::collections::HashMap;

use domain::id::{PostId, ThreadMessageId};
use domain::planning::{Decision, Desk, Post, ReaderMessage};
use domain::time::Timestamp;

use crate::queue::Lease;

/// A snapshot for one batch of decisions of one project.
#[derive(Clone, Debug)]
pub struct PlanningSnapshot {
    /// The project, its campaigns, consents and accounts; the ledgers are empty, the planner has its own.
    pub desk: Desk,
    /// The posts asked for, as far as they exist in the project.
    pub posts: HashMap<PostId, Post>,
    /// The messages asked for, as far as they exist in the project.
    pub messages: HashMap<ThreadMessageId, ReaderMessage>,
    /// When each of the posts was recorded.
    pub detected_at: HashMap<PostId, Timestamp>,
}

/// What a decision is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlanSubject {
    /// An opener under a post.
    Opener(PostId),
    /// An answer to a reader.
    Answer(ThreadMessageId),
}

/// A decision, with the job it finishes.
#[derive(Clone, Debug)]
pub struct PlanOutcome {
    /// The job.
    pub lease: Lease,
    /// What it is about.
    pub subject: PlanSubject,
    /// What was decided.
    pub decision: Decision,
}
