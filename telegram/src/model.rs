//! What passes through the port: Telegram's things as the product sees them, without access hashes or constructors.

use domain::disclosure::SignedText;
use domain::id::{MessageId, PeerId, RandomId};
use domain::time::Timestamp;

/// Who an account is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its Telegram id.
    pub id: PeerId,
    /// Its username, without `@`.
    pub username: Option<String>,
    /// Its name as readers see it.
    pub display_name: String,
    /// Whether it is a bot.
    pub is_bot: bool,
    /// Its profile text.
    pub about: String,
}

/// What a link led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its Telegram id.
    pub id: PeerId,
    /// What it is.
    pub kind: ChatKind,
    /// Its username, without `@`, in Telegram's spelling.
    pub username: Option<String>,
    /// Its title.
    pub title: String,
    /// Its description.
    pub about: String,
    /// The discussion group linked to it, if there is one.
    pub discussion: Option<PeerId>,
    /// How many members it has, if Telegram says so.
    pub members: Option<u32>,
    /// The newest message id in it; 0 if it is empty.
    pub newest: MessageId,
}

/// What a chat is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatKind {
    /// A broadcast channel.
    Channel,
    /// A supergroup.
    Group,
    /// A person or a bot.
    User,
}

/// What an account may do in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// It is a member of the channel.
    pub member: bool,
    /// It administers the channel, the proof behind `telegram_admin`.
    pub administrator: bool,
    /// It may speak in the discussion group as the channel itself.
    pub speaks_as_channel: bool,
}

/// A post as Telegram shows it. An album comes as several of these with the same `grouped`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostSeen {
    /// Its id in the channel.
    pub id: MessageId,
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

/// What kind of media a post carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    /// A photo.
    Photo,
    /// A video.
    Video,
    /// Any other file.
    Document,
}

/// One id of a channel's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HistorySlot {
    /// A post stands there.
    Post(PostSeen),
    /// Nothing stands there (any more), or a service message does: `messageEmpty`, `messageService`.
    Empty(MessageId),
}

/// Where the comments of a post are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Thread {
    /// The discussion group.
    pub group: PeerId,
    /// The post's copy in the group: of an album the smallest id.
    pub root: MessageId,
}

/// A comment about to leave.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The thread it goes to.
    pub thread: Thread,
    /// The reader's message it answers; `None` speaks under the post itself.
    pub answers: Option<MessageId>,
    /// What it says, label included.
    pub text: SignedText,
    /// Stored before the call; repeating the call with it never writes a second message.
    pub random_id: RandomId,
    /// The channel to speak as, for its administrators.
    pub send_as: Option<PeerId>,
}

/// A message of ours that Telegram accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentMessage {
    /// Its id in the group.
    pub id: MessageId,
    /// Telegram's time of it.
    pub at: Timestamp,
}

/// A message in a discussion group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadMessageSeen {
    /// Its id in the group.
    pub id: MessageId,
    /// The thread's root in the group.
    pub root: MessageId,
    /// The post whose thread it is, by its id in the channel.
    pub post: MessageId,
    /// Who wrote it: a user, or the channel itself.
    pub author: PeerId,
    /// The message it answers; the root when it answers the post itself.
    pub answers: MessageId,
    /// What it says.
    pub text: String,
    /// When it was written.
    pub sent_at: Timestamp,
}

/// What became of a message that was looked for by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The id that was asked for.
    pub id: MessageId,
    /// What stands there; `None` is `messageEmpty`: it was removed.
    pub seen: Option<MessageSeen>,
}

/// What readers did with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageSeen {
    /// How many reactions it has.
    pub reactions: u32,
    /// How many messages answer it.
    pub replies: u32,
}

/// Something that happened, as Telegram pushed it. Only a hint: updates may be lost, doubled or late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// A channel published something.
    NewPost {
        /// The channel.
        channel: PeerId,
        /// What it published.
        post: PostSeen,
    },
    /// A channel changed a post.
    EditedPost {
        /// The channel.
        channel: PeerId,
        /// The post as it is now.
        post: PostSeen,
    },
    /// Posts are gone.
    DeletedPosts {
        /// The channel.
        channel: PeerId,
        /// Their ids.
        ids: Vec<MessageId>,
    },
    /// Somebody wrote in the thread of a post.
    NewThreadMessage {
        /// The channel whose post it is.
        channel: PeerId,
        /// The message.
        message: ThreadMessageSeen,
    },
    /// Messages in a discussion group are gone.
    DeletedThreadMessages {
        /// The channel whose group it is.
        channel: PeerId,
        /// Their ids in the group.
        ids: Vec<MessageId>,
    },
    /// More happened than the stream could keep: every channel of this account needs an audit.
    TooLong,
}
