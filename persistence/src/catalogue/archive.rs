//! What was read of a channel: its posts, and the holes between them that are still open.

use domain::id::{ChannelId, MessageId, PostId, ProjectId};
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::row::Row;
use crate::rows::Sql;
use crate::store::{Run as _, Store};
use crate::watching::{Media, MediaPart};

macro_rules! posts {
    ($condition:literal) => {
        concat!(
            "SELECT po.id, po.channel_id, ch.title, po.message_id, po.text, po.media, po.published_at, po.detected_at,
                 po.edited_at, po.deleted_at, po.revision, po.comments_open, po.views, po.forwards, po.reactions,
                 (SELECT count(*) FROM thread_messages m WHERE m.post_id = po.id AND m.deleted_at IS NULL) AS messages
             FROM posts po JOIN channels ch ON ch.id = po.channel_id
             WHERE po.project_id = $1 AND ",
            $condition
        )
    };
}

static OF_CHANNEL: Sql = Sql::new(posts!(
    "po.channel_id = $2 AND po.message_id < $3 AND po.published_at >= $4 AND po.published_at < $5
     ORDER BY po.message_id DESC LIMIT $6"
));

static ONE: Sql = Sql::new(posts!("po.id = $2"));

static GAPS: Sql = Sql::new(
    "SELECT g.from_id, g.to_id, g.opened_at FROM channels ch CROSS JOIN post_gaps g
     WHERE ch.project_id = $1 AND ch.id = $2 AND g.channel_id = ch.id AND g.status = 'open' AND g.from_id < $3
     ORDER BY g.from_id DESC LIMIT $4",
);

/// A post as it stands in the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivedPost {
    /// Its row.
    pub id: PostId,
    /// The channel.
    pub channel: ChannelId,
    /// The channel's title.
    pub channel_title: String,
    /// Its id in the channel, which is also its place in the archive.
    pub message: MessageId,
    /// Its text as it is now; empty for media alone.
    pub text: String,
    /// Its photos, videos and files.
    pub media: Vec<Media>,
    /// When it was published.
    pub published_at: Timestamp,
    /// When it was recorded.
    pub detected_at: Timestamp,
    /// When its text last changed.
    pub edited_at: Option<Timestamp>,
    /// When it was seen to be deleted.
    pub deleted_at: Option<Timestamp>,
    /// How many earlier texts are known.
    pub revision: u32,
    /// Whether it has a comment section.
    pub comments_open: bool,
    /// How often it was seen.
    pub views: i64,
    /// How often it was forwarded.
    pub forwards: i64,
    /// How many reactions it has.
    pub reactions: i64,
    /// How many messages stand below it.
    pub messages: u32,
}

/// Ids of a channel that were jumped over and are not looked up yet, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenGap {
    /// The first, which is also its place in the list.
    pub from: MessageId,
    /// The last.
    pub to: MessageId,
    /// Since when they are missing.
    pub opened_at: Timestamp,
}

impl Store {
    /// A channel's posts that were published from `since` up to but not including `until`, latest first, below the message
    /// `before`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own; a channel that is not the project's has none.
    pub async fn channel_archive(
        &self,
        project: ProjectId,
        channel: ChannelId,
        (since, until): (Option<Timestamp>, Option<Timestamp>),
        before: Option<MessageId>,
        limit: u32,
    ) -> Result<Vec<ArchivedPost>, StoreError> {
        let values = [
            project.get().into(),
            channel.get().into(),
            before.map_or(i64::MAX, MessageId::get).into(),
            since.map_or(i64::MIN, Timestamp::micros).into(),
            until.map_or(i64::MAX, Timestamp::micros).into(),
            i64::from(limit).into(),
        ];
        self.read("read a channel's archive").rows(&OF_CHANNEL, values).await?.iter().map(post).collect()
    }

    /// One post.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such post.
    pub async fn archived_post(&self, project: ProjectId, id: PostId) -> Result<ArchivedPost, StoreError> {
        let read = self.read("read a post");
        let missing = StoreError::NotFound { operation: read.operation(), what: "post" };
        post(&read.row(&ONE, [project.get().into(), id.get().into()]).await?.ok_or(missing)?)
    }

    /// A channel's open holes, latest first, below the message `before`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own; a channel that is not the project's has none.
    pub async fn open_gaps(
        &self,
        project: ProjectId,
        channel: ChannelId,
        before: Option<MessageId>,
        limit: u32,
    ) -> Result<Vec<OpenGap>, StoreError> {
        let values = [
            project.get().into(),
            channel.get().into(),
            before.map_or(i64::MAX, MessageId::get).into(),
            i64::from(limit).into(),
        ];
        let gap = |row: &Row| {
            Ok(OpenGap { from: row.get("from_id")?, to: row.get("to_id")?, opened_at: row.get("opened_at")? })
        };
        self.read("read a channel's holes").rows(&GAPS, values).await?.iter().map(gap).collect()
    }
}

fn post(row: &Row) -> Result<ArchivedPost, StoreError> {
    let media: Vec<MediaPart> = row.json("media")?;
    Ok(ArchivedPost {
        id: row.get("id")?,
        channel: row.get("channel_id")?,
        channel_title: row.get("title")?,
        message: row.get("message_id")?,
        text: row.get("text")?,
        media: media.into_iter().map(|part| part.kind).collect(),
        published_at: row.get("published_at")?,
        detected_at: row.get("detected_at")?,
        edited_at: row.maybe("edited_at")?,
        deleted_at: row.maybe("deleted_at")?,
        revision: row.small("revision")?,
        comments_open: row.get("comments_open")?,
        views: row.get("views")?,
        forwards: row.get("forwards")?,
        reactions: row.get("reactions")?,
        messages: row.small("messages")?,
    })
}
