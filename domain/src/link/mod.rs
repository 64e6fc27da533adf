//! Links to chats and posts, in every spelling that people paste.
//!
//! Forms and reserved paths are those of core.telegram.org/api/links; usernames follow Telegram's rule for new ones, from the
//! four letters that its auctions sell upwards. [`Link`] is read with [`str::parse`]; its `Display` is the one canonical form,
//! which reads back as the same link. What is no link to a chat is a [`LinkError`] that says why.

mod error;
mod parse;
#[cfg(test)]
mod tests;

use crate::id::{MessageId, PeerId};

pub use error::{LinkError, LinkErrorKind};

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

impl std::str::FromStr for Link {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, LinkError> {
        parse::parse(text).map_err(|kind| LinkError::new(text, kind))
    }
}

impl std::fmt::Display for ChatLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Username(name) => write!(f, "https://t.me/{name}"),
            Self::Id(id) => write!(f, "https://t.me/c/{id}"),
            Self::Invite(hash) => write!(f, "https://t.me/+{hash}"),
        }
    }
}

impl std::fmt::Display for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.chat.fmt(f)?;
        self.message.map_or(Ok(()), |message| write!(f, "/{message}"))
    }
}
