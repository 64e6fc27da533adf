//! Reading for people and reports: pages of a project's posts and comments, and its counts. Never another project's.

use domain::comment::{Intent, SkipReason, StateName};
use domain::id::{ChannelId, CommentId, MessageId, PeerId, PostId, ProjectId, RandomId};
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::row::Row;
use crate::rows::Sql;
use crate::store::{Run as _, Store};
use crate::watching::{Media, MediaPart};

static PROJECT: Sql = Sql::new("SELECT 1 FROM projects WHERE id = $1 AND deleted_at IS NULL");

static POSTS: Sql = Sql::new(
    "SELECT po.id, po.channel_id, ch.title, po.message_id, po.text, po.media, po.published_at, po.detected_at, po.edited_at,
         po.deleted_at, po.comments_open, po.views
     FROM posts po JOIN channels ch ON ch.id = po.channel_id
     WHERE po.project_id = $1 AND po.id < $2 ORDER BY po.id DESC LIMIT $3",
);

static COUNTS: Sql = Sql::new(
    "SELECT intent, state, reason, count(*) AS count FROM comments WHERE project_id = $1
     GROUP BY intent, state, reason ORDER BY intent, state, reason",
);

static POST_COUNT: Sql = Sql::new("SELECT count(*) AS count FROM posts WHERE project_id = $1");

static SENT: Sql = Sql::new(
    "SELECT c.id, c.message_id, c.random_id, ch.telegram_id FROM comments c JOIN channels ch ON ch.id = c.channel_id
     WHERE c.project_id = $1 AND c.id > $2 AND c.state IN ('sent', 'visible', 'removed') ORDER BY c.id LIMIT $3",
);

static KNOWN: Sql = Sql::new(
    "SELECT p.id, p.message_id, ch.telegram_id FROM posts p JOIN channels ch ON ch.id = p.channel_id
     WHERE ch.project_id = $1 AND p.id > $2 AND ch.telegram_id IS NOT NULL ORDER BY p.id LIMIT $3",
);

/// A post as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPost {
    /// Its row, which is also its place in the list.
    pub id: PostId,
    /// The channel.
    pub channel: ChannelId,
    /// The channel's title.
    pub channel_title: String,
    /// Its id in the channel.
    pub message: MessageId,
    /// Its text; empty for media alone.
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
    /// Whether it has a comment section.
    pub comments_open: bool,
    /// How often it was seen.
    pub views: i64,
}

/// How many comments are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommentCount {
    /// What they are for.
    pub intent: Intent,
    /// The state they are in.
    pub state: StateName,
    /// Why they were skipped.
    pub reason: Option<SkipReason>,
    /// How many there are.
    pub count: u64,
}

/// A comment that Telegram confirmed, as the world outside knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentComment {
    /// The comment.
    pub comment: CommentId,
    /// The channel's Telegram id.
    pub channel_peer: PeerId,
    /// Its id in the group.
    pub message: MessageId,
    /// The id it was sent with.
    pub random_id: RandomId,
}

/// A post that was recorded, as the world outside knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownPost {
    /// The post.
    pub post: PostId,
    /// The channel's Telegram id.
    pub channel_peer: PeerId,
    /// Its id in the channel; of an album the smallest.
    pub message: MessageId,
}

impl Store {
    /// Whether there is such a project.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn project_exists(&self, project: ProjectId) -> Result<bool, StoreError> {
        Ok(self.read("find a project").row(&PROJECT, [project.get().into()]).await?.is_some())
    }

    /// A project's posts, latest recorded first, below `before`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list_posts(
        &self,
        project: ProjectId,
        before: Option<PostId>,
        limit: u32,
    ) -> Result<Vec<ListedPost>, StoreError> {
        let read = self.read("list posts");
        let values =
            [project.get().into(), before.map_or(i64::MAX, PostId::get).into(), i64::from(limit).into()];
        let found = read.rows(&POSTS, values).await?;
        found.iter().map(read_post).collect()
    }

    /// The posts of a project by their ids in their channels, in the order of their rows after `after`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn known_posts(
        &self,
        project: ProjectId,
        after: Option<PostId>,
        limit: u32,
    ) -> Result<Vec<KnownPost>, StoreError> {
        let read = self.read("list the posts that are known");
        let values = [project.get().into(), after.map_or(0, PostId::get).into(), i64::from(limit).into()];
        let known = |row: &Row| {
            Ok(KnownPost {
                post: row.get("id")?,
                channel_peer: row.get("telegram_id")?,
                message: row.get("message_id")?,
            })
        };
        read.rows(&KNOWN, values).await?.iter().map(known).collect()
    }

    /// A project's comments, counted.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn comment_counts(&self, project: ProjectId) -> Result<Vec<CommentCount>, StoreError> {
        let read = self.read("count comments");
        let count = |row: &Row| {
            Ok(CommentCount {
                intent: row.named("intent")?,
                state: row.named("state")?,
                reason: row.maybe_named("reason")?,
                count: row.small("count")?,
            })
        };
        read.rows(&COUNTS, [project.get().into()]).await?.iter().map(count).collect()
    }

    /// How many posts a project recorded.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn post_count(&self, project: ProjectId) -> Result<u64, StoreError> {
        let row = self.read("count posts").row(&POST_COUNT, [project.get().into()]).await?;
        row.map_or(Ok(0), |row| row.small("count"))
    }

    /// The comments of a project that Telegram confirmed, in the order of their rows after `after`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn sent_comments(
        &self,
        project: ProjectId,
        after: Option<CommentId>,
        limit: u32,
    ) -> Result<Vec<SentComment>, StoreError> {
        let read = self.read("list what was sent");
        let values = [project.get().into(), after.map_or(0, CommentId::get).into(), i64::from(limit).into()];
        let sent = |row: &Row| {
            Ok(SentComment {
                comment: row.get("id")?,
                channel_peer: row.get("telegram_id")?,
                message: row.get("message_id")?,
                random_id: row.get("random_id")?,
            })
        };
        read.rows(&SENT, values).await?.iter().map(sent).collect()
    }
}

fn read_post(row: &Row) -> Result<ListedPost, StoreError> {
    let media: Vec<MediaPart> = row.json("media")?;
    Ok(ListedPost {
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
        comments_open: row.get("comments_open")?,
        views: row.get("views")?,
    })
}
