//! Links to chats and posts, in every spelling that people paste.

use crate::id::{MessageId, PeerId};

/// A chat that a link leads to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ChatLink {
    /// By username, lower case, without `@`.
    Username(String),
    /// By Telegram's id, from `t.me/c/<id>`.
    Id(PeerId),
    /// By invitation, the hash of `t.me/+<hash>` or `t.me/joinchat/<hash>`, in its own case.
    Invite(String),
}

/// A link, normalised: a chat and, if the link goes there, one of its messages.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    /// The chat.
    pub chat: ChatLink,
    /// The message.
    pub message: Option<MessageId>,
}
