//! The transactions around a send: one marks it as begun after a last check, one notes the thread it goes to, one writes
//! its outcome.
//!
//! Between the last two stands the call to Telegram. If the process dies there, the comment is found as `sending`, and what
//! became of it is asked before anything is repeated; the `random_id` was stored long before. The noted thread is where it is
//! looked for, whatever became of the post meanwhile; without one, nothing was ever written.

mod aim;
mod begin;
mod finish;

use domain::disclosure::SignedText;
use domain::id::{AccountId, ChannelId, CommentId, MessageId, PeerId, ProjectId, RandomId};
use domain::time::Timestamp;

use crate::queue::Lease;

pub use aim::Aim;
pub(crate) use aim::gather_aims;
pub(crate) use begin::gather_begins;
pub(crate) use finish::gather_finishes;

/// Where the comments of a post are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thread {
    /// The discussion group.
    pub group: PeerId,
    /// The post's copy in it.
    pub root: MessageId,
}

/// A comment that is being sent.
#[derive(Clone, Debug)]
pub struct SendTicket {
    /// The comment.
    pub comment: CommentId,
    /// The account that speaks.
    pub account: AccountId,
    /// The project.
    pub project: ProjectId,
    /// The channel.
    pub channel: ChannelId,
    /// The channel's Telegram id.
    pub channel_peer: PeerId,
    /// The discussion group, if it is known.
    pub discussion: Option<PeerId>,
    /// The post, by its id in the channel.
    pub post: MessageId,
    /// The reader's message it answers, by its id in the group.
    pub answers: Option<MessageId>,
    /// What it says, label included.
    pub signed: SignedText,
    /// Makes the call repeatable.
    pub random_id: RandomId,
    /// The thread that an earlier attempt aimed at, if one came so far.
    pub thread: Option<Thread>,
    /// An earlier attempt has an unknown outcome: look for the message, and write nothing on this ticket.
    pub again: bool,
}

/// What became of the wish to send.
#[derive(Clone, Debug)]
pub enum Begun {
    /// The comment is marked as being sent; its outcome must follow.
    Send(Box<SendTicket>),
    /// It will not be sent; the job is finished.
    Settled,
    /// It may leave later; the job comes back then.
    Deferred(Timestamp),
    /// The lease is lost: another worker has the job.
    Stale,
}

/// How a send ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendResult {
    /// Telegram confirmed it, at once or when it was looked for.
    Sent {
        /// Its id in the group.
        message: MessageId,
        /// Telegram's time of it.
        at: Timestamp,
    },
    /// Telegram refused it for good.
    Refused {
        /// The error's name.
        code: String,
    },
    /// Telegram asked to wait; nothing was written.
    Deferred {
        /// The end of the wait.
        until: Timestamp,
    },
    /// Nothing was written and the attempt failed: it counts, and another follows.
    Retry {
        /// When to try again.
        until: Timestamp,
    },
    /// The call was made and its answer is missing, or could not be found out: it counts, and a look for it follows.
    Unknown {
        /// When to look for it.
        retry_at: Timestamp,
    },
    /// What it answers is gone; the reviewer is asked again.
    Void,
}

/// That an account may not write in the channel of its comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Why: the error's name.
    pub reason: String,
    /// When to look again; `None` until a person lifts it.
    pub until: Option<Timestamp>,
}

/// The outcome of a send, with its job.
#[derive(Clone, Debug)]
pub struct SendOutcome {
    /// The job.
    pub lease: Lease,
    /// The comment.
    pub comment: CommentId,
    /// How it ended.
    pub result: SendResult,
    /// What it says about the account and the channel.
    pub block: Option<Block>,
}
