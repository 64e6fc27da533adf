//! Finding comments, and reading one with all that was written and decided.

use chrono::{DateTime, Utc};
use domain::access::Right;
use domain::id::{AccountId, CampaignId, ChannelId, CommentId, PostId};
use persistence::review::CommentFilter;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;

use super::record::ReviewedComment;
use super::{Comment, CommentIntent, CommentPage, CommentState};
use crate::auth::Reader;
use crate::etag;
use crate::gateway::Gateway;
use crate::moment::instant;
use crate::page::{self, List};
use crate::problem::Failure;
use crate::routes::{Found, Part, Versioned};

pub(crate) struct ReadingApi;

#[OpenApi(tag = "Part::Comments")]
impl ReadingApi {
    /// List the comments of a project
    ///
    /// Every comment that was decided upon, the newest decision first, in whatever state it is. A decision against one is a
    /// comment too: it is `skipped` and has a reason. What waits for a reviewer is `drafted` or `void`.
    #[oai(path = "/api/v1/projects/:project_id/comments", method = "get", operation_id = "listComments")]
    #[expect(clippy::too_many_arguments, reason = "each is a filter of its own in the address")]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// Only comments in one of these states.
        #[oai(default, validator(max_items = 14))]
        state: Query<Vec<CommentState>>,
        /// Only comments of this intent.
        intent: Query<Option<CommentIntent>>,
        /// Only comments planned for this campaign.
        campaign_id: Query<Option<i64>>,
        /// Only comments in this channel.
        channel_id: Query<Option<i64>>,
        /// Only comments that this account says.
        account_id: Query<Option<i64>>,
        /// Only comments under this post.
        post_id: Query<Option<i64>>,
        /// Only comments decided upon at this moment or later.
        from: Query<Option<DateTime<Utc>>>,
        /// Only comments decided upon before this moment.
        to: Query<Option<DateTime<Utc>>>,
        /// `next` of the page before; left out, the list begins with the newest.
        after: Query<Option<String>>,
        /// The most comments to return, 1 to 200.
        #[oai(default = "page::usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<CommentPage>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let filter = CommentFilter {
            states: state.0.into_iter().map(Into::into).collect(),
            intent: intent.0.map(Into::into),
            campaign: campaign_id.0.map(CampaignId),
            channel: channel_id.0.map(ChannelId),
            account: account_id.0.map(AccountId),
            post: post_id.0.map(PostId),
            from: from.0.map(instant),
            to: to.0.map(instant),
        };
        let narrowed = (filter != CommentFilter::default()).then(|| format!("{filter:?}"));
        let list = List::of("comments").by("project", Some(project)).by("filter", narrowed);
        let after = list.position::<i64>(after.as_deref())?.map(CommentId);
        let comments = gateway.store.list_comments(project, &filter, after, limit.0 + 1).await?;
        let (items, next) = list.cut(comments, limit.0, |comment| comment.id.get());
        Ok(Found::Whole(Json(CommentPage { items: items.into_iter().map(Comment::from).collect(), next })))
    }

    /// Get a comment
    ///
    /// One comment with what it speaks to, every revision of its text and every decision on them. Its `ETag` is the latest
    /// revision of the text, for whoever rewrites it.
    #[oai(
        path = "/api/v1/projects/:project_id/comments/:comment_id",
        method = "get",
        operation_id = "getComment"
    )]
    async fn get(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The comment.
        comment_id: Path<i64>,
    ) -> Result<Versioned<ReviewedComment>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let record = gateway.store.comment(project, CommentId(comment_id.0)).await?;
        let tag = etag::tag(record.comment.revision.0.into());
        Ok(Versioned::Whole(Json(record.into()), tag))
    }
}
