//! What was seen in channels and their threads, and up to where nothing is missing.
//!
//! Updates are lost, doubled and late, so recording anything twice changes nothing, and every id that is skipped opens a
//! gap which the audit closes. An album is one post: its smallest message id, the text of whichever part has one, all media.

mod audit;
mod deletions;
mod posts;
mod sighting;
mod threads;

use domain::id::{ChannelId, MessageId, PeerId, PostId};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

pub use audit::{AuditDone, ChannelCursor, Gap, GapEnd, RecentMessage};
pub(crate) use audit::{gather_audits, gather_cursors};
pub(crate) use deletions::{Gone, gather_deleted_messages, gather_deleted_posts};
pub(crate) use posts::gather_posts;
pub(crate) use threads::gather_messages;

/// What kind of media a post carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    /// A photo.
    Photo,
    /// A video.
    Video,
    /// Any other file.
    Document,
}

/// A message of a channel as it was seen; of an album each part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenPost {
    /// Its id in the channel.
    pub message: MessageId,
    /// The album it belongs to.
    pub grouped: Option<i64>,
    /// Its text or caption; may be empty.
    pub text: String,
    /// Its photos, videos and files.
    pub media: Vec<Media>,
    /// When it was published.
    pub published_at: Timestamp,
    /// When its text last changed.
    pub edited_at: Option<Timestamp>,
    /// Whether it has a comment section.
    pub comments_open: bool,
    /// How often it was seen.
    pub views: u32,
    /// How often it was forwarded.
    pub forwards: u32,
    /// How many reactions it has.
    pub reactions: u32,
}

/// What was seen in one channel.
#[derive(Clone, Debug)]
pub struct RecordPosts {
    /// The channel.
    pub channel: ChannelId,
    /// Its messages, new ones and changed ones.
    pub posts: Vec<SeenPost>,
    /// Ids at which nothing stands: deleted before they were seen, or service messages. They are not gaps.
    pub empty: Vec<MessageId>,
}

/// What [`crate::Store::record_posts`] did for one channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// The posts that were new.
    pub new: Vec<PostId>,
    /// The posts whose text changed.
    pub edited: Vec<PostId>,
    /// How many gaps were opened: the channel needs an audit.
    pub gaps: u32,
}

/// A message in a discussion group as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenMessage {
    /// Its id in the group.
    pub message: MessageId,
    /// The post whose thread it is, by its id in the channel.
    pub post: MessageId,
    /// Who wrote it.
    pub author: PeerId,
    /// The message it answers, by its id in the group.
    pub answers: MessageId,
    /// What it says.
    pub text: String,
    /// When it was written.
    pub sent_at: Timestamp,
}

/// What was seen in the threads of one channel.
#[derive(Clone, Debug)]
pub struct RecordMessages {
    /// The channel.
    pub channel: ChannelId,
    /// The messages.
    pub messages: Vec<SeenMessage>,
}

/// What [`crate::Store::record_thread_messages`] did for one channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordedMessages {
    /// How many messages were new.
    pub new: u32,
    /// Messages under posts that are not recorded (yet), by the post's id in the channel: nothing was written of them.
    pub unknown_posts: Vec<MessageId>,
}

/// A medium with the message that carries it, as posts keep it: an album's parts come one by one and more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MediaPart {
    pub(crate) message: MessageId,
    pub(crate) kind: Media,
}

impl MediaPart {
    fn of(post: &SeenPost) -> Vec<Self> {
        post.media.iter().map(|kind| Self { message: post.message, kind: *kind }).collect()
    }
}
