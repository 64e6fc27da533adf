//! Reading for people and reports: pages of a project's posts and comments, and its counts. Never another project's.

use domain::comment::{Intent, SkipReason, StateName};
use domain::id::{
    AccountId, CampaignId, ChannelId, CommentId, MessageId, PeerId, PostId, ProjectId, RandomId,
};
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::store::Store;
use crate::watching::Media;

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

/// A comment as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedComment {
    /// Its row, which is also its place in the list.
    pub id: CommentId,
    /// The post it stands under.
    pub post: PostId,
    /// The channel.
    pub channel: ChannelId,
    /// The campaign it was planned for.
    pub campaign: Option<CampaignId>,
    /// The account that speaks.
    pub account: Option<AccountId>,
    /// What it is for.
    pub intent: Intent,
    /// The state it is in.
    pub state: StateName,
    /// Why it was skipped.
    pub reason: Option<SkipReason>,
    /// The error's name, if Telegram refused it.
    pub error_code: Option<String>,
    /// What was signed, label included.
    pub signed_text: Option<String>,
    /// When it may leave, from.
    pub window_from: Option<Timestamp>,
    /// When it may leave, to.
    pub window_to: Option<Timestamp>,
    /// The moment promised to it.
    pub due_at: Option<Timestamp>,
    /// When Telegram confirmed it.
    pub sent_at: Option<Timestamp>,
    /// Its id in the group.
    pub message: Option<MessageId>,
    /// How many reactions it has.
    pub reactions: i64,
    /// How many messages answer it.
    pub replies: i64,
    /// When it was decided upon.
    pub created_at: Timestamp,
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

impl Store {
    /// Whether there is such a project.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn project_exists(&self, project: ProjectId) -> Result<bool, StoreError> {
        todo!()
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
        todo!()
    }

    /// A project's comments, latest first, below `before`, at most `limit`, of one state or of all.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list_comments(
        &self,
        project: ProjectId,
        state: Option<StateName>,
        before: Option<CommentId>,
        limit: u32,
    ) -> Result<Vec<ListedComment>, StoreError> {
        todo!()
    }

    /// A project's comments, counted.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn comment_counts(&self, project: ProjectId) -> Result<Vec<CommentCount>, StoreError> {
        todo!()
    }

    /// How many posts a project recorded.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn post_count(&self, project: ProjectId) -> Result<u64, StoreError> {
        todo!()
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
        todo!()
    }
}
