//! Looking at what was sent: what an observer reads, and what it saw.

use domain::comment::StateName;
use domain::id::{AccountId, ChannelId, CommentId, MessageId, PeerId, ProjectId};
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::queue::Lease;
use crate::store::Store;

/// A comment to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObservationTarget {
    /// The comment.
    pub comment: CommentId,
    /// Its project.
    pub project: ProjectId,
    /// The account that sent it.
    pub account: Option<AccountId>,
    /// The channel.
    pub channel: ChannelId,
    /// The channel's Telegram id.
    pub channel_peer: PeerId,
    /// The discussion group it stands in.
    pub discussion: Option<PeerId>,
    /// Its id in the group.
    pub message: MessageId,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It stands.
    Visible {
        /// How many reactions it has.
        reactions: u32,
        /// How many messages answer it.
        replies: u32,
    },
    /// It is gone.
    Removed,
    /// Nobody could look.
    Failed {
        /// Why.
        error: String,
        /// When to try again; `None` gives the look up.
        retry_at: Option<Timestamp>,
    },
}

/// A look, with the job it finishes.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The job.
    pub lease: Lease,
    /// The comment.
    pub comment: CommentId,
    /// Which of [`domain::comment::LOOKS`], from 0.
    pub look: u8,
    /// What was seen.
    pub seen: Seen,
}

impl Store {
    /// Where these comments stand, in no order. Comments that cannot be looked at any more are left out; their jobs end
    /// with [`Seen::Removed`], which changes nothing for them.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn observation_snapshot(
        &self,
        comments: &[CommentId],
    ) -> Result<Vec<ObservationTarget>, StoreError> {
        todo!()
    }

    /// Applies looks: finishes their jobs and enqueues each next look. The answer has, in the order given, the state each
    /// comment is in now; `None` where the lease was stale.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn apply_observations(
        &self,
        node: &str,
        observations: &[Observation],
        now: Timestamp,
    ) -> Result<Vec<Option<StateName>>, StoreError> {
        todo!()
    }
}
