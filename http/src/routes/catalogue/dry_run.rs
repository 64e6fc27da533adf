//! `/api/v1/projects/{project_id}/campaigns/{campaign_id}/dry-run`: what a campaign would have done, without a trace left.

use actors::{RehearsedComment, RehearsedOutcome};
use chrono::{DateTime, Utc};
use domain::access::Right;
use domain::id::CampaignId;
use domain::time::Timestamp;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object, OpenApi};

use crate::auth::Reader;
use crate::body::Body;
use crate::gateway::Gateway;
use crate::moment::moment;
use crate::problem::Failure;
use crate::routes::comments::{CommentIntent, SkipReason};
use crate::routes::{Found, Part};

/// How much is tried.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct DryRunRequest {
    /// On how many of the latest posts of the campaign's channels, 1 to 200.
    #[oai(default = "few", validator(minimum(value = "1"), maximum(value = "200")))]
    posts: u32,
}

/// What a campaign would have done.
#[derive(Debug, Object)]
#[oai(example)]
struct DryRun {
    /// How many comments it would have written.
    written: u32,
    /// How many it would not have written, for whatever reason.
    skipped: u32,
    /// Each post and each reader's message that asks for something, the oldest first.
    items: Vec<DryRunItem>,
}

/// What would have come of one post or one reader's message.
#[derive(Debug, Object)]
struct DryRunItem {
    /// The channel, by its id here.
    channel_id: i64,
    /// The channel's title.
    channel_title: String,
    /// The post, by its id here.
    post_id: i64,
    /// What the comment would have been for.
    intent: CommentIntent,
    /// The reader's message that it would have answered, by its id here.
    #[oai(skip_serializing_if_is_none)]
    message_id: Option<i64>,
    /// When the post or the message came out.
    at: DateTime<Utc>,
    /// What would have come of it.
    outcome: DryRunOutcome,
    /// Why it would have been skipped, if so.
    #[oai(skip_serializing_if_is_none)]
    reason: Option<SkipReason>,
    /// The campaign that would have decided in its place, if another one would.
    #[oai(skip_serializing_if_is_none)]
    campaign_id: Option<i64>,
    /// What would have been written, if anything.
    #[oai(skip_serializing_if_is_none)]
    comment: Option<DryRunComment>,
}

/// What would have come of a post or a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum DryRunOutcome {
    /// A comment would have been written.
    Written,
    /// Nothing would have been written; `reason` says why.
    Skipped,
    /// Another campaign stands before this one in the channel and would have decided.
    OtherCampaign,
}

/// A comment that would have been written.
#[derive(Debug, Object)]
struct DryRunComment {
    /// The account that would have spoken, by its id here.
    account_id: i64,
    /// From when on it would have been allowed to leave.
    window_from: DateTime<Utc>,
    /// Until when it would have been allowed to leave.
    window_to: DateTime<Utc>,
    /// The moment that would have been chosen.
    due_at: DateTime<Utc>,
    /// Exactly what readers would have seen, with its label.
    text: String,
}

fn few() -> u32 {
    20
}

pub(crate) struct DryRunApi;

#[OpenApi(tag = "Part::Campaigns")]
impl DryRunApi {
    /// Try a campaign out
    ///
    /// Decides about the latest posts of the campaign's channels, and the readers' messages below them, as if each had
    /// just come out, and writes what would be written, from the voice's templates: what, where, when, by whom, and if
    /// not, why not. Consents, assignments and the accounts' conditions count as they are now; the campaign and the
    /// project count as at work, and waits as over. Nothing is kept, sent or asked of Telegram.
    #[oai(
        path = "/api/v1/projects/:project_id/campaigns/:campaign_id/dry-run",
        method = "post",
        operation_id = "dryRunCampaign"
    )]
    async fn run(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The campaign.
        campaign_id: Path<i64>,
        body: Body<DryRunRequest>,
    ) -> Result<Found<DryRun>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let rehearsed = gateway.system.rehearse(project, CampaignId(campaign_id.0), body.0.posts).await?;
        Ok(Found::Whole(Json(rehearsed.into())))
    }
}

impl From<Vec<RehearsedComment>> for DryRun {
    fn from(rehearsed: Vec<RehearsedComment>) -> Self {
        let items: Vec<_> = rehearsed.into_iter().map(DryRunItem::from).collect();
        let written = items.iter().filter(|item| item.outcome == DryRunOutcome::Written).count();
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Self { written: count(written), skipped: count(items.len() - written), items }
    }
}

impl From<RehearsedComment> for DryRunItem {
    fn from(rehearsed: RehearsedComment) -> Self {
        let intent = if rehearsed.message.is_some() { CommentIntent::Answer } else { CommentIntent::Opener };
        let mut item = Self {
            channel_id: rehearsed.channel.get(),
            channel_title: rehearsed.channel_title,
            post_id: rehearsed.post.get(),
            intent,
            message_id: rehearsed.message.map(|message| message.get()),
            at: moment(rehearsed.at),
            outcome: DryRunOutcome::Skipped,
            reason: None,
            campaign_id: None,
            comment: None,
        };
        match rehearsed.outcome {
            RehearsedOutcome::Skipped(reason) => item.reason = Some(reason.into()),
            RehearsedOutcome::Yielded(campaign) => {
                item.outcome = DryRunOutcome::OtherCampaign;
                item.campaign_id = Some(campaign.get());
            }
            RehearsedOutcome::Written { account, window, due_at, text } => {
                item.outcome = DryRunOutcome::Written;
                item.comment = Some(DryRunComment {
                    account_id: account.get(),
                    window_from: moment(window.from),
                    window_to: moment(window.to),
                    due_at: moment(due_at),
                    text: text.as_str().to_owned(),
                });
            }
        }
        item
    }
}

impl Example for DryRunRequest {
    fn example() -> Self {
        Self { posts: 20 }
    }
}

impl Example for DryRun {
    fn example() -> Self {
        let at = |seconds: i64| moment(Timestamp::from_secs(1_772_442_000 + seconds));
        let comment = DryRunComment {
            account_id: 7,
            window_from: at(300),
            window_to: at(10_800),
            due_at: at(1460),
            text: "Which stop will you use first?\n\nfrom the editors' assistant".into(),
        };
        let item = DryRunItem {
            channel_id: 3,
            channel_title: "Tram news".into(),
            post_id: 1042,
            intent: CommentIntent::Opener,
            message_id: None,
            at: at(0),
            outcome: DryRunOutcome::Written,
            reason: None,
            campaign_id: None,
            comment: Some(comment),
        };
        Self { written: 1, skipped: 0, items: vec![item] }
    }
}
