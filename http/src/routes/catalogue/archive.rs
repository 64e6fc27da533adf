//! `/api/v1/projects/{project_id}/channels/{channel_id}/posts` and `/gaps`: what was read of a channel.

use chrono::{DateTime, Utc};
use domain::access::Right;
use domain::id::{ChannelId, MessageId};
use domain::time::Timestamp;
use persistence::catalogue::{ArchivedPost as Archived, OpenGap as Gap};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::page;
use crate::auth::Reader;
use crate::gateway::Gateway;
use crate::moment::moment;
use crate::page::{List, usual};
use crate::problem::Failure;
use crate::routes::posts::Media;
use crate::routes::{Found, Part};

/// A post as it stands in a channel's archive. An album is one post.
#[derive(Debug, Object)]
#[oai(example)]
struct ArchivedPost {
    /// Its id here.
    id: i64,
    /// Its message id in the channel; of an album, the smallest.
    message_id: i64,
    /// Its text or caption as it is now; empty where there is none.
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
    /// How many earlier texts of it are known.
    revisions: u32,
    /// Whether readers may comment on it.
    comments_open: bool,
    /// How often it was seen.
    views: i64,
    /// How often it was forwarded.
    forwards: i64,
    /// How many reactions it has.
    reactions: i64,
    /// How many messages stand below it.
    messages: u32,
}

page! {
    /// Some posts of a channel, the latest first.
    ArchivePage of ArchivedPost
}

/// Message ids of a channel that were jumped over and are not looked up yet.
#[derive(Debug, Object)]
#[oai(example)]
struct OpenGap {
    /// The first missing id.
    from_id: i64,
    /// The last missing id.
    to_id: i64,
    /// Since when they are missing.
    opened_at: DateTime<Utc>,
}

page! {
    /// Some open holes of a channel, the latest first.
    GapPage of OpenGap
}

pub(crate) struct ArchiveApi;

#[OpenApi(tag = "Part::Channels")]
impl ArchiveApi {
    /// List a channel's posts
    ///
    /// The archive of a channel, the latest post first, in the order of the channel itself; posts that are gone are kept.
    #[oai(
        path = "/api/v1/projects/:project_id/channels/:channel_id/posts",
        method = "get",
        operation_id = "listChannelPosts"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn posts(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The channel.
        channel_id: Path<i64>,
        /// Only posts that were published then or later.
        since: Query<Option<DateTime<Utc>>>,
        /// Only posts that were published before then.
        until: Query<Option<DateTime<Utc>>>,
        /// `next` of the page before; left out, the list begins with the latest.
        after: Query<Option<String>>,
        /// The most posts to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<ArchivePage>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let channel = gateway.store.channel(project, ChannelId(channel_id.0)).await?.channel;
        let instant = |at: DateTime<Utc>| Timestamp::from_micros(at.timestamp_micros());
        let span = (since.0.map(instant), until.0.map(instant));
        let list = List::of("channel posts")
            .by("channel", Some(channel))
            .by("since", span.0.map(Timestamp::micros))
            .by("until", span.1.map(Timestamp::micros));
        let before = list.position::<i64>(after.as_deref())?.map(MessageId);
        let found = gateway.store.channel_archive(project, channel, span, before, limit.0 + 1).await?;
        let (items, next) = list.cut(found, limit.0, |post| post.message.get());
        Ok(Found::Whole(Json(ArchivePage {
            items: items.into_iter().map(ArchivedPost::from).collect(),
            next,
        })))
    }

    /// List a channel's open holes
    ///
    /// What the next audit will look up, the latest first. How long posts take to be noticed stands on the channel itself.
    #[oai(
        path = "/api/v1/projects/:project_id/channels/:channel_id/gaps",
        method = "get",
        operation_id = "listChannelGaps"
    )]
    async fn gaps(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The channel.
        channel_id: Path<i64>,
        /// `next` of the page before; left out, the list begins with the latest.
        after: Query<Option<String>>,
        /// The most holes to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<GapPage>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let channel = gateway.store.channel(project, ChannelId(channel_id.0)).await?.channel;
        let list = List::of("channel gaps").by("channel", Some(channel));
        let before = list.position::<i64>(after.as_deref())?.map(MessageId);
        let found = gateway.store.open_gaps(project, channel, before, limit.0 + 1).await?;
        let (items, next) = list.cut(found, limit.0, |gap| gap.from.get());
        Ok(Found::Whole(Json(GapPage { items: items.into_iter().map(OpenGap::from).collect(), next })))
    }
}

impl From<Archived> for ArchivedPost {
    fn from(post: Archived) -> Self {
        Self {
            id: post.id.get(),
            message_id: post.message.get(),
            text: post.text,
            media: post.media.into_iter().map(Media::from).collect(),
            published_at: moment(post.published_at),
            detected_at: moment(post.detected_at),
            edited_at: post.edited_at.map(moment),
            deleted_at: post.deleted_at.map(moment),
            revisions: post.revision,
            comments_open: post.comments_open,
            views: post.views,
            forwards: post.forwards,
            reactions: post.reactions,
            messages: post.messages,
        }
    }
}

impl From<Gap> for OpenGap {
    fn from(gap: Gap) -> Self {
        Self { from_id: gap.from.get(), to_id: gap.to.get(), opened_at: moment(gap.opened_at) }
    }
}

impl Example for ArchivedPost {
    fn example() -> Self {
        Self {
            id: 1042,
            message_id: 517,
            text: "The new line opens on Monday.".into(),
            media: vec![Media::Photo],
            published_at: moment(Timestamp::from_secs(1_772_442_000)),
            detected_at: moment(Timestamp::from_secs(1_772_442_002)),
            edited_at: None,
            deleted_at: None,
            revisions: 0,
            comments_open: true,
            views: 1204,
            forwards: 18,
            reactions: 96,
            messages: 31,
        }
    }
}

impl Example for OpenGap {
    fn example() -> Self {
        Self { from_id: 503, to_id: 506, opened_at: moment(Timestamp::from_secs(1_772_442_000)) }
    }
}
