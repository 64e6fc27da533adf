//! Which comments are meant: the filter of lists, counts and changes of many at once.

use domain::comment::{Intent, StateName};
use domain::id::{AccountId, CampaignId, ChannelId, CommentId, PostId, ProjectId};
use domain::time::Timestamp;
use sea_orm::Value;

use crate::rows::name_of;

/// The condition of [`CommentFilter`] on a table called `c`, with the parameters of [`CommentFilter::values`]: a page of
/// those below `$10`, latest first, at most `$11`.
macro_rules! matching {
    ($also:literal) => {
        concat!(
            " WHERE c.project_id = $1 AND c.id < $10
                 AND ($2 = '' OR $2 LIKE '%|' || c.state || '|%') AND ($3 = '' OR c.intent = $3)
                 AND ($4 = 0 OR c.campaign_id = $4) AND ($5 = 0 OR c.channel_id = $5)
                 AND ($6 = 0 OR c.account_id = $6) AND ($7 = 0 OR c.post_id = $7)
                 AND c.created_at >= $8 AND c.created_at < $9",
            $also,
            " ORDER BY c.id DESC LIMIT $11"
        )
    };
}
pub(super) use matching;

/// The states of comments that have not left yet; what is looked for among them alone is found by an index of theirs.
const OPEN: [StateName; 5] =
    [StateName::Planned, StateName::Drafted, StateName::Approved, StateName::Void, StateName::Scheduled];

/// Which comments of a project are meant. The default means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommentFilter {
    /// In one of these states; empty for any.
    pub states: Vec<StateName>,
    /// Of this intent.
    pub intent: Option<Intent>,
    /// Planned for this campaign.
    pub campaign: Option<CampaignId>,
    /// In this channel.
    pub channel: Option<ChannelId>,
    /// Spoken by this account.
    pub account: Option<AccountId>,
    /// Under this post.
    pub post: Option<PostId>,
    /// Decided upon at this moment or later.
    pub from: Option<Timestamp>,
    /// Decided upon before this moment.
    pub to: Option<Timestamp>,
}

impl CommentFilter {
    /// The same filter, but only in those of `states` that it admits; `None` if it admits none of them.
    pub(super) fn within(&self, states: &[StateName]) -> Option<Self> {
        let admits = |state: &StateName| self.states.is_empty() || self.states.contains(state);
        let states: Vec<_> = states.iter().copied().filter(admits).collect();
        (!states.is_empty()).then(|| Self { states, ..self.clone() })
    }

    /// Whether it means nothing but comments that have not left yet.
    pub(super) fn only_open(&self) -> bool {
        !self.states.is_empty() && self.states.iter().all(|state| OPEN.contains(state))
    }

    /// What [`matching`] compares with.
    pub(super) fn values(&self, project: ProjectId, before: Option<CommentId>, limit: u32) -> [Value; 11] {
        let states: String = self.states.iter().map(|state| format!("{state}|")).collect();
        let states = if states.is_empty() { states } else { format!("|{states}") };
        [
            project.get().into(),
            states.into(),
            self.intent.map(name_of).unwrap_or_default().into(),
            self.campaign.map_or(0, CampaignId::get).into(),
            self.channel.map_or(0, ChannelId::get).into(),
            self.account.map_or(0, AccountId::get).into(),
            self.post.map_or(0, PostId::get).into(),
            self.from.map_or(i64::MIN, Timestamp::micros).into(),
            self.to.map_or(i64::MAX, Timestamp::micros).into(),
            before.map_or(i64::MAX, CommentId::get).into(),
            i64::from(limit).into(),
        ]
    }
}
