//! Which posts get an opener and which readers an answer: by which account, in which window, and if not, why not.
//!
//! Both decisions read a [`Desk`] (a snapshot of one project, for the channels in question) and book the slot they choose
//! on it, so that the next decision of the same batch sees it.

use std::collections::BTreeMap;

use crate::account::Status;
use crate::comment::SkipReason;
use crate::consent::Consent;
use crate::id::{AccountId, CampaignId, ChannelId, PostId, ThreadMessageId};
use crate::pacing::{Ledger, Limits, Window};
use crate::policy::{CampaignStatus, Mode, Policy, ProjectStatus};
use crate::time::{Timestamp, Zone};

/// A snapshot of what a project may do, for the channels of one batch of decisions.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Whether the project works.
    pub status: ProjectStatus,
    /// Where its days and quiet hours are.
    pub zone: Zone,
    /// The campaigns that cover at least one of the channels, in the order of their ids.
    pub campaigns: Vec<Campaign>,
    /// The ledger's rows for the channels.
    pub consents: Vec<Consent>,
    /// The accounts that may write in at least one of the channels.
    pub accounts: BTreeMap<AccountId, Account>,
    /// What each account has promised; kept by the planner from batch to batch, empty for an account never booked.
    pub ledgers: BTreeMap<AccountId, Ledger>,
}

/// What planning knows of a campaign.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// Its row.
    pub id: CampaignId,
    /// Whether it works.
    pub status: CampaignStatus,
    /// What it reacts to.
    pub mode: Mode,
    /// Its numbers.
    pub policy: Policy,
    /// Who speaks where: its channels (also those of its playlists), each with the accounts of the campaign that are assigned
    /// to the channel and not blocked there.
    pub speakers: BTreeMap<ChannelId, Vec<AccountId>>,
}

/// What planning knows of an account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its condition.
    pub status: Status,
    /// What it may do at most.
    pub limits: Limits,
}

/// What planning knows of a post.
#[derive(Clone, Debug)]
pub struct Post {
    /// Its row.
    pub id: PostId,
    /// Where it was published.
    pub channel: ChannelId,
    /// When.
    pub published_at: Timestamp,
    /// Its text; empty for media alone.
    pub text: String,
    /// Whether it has a comment section.
    pub comments_open: bool,
    /// Whether it is gone.
    pub deleted: bool,
}

/// What planning knows of a reader's message.
#[derive(Clone, Debug)]
pub struct ReaderMessage {
    /// Its row.
    pub id: ThreadMessageId,
    /// The post it stands under.
    pub post: Post,
    /// Who wrote it.
    pub author: Author,
    /// What it says.
    pub text: String,
    /// When it was written.
    pub sent_at: Timestamp,
    /// Whether it is gone.
    pub deleted: bool,
    /// Answers of ours under this post, planned ones included.
    pub answers_under_post: u16,
    /// Answers of ours to this reader under this post, planned ones included.
    pub answers_to_reader: u16,
}

/// Who wrote a message in a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// One of our accounts.
    Ours,
    /// The channel itself.
    Channel,
    /// Somebody else.
    Reader,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A comment is to be written.
    Write(Plan),
    /// Nothing is written.
    Skip(SkipReason),
}

/// Who speaks, for which campaign, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// For which campaign.
    pub campaign: CampaignId,
    /// The account that speaks.
    pub account: AccountId,
    /// When it may leave.
    pub window: Window,
    /// The moment promised on the account's ledger, inside the window.
    pub due_at: Timestamp,
}
