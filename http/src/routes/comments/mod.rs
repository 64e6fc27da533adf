//! `/api/v1/projects/{project_id}/comments`: comments of ours from the decision on, and what people decide about them.
//!
//! Here is a comment as lists show it; the files below have it as its reviewers read it, what they decide on one, and what
//! on all that match a filter. The three enums are `domain`'s, described for readers.

mod decisions;
mod many;
mod reading;
mod record;
mod selection;

use chrono::{DateTime, Utc};
use domain::time::Timestamp;
use persistence::review::ListedComment;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};

use crate::moment::moment;
use decisions::DecisionsApi;
use many::ManyApi;
use reading::ReadingApi;

/// All of it.
pub(crate) type CommentsApi = (ReadingApi, DecisionsApi, ManyApi);

/// All of it, to be served.
pub(crate) const COMMENTS: CommentsApi = (ReadingApi, DecisionsApi, ManyApi);

/// Where a comment is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::comment::StateName", rename_all = "snake_case")]
pub(crate) enum CommentState {
    Planned,
    Skipped,
    Drafted,
    Rejected,
    Approved,
    Void,
    Scheduled,
    Sending,
    Sent,
    Unknown,
    Refused,
    Expired,
    Visible,
    Removed,
}

/// What a comment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::comment::Intent", rename_all = "snake_case")]
pub(crate) enum CommentIntent {
    Opener,
    Answer,
    FollowUp,
}

/// Why a comment was decided against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::comment::SkipReason", rename_all = "snake_case")]
pub(crate) enum SkipReason {
    NoConsent,
    CommentsClosed,
    NoCampaign,
    ProjectPaused,
    NothingToSay,
    TooOld,
    NotChosen,
    NoAccount,
    LimitReached,
    NoSlot,
    PostDeleted,
    NotAQuestion,
    OwnMessage,
    EnoughAnswers,
    NothingWritten,
    ConsentRevoked,
    Cancelled,
    Unlabelled,
}

/// A comment of ours, from the decision on.
#[derive(Debug, Object)]
pub(crate) struct Comment {
    /// Its id here.
    id: i64,
    /// The post it stands under, by its id here.
    post_id: i64,
    /// The channel of that post, by its id here.
    channel_id: i64,
    /// The campaign it was planned for, by its id here; missing if none covers the channel.
    #[oai(skip_serializing_if_is_none)]
    campaign_id: Option<i64>,
    /// The account that says it, by its id here; missing if none was chosen.
    #[oai(skip_serializing_if_is_none)]
    account_id: Option<i64>,
    /// What it is for.
    intent: CommentIntent,
    /// Where it is in its life.
    state: CommentState,
    /// Why it was skipped, if it was.
    #[oai(skip_serializing_if_is_none)]
    reason: Option<SkipReason>,
    /// Telegram's name for why it was refused, if it was.
    #[oai(skip_serializing_if_is_none)]
    error_code: Option<String>,
    /// The latest revision of its text, from 1; 0 before the first.
    revision: u32,
    /// What that revision says, without label.
    #[oai(skip_serializing_if_is_none)]
    draft: Option<String>,
    /// Exactly what leaves or left, with its label; missing until it is scheduled.
    #[oai(skip_serializing_if_is_none)]
    text: Option<String>,
    /// From when on it may leave.
    #[oai(skip_serializing_if_is_none)]
    window_from: Option<DateTime<Utc>>,
    /// Until when it may leave.
    #[oai(skip_serializing_if_is_none)]
    window_to: Option<DateTime<Utc>>,
    /// When it is to leave.
    #[oai(skip_serializing_if_is_none)]
    due_at: Option<DateTime<Utc>>,
    /// When Telegram confirmed it.
    #[oai(skip_serializing_if_is_none)]
    sent_at: Option<DateTime<Utc>>,
    /// Its message id in the discussion group, once it is sent.
    #[oai(skip_serializing_if_is_none)]
    message_id: Option<i64>,
    /// Reactions when it was last looked at.
    reactions: i64,
    /// Messages that answered it when it was last looked at.
    replies: i64,
    /// When it was decided upon.
    created_at: DateTime<Utc>,
}

/// Some comments, the latest decision first.
#[derive(Debug, Object)]
#[oai(example)]
pub(crate) struct CommentPage {
    /// The comments.
    pub(super) items: Vec<Comment>,
    /// The cursor of the following page; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    pub(super) next: Option<String>,
}

impl From<ListedComment> for Comment {
    fn from(comment: ListedComment) -> Self {
        Self {
            id: comment.id.get(),
            post_id: comment.post.get(),
            channel_id: comment.channel.get(),
            campaign_id: comment.campaign.map(|campaign| campaign.get()),
            account_id: comment.account.map(|account| account.get()),
            intent: comment.intent.into(),
            state: comment.state.into(),
            reason: comment.reason.map(SkipReason::from),
            error_code: comment.error_code,
            revision: comment.revision.0,
            draft: comment.draft,
            text: comment.signed_text,
            window_from: comment.window_from.map(moment),
            window_to: comment.window_to.map(moment),
            due_at: comment.due_at.map(moment),
            sent_at: comment.sent_at.map(moment),
            message_id: comment.message.map(|message| message.get()),
            reactions: comment.reactions,
            replies: comment.replies,
            created_at: moment(comment.created_at),
        }
    }
}

impl Example for Comment {
    fn example() -> Self {
        let at = |seconds: i64| moment(Timestamp::from_secs(1_772_442_000 + seconds));
        Self {
            id: 88,
            post_id: 1042,
            channel_id: 3,
            campaign_id: Some(1),
            account_id: Some(7),
            intent: CommentIntent::Opener,
            state: CommentState::Visible,
            reason: None,
            error_code: None,
            revision: 1,
            draft: Some("Which stop will you use first?".into()),
            text: Some("Which stop will you use first?\n\nfrom the editors' assistant".into()),
            window_from: Some(at(120)),
            window_to: Some(at(3600)),
            due_at: Some(at(540)),
            sent_at: Some(at(541)),
            message_id: Some(90_412),
            reactions: 5,
            replies: 2,
            created_at: at(2),
        }
    }
}

impl Example for CommentPage {
    fn example() -> Self {
        Self { items: vec![Comment::example()], next: Some("kq3vGdZyW8Q4OA".into()) }
    }
}
