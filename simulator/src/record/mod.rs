//! The record: what the world saw of the product and of the owners, in order.
//!
//! An [`Entry`] is at once evidence for the judge and the cause of a change in the world: a send that was written, a refusal,
//! a consent taken back. Everything else follows from the seed. So a world killed with its product is rebuilt by letting time
//! pass up to each entry and applying it again ([`crate::World::open`]).

mod journal;

use domain::consent::Scope;
use domain::id::{MessageId, PeerId, RandomId};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

pub(crate) use journal::Journal;
pub use journal::{begins_at, read};

/// One line of the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it happened, by the world's clock.
    pub at: Timestamp,
    /// What happened.
    pub deed: Deed,
}

/// What the record keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// An account's message was written.
    Sent(Written),
    /// A send was refused, or its call was lost before it was written.
    Refused(Refusal),
    /// An account joined a group, or asked to.
    Joined {
        /// The account.
        account: PeerId,
        /// The discussion group.
        group: PeerId,
    },
    /// A channel's owner agreed to something, or took it back.
    Consent {
        /// The channel.
        channel: PeerId,
        /// To what.
        scope: Scope,
        /// Whether it counts from now on.
        granted: bool,
    },
    /// A channel's owner changed its description.
    Described {
        /// The channel.
        channel: PeerId,
        /// The description.
        about: String,
    },
    /// An account's owner logged it in again.
    LoggedIn {
        /// The account.
        account: PeerId,
        /// The number of the login key whose connection it was; `None` if the world handed out the session.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<u16>,
    },
    /// Somebody outside the product stepped in; tests and scenarios do.
    Intervened(Intervention),
    /// Time passed; nothing else did.
    Time,
}

/// A message of ours as the world has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Who wrote it.
    pub account: PeerId,
    /// The channel in whose discussion group it stands.
    pub channel: PeerId,
    /// The post in whose thread it stands; of an album the smallest id.
    pub post: MessageId,
    /// Its id in the group.
    pub message: MessageId,
    /// Its `random_id`.
    pub random_id: RandomId,
    /// The message it answers; `None` for one under the post itself.
    pub answers: Option<MessageId>,
    /// What it says.
    pub text: String,
    /// Whether the answer to the call was lost.
    pub answer_lost: bool,
}

/// A send that wrote nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Who tried.
    pub account: PeerId,
    /// Where.
    pub group: PeerId,
    /// With which `random_id`.
    pub random_id: RandomId,
    /// The error's name, as `telegram::TelegramError::code` gives it.
    pub code: String,
    /// For how many seconds, if the error is a wait.
    pub wait_s: Option<u64>,
}

/// What somebody outside the product does to the world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intervention {
    /// A channel publishes a post now.
    Publish {
        /// The channel.
        channel: PeerId,
    },
    /// A channel changes a post's text.
    EditPost {
        /// The channel.
        channel: PeerId,
        /// The post.
        post: MessageId,
    },
    /// A channel deletes a post, an album whole.
    DeletePost {
        /// The channel.
        channel: PeerId,
        /// The post.
        post: MessageId,
    },
    /// A channel's owner closes the comments of a post.
    CloseComments {
        /// The channel.
        channel: PeerId,
        /// The post.
        post: MessageId,
    },
    /// A reader asks a question under a post.
    AskQuestion {
        /// The channel.
        channel: PeerId,
        /// The post.
        post: MessageId,
    },
    /// A message in a channel's group is removed.
    RemoveMessage {
        /// The channel.
        channel: PeerId,
        /// The message's id in the group.
        message: MessageId,
    },
    /// An account loses its connection.
    Disconnect {
        /// The account.
        account: PeerId,
    },
    /// An account's session is revoked.
    Revoke {
        /// The account.
        account: PeerId,
    },
    /// Telegram freezes an account.
    Freeze {
        /// The account.
        account: PeerId,
    },
}
