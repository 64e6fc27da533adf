//! The events that tell the outside what happened. They are written with the change they tell of, and relayed in order.

use serde::{Deserialize, Serialize};

macro_rules! event_types {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// What an event of the outbox tells.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum EventType {
            $($(#[$doc])* #[serde(rename = $text)] $name,)+
        }

        impl EventType {
            /// Every type.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name in the outbox, on streams and in webhooks.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

event_types! {
    /// A post was recorded.
    PostNew = "post.new",
    /// A recorded post got another text.
    PostEdited = "post.edited",
    /// A recorded post is gone.
    PostDeleted = "post.deleted",
    /// A reader wrote something that deserves an answer.
    ReaderAsked = "reader.asked",
    /// A comment was decided upon.
    CommentPlanned = "comment.planned",
    /// A comment was decided against.
    CommentSkipped = "comment.skipped",
    /// A comment has a text.
    CommentDrafted = "comment.drafted",
    /// A comment may be sent.
    CommentApproved = "comment.approved",
    /// A person rejected a comment.
    CommentRejected = "comment.rejected",
    /// An approval became void.
    CommentVoid = "comment.void",
    /// A comment stands in its thread.
    CommentSent = "comment.sent",
    /// Telegram refused a comment.
    CommentRefused = "comment.refused",
    /// A comment's window closed.
    CommentExpired = "comment.expired",
    /// A comment disappeared from its thread.
    CommentRemoved = "comment.removed",
    /// An account changed its status.
    AccountChanged = "account.changed",
    /// A campaign was paused, by a person or by its error rate.
    CampaignPaused = "campaign.paused",
    /// A channel is to be watched.
    ChannelAdded = "channel.added",
    /// A channel can no longer be read.
    ChannelLost = "channel.lost",
    /// A proxy failed so often that accounts leave it.
    ProxyDown = "proxy.down",
    /// A proxy that was down answers again.
    ProxyUp = "proxy.up",
    /// A consent was given.
    ConsentGranted = "consent.granted",
    /// A consent ended.
    ConsentRevoked = "consent.revoked",
}

impl std::fmt::Display for EventType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
