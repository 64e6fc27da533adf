//! What came of a campaign's comments.

use domain::comment::{Intent, SkipReason, StateName};
use domain::id::{CampaignId, ProjectId};
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::row::Row;
use crate::rows::Sql;
use crate::store::{Run as _, Store};

/// What was skipped belongs to no campaign, unless it was planned before.
static OUTCOMES: Sql = Sql::new(
    "SELECT intent, state, reason, count(*) AS count, CAST(sum(reactions) AS BIGINT) AS reactions,
         CAST(sum(replies) AS BIGINT) AS replies, max(sent_at) AS last_sent_at
     FROM comments WHERE project_id = $1 AND campaign_id = $2 AND created_at >= $3 AND created_at < $4
     GROUP BY intent, state, reason ORDER BY intent, state, reason",
);

/// Comments of a campaign that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcomes {
    /// What they are for.
    pub intent: Intent,
    /// The state they are in.
    pub state: StateName,
    /// Why they were skipped.
    pub reason: Option<SkipReason>,
    /// How many they are.
    pub count: u64,
    /// The reactions to them.
    pub reactions: u64,
    /// The messages that answer them.
    pub replies: u64,
    /// When the latest of them left.
    pub last_sent_at: Option<Timestamp>,
}

/// What came of a campaign's comments that were decided upon within a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignStatistics {
    /// The comments, sorted by what they are for and what they came to.
    pub outcomes: Vec<Outcomes>,
}

impl CampaignStatistics {
    /// How many comments are in one of these states.
    #[must_use]
    pub fn count(&self, states: &[StateName]) -> u64 {
        let alike = self.outcomes.iter().filter(|alike| states.contains(&alike.state));
        alike.map(|alike| alike.count).sum()
    }

    /// The share, 0 to 1, of what was looked at that still stood in its thread; `None` before the first look.
    #[must_use]
    pub fn visibility(&self) -> Option<f64> {
        let (visible, removed) = (self.count(&[StateName::Visible]), self.count(&[StateName::Removed]));
        (visible + removed > 0).then(|| visible as f64 / (visible + removed) as f64)
    }
}

impl Store {
    /// What came of a campaign's comments that were decided upon from `since` up to but not including `until`.
    ///
    /// # Errors
    /// Only the database's own; a campaign that is not the project's has no comments.
    pub async fn campaign_statistics(
        &self,
        project: ProjectId,
        campaign: CampaignId,
        (since, until): (Option<Timestamp>, Option<Timestamp>),
    ) -> Result<CampaignStatistics, StoreError> {
        let values = [
            project.get().into(),
            campaign.get().into(),
            since.map_or(i64::MIN, Timestamp::micros).into(),
            until.map_or(i64::MAX, Timestamp::micros).into(),
        ];
        let outcomes = |row: &Row| {
            Ok(Outcomes {
                intent: row.named("intent")?,
                state: row.named("state")?,
                reason: row.maybe_named("reason")?,
                count: row.small("count")?,
                reactions: row.small("reactions")?,
                replies: row.small("replies")?,
                last_sent_at: row.maybe("last_sent_at")?,
            })
        };
        let found = self.read("sum up a campaign").rows(&OUTCOMES, values).await?;
        Ok(CampaignStatistics { outcomes: found.iter().map(outcomes).collect::<Result<_, _>>()? })
    }
}
