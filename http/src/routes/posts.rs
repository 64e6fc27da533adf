//! A post, as the API shows it.

use chrono::{DateTime, Utc};
use domain::time::Timestamp;
use persistence::listing::ListedPost;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};

use crate::moment::moment;

/// What a post carries beside its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "persistence::watching::Media", rename_all = "snake_case")]
pub(crate) enum Media {
    Photo,
    Video,
    Document,
}

/// A post of a watched channel. An album is one post.
#[derive(Debug, Object)]
pub(crate) struct Post {
    /// Its id here.
    id: i64,
    /// The channel's id here.
    channel_id: i64,
    /// The channel's title.
    channel_title: String,
    /// Its message id in the channel; of an album, the smallest.
    message_id: i64,
    /// Its text or caption; empty where there is none.
    text: String,
    /// What it carries beside the text, in its order.
    media: Vec<Media>,
    /// When it was published, by Telegram's clock.
    published_at: DateTime<Utc>,
    /// When it was recorded.
    detected_at: DateTime<Utc>,
    /// When its text last changed, if it did.
    #[oai(skip_serializing_if_is_none)]
    edited_at: Option<DateTime<Utc>>,
    /// When it was seen to be gone, if it is.
    #[oai(skip_serializing_if_is_none)]
    deleted_at: Option<DateTime<Utc>>,
    /// Whether readers may comment on it.
    comments_open: bool,
    /// How often it was seen.
    views: i64,
}

/// Some posts, the latest recorded first.
#[derive(Debug, Object)]
#[oai(example)]
pub(crate) struct PostPage {
    /// The posts.
    pub(super) items: Vec<Post>,
    /// The cursor of the following page; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    pub(super) next: Option<String>,
}

impl From<ListedPost> for Post {
    fn from(post: ListedPost) -> Self {
        Self {
            id: post.id.get(),
            channel_id: post.channel.get(),
            channel_title: post.channel_title,
            message_id: post.message.get(),
            text: post.text,
            media: post.media.into_iter().map(Media::from).collect(),
            published_at: moment(post.published_at),
            detected_at: moment(post.detected_at),
            edited_at: post.edited_at.map(moment),
            deleted_at: post.deleted_at.map(moment),
            comments_open: post.comments_open,
            views: post.views,
        }
    }
}

impl Example for PostPage {
    fn example() -> Self {
        let post = Post {
            id: 1042,
            channel_id: 3,
            channel_title: "Tram news".into(),
            message_id: 517,
            text: "The new line opens on Monday.".into(),
            media: vec![Media::Photo],
            published_at: moment(Timestamp::from_secs(1_772_442_000)),
            detected_at: moment(Timestamp::from_secs(1_772_442_002)),
            edited_at: None,
            deleted_at: None,
            comments_open: true,
            views: 1204,
        };
        Self { items: vec![post], next: Some("c1042".into()) }
    }
}
