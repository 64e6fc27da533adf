//! The outbox of events, written with the change they tell of, and the audit log.
//!
//! Events are read in the order of their ids, and that is the order of their commits: on PostgreSQL those who append take
//! a lock until they commit, so that no smaller id appears after a greater one was read.

use domain::event::EventType;
use domain::id::{
    AccountId, CampaignId, ChannelId, CommentId, ConsentId, EventId, PostId, ProjectId, ThreadMessageId,
    UserId,
};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::store::Store;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place in the order of all events.
    pub id: EventId,
    /// The project it belongs to, if it belongs to one.
    pub project: Option<ProjectId>,
    /// What happened.
    pub kind: EventType,
    /// To what.
    pub subject: Subject,
    /// When.
    pub occurred_at: Timestamp,
}

/// What an event is about: the rows it touches, and one word more where the type does not say it all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Subject {
    /// The channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    /// The post.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post: Option<PostId>,
    /// The reader's message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<ThreadMessageId>,
    /// The comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<CommentId>,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<CampaignId>,
    /// The consent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentId>,
    /// The reason of a skip, the code of a refusal, the new status of an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person.
    User(UserId),
    /// The product itself.
    System,
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Who did it.
    pub actor: Actor,
    /// In which project, if in one.
    pub project: Option<ProjectId>,
    /// What was done, such as `project.status`.
    pub action: String,
    /// To what, such as `project:7`.
    pub subject: String,
    /// How, such as the new value.
    pub detail: String,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// The events after `after`, in order, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn events_after(&self, after: EventId, limit: u32) -> Result<Vec<Event>, StoreError> {
        todo!()
    }

    /// The latest event there is: where a relay begins that wants nothing old. `EventId(0)` when there is none.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn latest_event(&self) -> Result<EventId, StoreError> {
        todo!()
    }

    /// The latest entries of a project's audit log, newest first, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn audit_entries(&self, project: ProjectId, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        todo!()
    }
}
