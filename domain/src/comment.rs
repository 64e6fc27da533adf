//! The life of a comment: which states there are, what each holds, and the only ways from one to the next.
//!
//! [`step`] is the single authority; `comments.state` in the database has a CHECK with the names of [`StateName`]. A step
//! yields the new state and its [`Effect`]s; `persistence` writes state, follow-up jobs and events in one transaction.
//! An event that does not fit the state is [`Illegal`]: the caller lost a race or has a bug, and nothing changes.

pub mod retry;

#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::disclosure::SignedText;
use crate::event::EventType;
use crate::id::{MessageId, RandomId};
use crate::time::Timestamp;

/// Which text of a comment: 1 for the first draft, rising with each rewrite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u32);

/// What a comment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// Opens the conversation under a post; at most one per post and project.
    Opener,
    /// Answers a reader's message.
    Answer,
    /// Comes back to a conversation after some hours.
    FollowUp,
}

/// Why nothing is written, or not any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// No active consent of scope `comment` covers the channel.
    NoConsent,
    /// The post has no comment section.
    CommentsClosed,
    /// No campaign that is on covers the channel (or answers readers there).
    NoCampaign,
    /// The project is paused or archived.
    ProjectPaused,
    /// The post has no text to speak about.
    NothingToSay,
    /// The post was published too long ago.
    TooOld,
    /// The campaign's share of posts left this one out.
    NotChosen,
    /// No account that may write in the channel is able to.
    NoAccount,
    /// Every account that may write has used its day.
    LimitReached,
    /// No free moment inside the window (quiet hours, gaps).
    NoSlot,
    /// The post is gone.
    PostDeleted,
    /// The reader's message does not ask for an answer.
    NotAQuestion,
    /// The message is one of ours or the channel's own; our accounts never answer each other.
    OwnMessage,
    /// This post or reader has had enough answers from us.
    EnoughAnswers,
    /// The writer had nothing that fits.
    NothingWritten,
    /// The consent ended after the comment was planned.
    ConsentRevoked,
    /// A person took it back.
    Cancelled,
    /// The profile of no account that may write tells the label.
    Unlabelled,
}

/// The state of a comment, each with the data it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Decided; waits for a text.
    Planned,
    /// Decided against; final.
    Skipped(SkipReason),
    /// Has a text that waits for a decision.
    Drafted(Revision),
    /// A person said no; final.
    Rejected(Revision),
    /// This revision may be sent; waits for a slot.
    Approved(Revision),
    /// The approval no longer fits the text or the message answered; the reviewer is asked again.
    Void(Revision),
    /// On its account's lane. The text and the `random_id` are fixed from here on.
    Scheduled(Slot),
    /// The call is about to be made or was made; a crash here leaves the outcome unknown.
    Sending(Slot),
    /// Telegram confirmed it.
    Sent(Delivery),
    /// The call was written and no answer came; only reconciliation leads out.
    Unknown(Slot),
    /// Telegram refused it for good; final.
    Refused(String),
    /// Its window closed before it could be sent; final.
    Expired,
    /// Seen in its thread.
    Visible(Delivery),
    /// Seen to be gone; final.
    Removed(Delivery),
}

/// What is fixed when a comment is scheduled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The revision that was approved.
    pub revision: Revision,
    /// When it is to leave.
    pub due_at: Timestamp,
    /// Makes the send repeatable; never changes once set.
    pub random_id: RandomId,
    /// Exactly what leaves.
    pub signed: SignedText,
}

/// What Telegram said of a message of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its id in the discussion group.
    pub message_id: MessageId,
    /// When it was confirmed.
    pub sent_at: Timestamp,
}

/// What can happen to a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A text was written.
    Draft(Revision),
    /// This revision was approved, by a person or by rule.
    Approve(Revision),
    /// A person rejected this revision.
    Reject(Revision),
    /// The text or the message answered changed after the approval.
    Invalidate,
    /// A slot was found.
    Schedule(Slot),
    /// The last check passed; the call follows.
    Begin,
    /// It must leave later: a wait, a limit, a pause.
    Defer(Timestamp),
    /// Telegram confirmed it, at once or on reconciliation.
    Confirm(Delivery),
    /// Telegram refused it for good, with the error's name.
    Refuse(String),
    /// The call was written, the answer is missing.
    LoseTrack,
    /// The window closed.
    Expire,
    /// It is not to be sent after all.
    Skip(SkipReason),
    /// It was seen in its thread.
    SeeVisible,
    /// It was looked for and is gone.
    SeeRemoved,
    /// A person gives it another chance, with the latest revision of its text (0 when it has none); see [`retry`].
    Reopen(Revision),
}

/// What a step asks of the transaction that applies it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Enqueue `WriteDraft`.
    Write,
    /// Enqueue `SendComment` at this time.
    Send(Timestamp),
    /// Enqueue the first `ObserveComment`, due this long after the delivery.
    Look(Duration),
    /// Append an event of this type to the outbox.
    Emit(EventType),
}

/// When a sent comment is looked at, counted from its delivery.
pub const LOOKS: [Duration; 4] = [
    Duration::from_secs(5 * 60),
    Duration::from_secs(60 * 60),
    Duration::from_secs(24 * 60 * 60),
    Duration::from_secs(7 * 24 * 60 * 60),
];

/// The event does not fit the state; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a comment that is {from} cannot {event}")]
pub struct Illegal {
    /// The state it is in.
    pub from: StateName,
    /// What was asked, as a verb.
    pub event: &'static str,
}

/// The state that a new comment begins in, with its effects.
#[must_use]
pub fn plan() -> (State, Vec<Effect>) {
    (State::Planned, vec![Effect::Write])
}

/// Applies one event to one state.
///
/// # Errors
/// [`Illegal`] when the event does not fit the state; the tests have the whole table.
pub fn step(state: &State, event: Event) -> Result<(State, Vec<Effect>), Illegal> {
    use Event as E;
    use State as S;
    let illegal = |event: &Event| Illegal { from: state.name(), event: event.verb() };
    let next = match (state, event) {
        (S::Planned, E::Draft(revision)) => {
            (S::Drafted(revision), vec![Effect::Emit(EventType::CommentDrafted)])
        }
        (S::Drafted(old) | S::Void(old), E::Draft(new)) if new > *old => {
            (S::Drafted(new), vec![Effect::Emit(EventType::CommentDrafted)])
        }
        (S::Drafted(at) | S::Void(at), E::Approve(revision)) if revision == *at => {
            (S::Approved(revision), vec![Effect::Emit(EventType::CommentApproved)])
        }
        (S::Drafted(at) | S::Void(at), E::Reject(revision)) if revision == *at => {
            (S::Rejected(revision), vec![Effect::Emit(EventType::CommentRejected)])
        }
        (S::Approved(revision), E::Invalidate) => {
            (S::Void(*revision), vec![Effect::Emit(EventType::CommentVoid)])
        }
        (S::Scheduled(slot), E::Invalidate) => {
            (S::Void(slot.revision), vec![Effect::Emit(EventType::CommentVoid)])
        }
        (S::Approved(revision), E::Schedule(slot)) if slot.revision == *revision => {
            let due = slot.due_at;
            (S::Scheduled(slot), vec![Effect::Send(due)])
        }
        (S::Scheduled(slot), E::Begin) => (S::Sending(slot.clone()), vec![]),
        (S::Sending(slot) | S::Unknown(slot), E::Begin) => (S::Sending(slot.clone()), vec![]),
        (S::Scheduled(slot) | S::Sending(slot), E::Defer(due_at)) => {
            (S::Scheduled(Slot { due_at, ..slot.clone() }), vec![])
        }
        (S::Sending(_) | S::Unknown(_), E::Confirm(delivery)) => {
            (S::Sent(delivery), vec![Effect::Look(LOOKS[0]), Effect::Emit(EventType::CommentSent)])
        }
        (S::Scheduled(_) | S::Sending(_) | S::Unknown(_), E::Refuse(error)) => {
            (S::Refused(error), vec![Effect::Emit(EventType::CommentRefused)])
        }
        (S::Sending(slot) | S::Unknown(slot), E::LoseTrack) => (S::Unknown(slot.clone()), vec![]),
        (S::Planned | S::Drafted(_) | S::Approved(_) | S::Void(_) | S::Scheduled(_), E::Expire) => {
            (S::Expired, vec![Effect::Emit(EventType::CommentExpired)])
        }
        (S::Planned | S::Drafted(_) | S::Approved(_) | S::Void(_) | S::Scheduled(_), E::Skip(reason)) => {
            (S::Skipped(reason), vec![Effect::Emit(EventType::CommentSkipped)])
        }
        (S::Sent(delivery) | S::Visible(delivery), E::SeeVisible) => (S::Visible(*delivery), vec![]),
        (S::Sent(delivery) | S::Visible(delivery), E::SeeRemoved) => {
            (S::Removed(*delivery), vec![Effect::Emit(EventType::CommentRemoved)])
        }
        (S::Refused(_) | S::Expired, E::Reopen(Revision(0))) => (S::Planned, vec![Effect::Write]),
        (S::Refused(_) | S::Expired, E::Reopen(revision)) => {
            (S::Drafted(revision), vec![Effect::Emit(EventType::CommentDrafted)])
        }
        (_, event) => return Err(illegal(&event)),
    };
    Ok(next)
}

/// A state without its data: what the database's CHECK lists and what filters name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is documented on the state of the same name")]
pub enum StateName {
    Planned,
    Skipped,
    Drafted,
    Rejected,
    Approved,
    Void,
    Scheduled,
    Sending,
    Sent,
    Unknown,
    Refused,
    Expired,
    Visible,
    Removed,
}

impl StateName {
    /// Every state, in the order of a comment's life.
    pub const ALL: [Self; 14] = [
        Self::Planned,
        Self::Skipped,
        Self::Drafted,
        Self::Rejected,
        Self::Approved,
        Self::Void,
        Self::Scheduled,
        Self::Sending,
        Self::Sent,
        Self::Unknown,
        Self::Refused,
        Self::Expired,
        Self::Visible,
        Self::Removed,
    ];

    /// The name in tables, routes and filters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Skipped => "skipped",
            Self::Drafted => "drafted",
            Self::Rejected => "rejected",
            Self::Approved => "approved",
            Self::Void => "void",
            Self::Scheduled => "scheduled",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Visible => "visible",
            Self::Removed => "removed",
        }
    }

    /// Whether nothing will happen to it any more by itself, apart from later looks at a visible comment. A person may still
    /// give one that was refused or expired another chance.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Skipped
            | Self::Rejected
            | Self::Refused
            | Self::Expired
            | Self::Visible
            | Self::Removed => true,
            Self::Planned | Self::Drafted | Self::Approved | Self::Void | Self::Scheduled => false,
            Self::Sending | Self::Sent | Self::Unknown => false,
        }
    }
}

impl std::fmt::Display for StateName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl State {
    /// The state's name.
    #[must_use]
    pub const fn name(&self) -> StateName {
        match self {
            Self::Planned => StateName::Planned,
            Self::Skipped(_) => StateName::Skipped,
            Self::Drafted(_) => StateName::Drafted,
            Self::Rejected(_) => StateName::Rejected,
            Self::Approved(_) => StateName::Approved,
            Self::Void(_) => StateName::Void,
            Self::Scheduled(_) => StateName::Scheduled,
            Self::Sending(_) => StateName::Sending,
            Self::Sent(_) => StateName::Sent,
            Self::Unknown(_) => StateName::Unknown,
            Self::Refused(_) => StateName::Refused,
            Self::Expired => StateName::Expired,
            Self::Visible(_) => StateName::Visible,
            Self::Removed(_) => StateName::Removed,
        }
    }
}

impl Event {
    /// The event as a verb, for messages.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Draft(_) => "be drafted",
            Self::Approve(_) => "be approved",
            Self::Reject(_) => "be rejected",
            Self::Invalidate => "be invalidated",
            Self::Schedule(_) => "be scheduled",
            Self::Begin => "begin to be sent",
            Self::Defer(_) => "be deferred",
            Self::Confirm(_) => "be confirmed",
            Self::Refuse(_) => "be refused",
            Self::LoseTrack => "lose its outcome",
            Self::Expire => "expire",
            Self::Skip(_) => "be skipped",
            Self::SeeVisible => "be seen",
            Self::SeeRemoved => "be seen removed",
            Self::Reopen(_) => "be tried again",
        }
    }
}
