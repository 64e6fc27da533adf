//! `/api/v1/projects/{project_id}/campaigns/{campaign_id}/statistics`: what came of a campaign's comments.

use chrono::{DateTime, Utc};
use domain::access::Right;
use domain::comment::StateName;
use domain::id::CampaignId;
use domain::time::Timestamp;
use persistence::catalogue::{CampaignStatistics as Statistics, Outcomes};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use crate::auth::Reader;
use crate::gateway::Gateway;
use crate::moment::moment;
use crate::problem::Failure;
use crate::routes::comments::{CommentIntent, CommentState, SkipReason};
use crate::routes::{Found, Part};

/// What came of a campaign's comments.
#[derive(Debug, Object)]
#[oai(example)]
struct CampaignStatistics {
    /// How many left: confirmed by Telegram, whatever became of them since.
    sent: u64,
    /// How many Telegram refused.
    refused: u64,
    /// How many wait for a text, a decision or their moment.
    waiting: u64,
    /// The share of those that were looked at which still stood, 0 to 1; missing before the first look.
    #[oai(skip_serializing_if_is_none)]
    visibility: Option<f64>,
    /// Reactions to all of them, when they were last looked at.
    reactions: u64,
    /// Messages that answered them, when they were last looked at.
    replies: u64,
    /// When the latest of them left.
    #[oai(skip_serializing_if_is_none)]
    last_sent_at: Option<DateTime<Utc>>,
    /// All of them, sorted by what they are for and what they came to.
    outcomes: Vec<CampaignOutcome>,
}

/// Comments of a campaign that are alike.
#[derive(Debug, Object)]
struct CampaignOutcome {
    /// What they are for.
    intent: CommentIntent,
    /// Where they are in their life.
    state: CommentState,
    /// Why they were skipped, if they were.
    #[oai(skip_serializing_if_is_none)]
    reason: Option<SkipReason>,
    /// How many they are.
    count: u64,
}

pub(crate) struct StatisticsApi;

#[OpenApi(tag = "Part::Campaigns")]
impl StatisticsApi {
    /// Get a campaign's statistics
    ///
    /// What came of the comments that were planned for it, of all or of those decided upon within a time. Posts that it
    /// left out are counted with the project's comments.
    #[oai(
        path = "/api/v1/projects/:project_id/campaigns/:campaign_id/statistics",
        method = "get",
        operation_id = "getCampaignStatistics"
    )]
    async fn get(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The campaign.
        campaign_id: Path<i64>,
        /// Only comments that were decided upon then or later.
        since: Query<Option<DateTime<Utc>>>,
        /// Only comments that were decided upon before then.
        until: Query<Option<DateTime<Utc>>>,
    ) -> Result<Found<CampaignStatistics>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let campaign = gateway.store.campaign(project, CampaignId(campaign_id.0)).await?.id;
        let instant = |at: DateTime<Utc>| Timestamp::from_micros(at.timestamp_micros());
        let span = (since.0.map(instant), until.0.map(instant));
        let found = gateway.store.campaign_statistics(project, campaign, span).await?;
        Ok(Found::Whole(Json(found.into())))
    }
}

impl From<Statistics> for CampaignStatistics {
    fn from(statistics: Statistics) -> Self {
        use StateName as S;
        let outcomes = &statistics.outcomes;
        Self {
            sent: statistics.count(&[S::Sent, S::Visible, S::Removed]),
            refused: statistics.count(&[S::Refused]),
            waiting: statistics.count(&[S::Planned, S::Drafted, S::Approved, S::Void, S::Scheduled]),
            visibility: statistics.visibility(),
            reactions: outcomes.iter().map(|alike| alike.reactions).sum(),
            replies: outcomes.iter().map(|alike| alike.replies).sum(),
            last_sent_at: outcomes.iter().filter_map(|alike| alike.last_sent_at).max().map(moment),
            outcomes: statistics.outcomes.into_iter().map(CampaignOutcome::from).collect(),
        }
    }
}

impl From<Outcomes> for CampaignOutcome {
    fn from(alike: Outcomes) -> Self {
        Self {
            intent: alike.intent.into(),
            state: alike.state.into(),
            reason: alike.reason.map(SkipReason::from),
            count: alike.count,
        }
    }
}

impl Example for CampaignStatistics {
    fn example() -> Self {
        let (intent, state) = (CommentIntent::Opener, CommentState::Visible);
        Self {
            sent: 412,
            refused: 3,
            waiting: 9,
            visibility: Some(0.99),
            reactions: 1310,
            replies: 208,
            last_sent_at: Some(moment(Timestamp::from_secs(1_772_442_541))),
            outcomes: vec![CampaignOutcome { intent, state, reason: None, count: 408 }],
        }
    }
}
