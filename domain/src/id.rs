//! The identifiers of everything that has one, each its own type.
//!
//! Two families: row ids, handed out by the database and meaningless outside it, and Telegram's own numbers. A function
//! that takes an [`AccountId`] cannot be given a [`ChannelId`]; nothing here is ever zero-as-nothing, use `Option`.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl $name {
            /// The bare number, for storage and for the wire.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl From<i64> for $name {
            fn from(raw: i64) -> Self {
                Self(raw)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids! {
    /// A person who uses Beseda.
    UserId,
    /// A tenant: everything a team owns hangs on one project.
    ProjectId,
    /// A Telegram account that its owner connected.
    AccountId,
    /// A watched channel of one project.
    ChannelId,
    /// A recorded channel post (an album is one post).
    PostId,
    /// A recorded message in the thread of a post.
    ThreadMessageId,
    /// A comment of ours in any state, skipped ones included.
    CommentId,
    /// What a project writes, where and in whose voice.
    CampaignId,
    /// How a campaign sounds.
    VoiceId,
    /// One of a voice's templates.
    TemplateId,
    /// One row of the consent ledger.
    ConsentId,
    /// One row of the queue.
    JobId,
    /// One row of the event outbox; rises in commit order on one database.
    EventId,
    /// A login that is going on; it lives in memory only.
    LoginId,
    /// Something that a command asks of a running service.
    ErrandId,
    /// A proxy.
    ProxyId,
    /// An endpoint that is told what happens.
    WebhookId,
    /// One event on its way to one such endpoint.
    DeliveryId,
    /// A named set of channels.
    PlaylistId,
    /// A token that opens the gateway to programs.
    TokenId,
    /// Telegram's id of a user, channel or group, without the `-100` prefix of the Bot API.
    PeerId,
    /// A message id, unique within its channel or group and rising with time.
    MessageId,
    /// The id that makes a send repeatable: `random_id` of `messages.sendMessage`.
    RandomId,
}

impl MessageId {
    /// The id that follows this one in the same chat.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_as_its_number() {
        assert_eq!(serde_json::to_string(&PostId(7)).unwrap(), "7");
        assert_eq!("7".parse::<PostId>().unwrap(), PostId(7));
        assert_eq!(MessageId(7).next().to_string(), "8");
    }
}
