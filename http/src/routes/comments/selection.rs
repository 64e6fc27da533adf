//! Which comments are meant when many are changed at once, and what is told of the change.

use chrono::{DateTime, Utc};
use domain::id::{AccountId, CampaignId, ChannelId, PostId};
use domain::time::Timestamp;
use persistence::review::{self, CommentFilter};
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};

use super::{CommentIntent, CommentState};
use crate::moment::{instant, moment};

/// What can be done with many comments at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "persistence::review::Action", rename_all = "snake_case")]
pub(super) enum CommentAction {
    /// Approve the latest revision of each that waits for a decision.
    Approve,
    /// Reject the latest revision of each that waits for a decision.
    Reject,
    /// Take back each that has not left yet.
    Cancel,
    /// Give each that was refused or expired another chance.
    Retry,
}

/// Which comments are meant; what is left out narrows nothing.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
pub(super) struct CommentSelection {
    /// In one of these states; of these, only those count that the action fits.
    #[oai(default, validator(max_items = 14))]
    states: Vec<CommentState>,
    /// Of this intent.
    intent: Option<CommentIntent>,
    /// Planned for this campaign.
    campaign_id: Option<i64>,
    /// In this channel.
    channel_id: Option<i64>,
    /// Said by this account.
    account_id: Option<i64>,
    /// Under this post.
    post_id: Option<i64>,
    /// Decided upon at this moment or later.
    from: Option<DateTime<Utc>>,
    /// Decided upon before this moment.
    to: Option<DateTime<Utc>>,
}

/// What is to be counted.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
pub(super) struct CommentCountRequest {
    /// What is to be done with the comments.
    pub(super) action: CommentAction,
    /// Which comments are meant.
    #[oai(default)]
    pub(super) filter: CommentSelection,
}

/// How many comments are meant.
#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct CommentCount {
    /// How many there are that the action fits.
    pub(super) count: u64,
    /// When they were counted; what changes later is left alone.
    pub(super) counted_at: DateTime<Utc>,
}

/// A change of all comments that are meant.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
pub(super) struct CommentSweep {
    /// Which comments are meant, exactly as they were counted.
    #[oai(default)]
    pub(super) filter: CommentSelection,
    /// How many there were, at most 10,000: narrow the filter if there are more.
    #[oai(validator(maximum(value = "10000")))]
    pub(super) expected: u32,
    /// When they were counted.
    pub(super) counted_at: DateTime<Utc>,
    /// Why, in your words.
    #[oai(validator(max_length = 1000))]
    pub(super) note: Option<String>,
}

/// Why a comment was left as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum LeftReason {
    /// Its text or its post changed after it was counted.
    Changed,
    /// Somebody decided on it, or it went on by itself, after it was counted.
    Overtaken,
    /// Text and label do not make a message.
    Unsignable,
    /// A rule stands against another chance; `detail` says which.
    Forbidden,
}

/// A comment that was left as it was.
#[derive(Debug, Object)]
struct LeftComment {
    /// Which one.
    comment_id: i64,
    /// Why.
    reason: LeftReason,
    /// The rule that stands against it, in words.
    #[oai(skip_serializing_if_is_none)]
    detail: Option<String>,
}

/// What a change of many comments did.
#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct CommentSweepReport {
    /// How many were changed.
    applied: u64,
    /// Those that were not, in the order of their ids.
    left: Vec<LeftComment>,
}

impl CommentSelection {
    /// The filter it stands for.
    pub(super) fn filter(self) -> CommentFilter {
        CommentFilter {
            states: self.states.into_iter().map(Into::into).collect(),
            intent: self.intent.map(Into::into),
            campaign: self.campaign_id.map(CampaignId),
            channel: self.channel_id.map(ChannelId),
            account: self.account_id.map(AccountId),
            post: self.post_id.map(PostId),
            from: self.from.map(instant),
            to: self.to.map(instant),
        }
    }
}

impl Default for CommentSelection {
    fn default() -> Self {
        let (intent, campaign_id, channel_id, account_id) = (None, None, None, None);
        let (states, post_id, from, to) = (Vec::new(), None, None, None);
        Self { states, intent, campaign_id, channel_id, account_id, post_id, from, to }
    }
}

impl From<review::Swept> for CommentSweepReport {
    fn from(swept: review::Swept) -> Self {
        Self { applied: swept.applied, left: swept.left.into_iter().map(LeftComment::from).collect() }
    }
}

impl From<review::Left> for LeftComment {
    fn from(left: review::Left) -> Self {
        let (reason, detail) = match left.why {
            review::WhyLeft::Changed => (LeftReason::Changed, None),
            review::WhyLeft::Overtaken => (LeftReason::Overtaken, None),
            review::WhyLeft::Unsignable => (LeftReason::Unsignable, None),
            review::WhyLeft::Forbidden(why) => (LeftReason::Forbidden, Some(why.to_string())),
        };
        Self { comment_id: left.comment.get(), reason, detail }
    }
}

fn counted() -> DateTime<Utc> {
    moment(Timestamp::from_secs(1_772_442_000))
}

impl Example for CommentSelection {
    fn example() -> Self {
        Self { states: vec![CommentState::Drafted], channel_id: Some(3), ..Self::default() }
    }
}

impl Example for CommentCountRequest {
    fn example() -> Self {
        Self { action: CommentAction::Approve, filter: CommentSelection::example() }
    }
}

impl Example for CommentCount {
    fn example() -> Self {
        Self { count: 12, counted_at: counted() }
    }
}

impl Example for CommentSweep {
    fn example() -> Self {
        let filter = CommentSelection::example();
        Self { filter, expected: 12, counted_at: counted(), note: Some("read this morning".into()) }
    }
}

impl Example for CommentSweepReport {
    fn example() -> Self {
        let left = LeftComment { comment_id: 88, reason: LeftReason::Changed, detail: None };
        Self { applied: 11, left: vec![left] }
    }
}
