//! Which posts get an opener and which readers an answer: by which account, in which window, and if not, why not.
//!
//! Both decisions read a [`Desk`] (a snapshot of one project, for the channels in question) and book the slot they choose
//! on it, so that the next decision of the same batch sees it. They never fail: a "no" is a [`SkipReason`], the first that
//! applies in the order documented on [`opener`] and [`answer`]. The same snapshot, time and seed give the same decision.

mod question;
mod rehearsal;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use question::asks;

use crate::account::Status;
use crate::comment::SkipReason;
use crate::consent::{Consent, Scope, covers};
use crate::id::{AccountId, CampaignId, ChannelId, PeerId, PostId, ThreadMessageId};
use crate::pacing::{Ledger, Limits, NoSlot, SLACK, Window, find_slot};
use crate::policy::{CampaignStatus, Mode, Policy, ProjectStatus};
use crate::seed::Seed;
use crate::text::is_blank;
use crate::time::{Timestamp, Zone};

pub use rehearsal::{Cue, Rehearsed, rehearse};

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
    /// Answers decided on this desk, beyond those that the messages of the snapshot count; begins empty.
    pub answered: Answered,
}

/// Answers decided within one batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    under_post: BTreeMap<PostId, u16>,
    to_reader: BTreeMap<(PostId, PeerId), u16>,
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
    /// Whether its readers can tell what it is, see [`crate::account::Kind::is_labelled`].
    pub labelled: bool,
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
    /// What kind of author wrote it.
    pub author: Author,
    /// Who wrote it.
    pub reader: PeerId,
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

/// Decides about opening the conversation under a post. `seed` is the post's own, and a post is decided once: both are the
/// caller's to see to.
///
/// Reasons against it, in this order: no consent, project not active, post deleted, comments closed, no text (media alone),
/// no campaign for new posts, too old, not chosen by the campaign's share, no account able, only accounts whose profile
/// lacks the label, no slot. The first campaign that is on and opens in the channel decides alone: a second one never gets a
/// post that the first left out.
pub fn opener(post: &Post, desk: &mut Desk, now: Timestamp, seed: Seed) -> Decision {
    decide_opener(post, desk, now, seed).into()
}

/// Decides about answering a reader's message; `seed` is the message's own.
///
/// Reasons against it, in this order: the message is ours or the channel's, it is no question, it is gone, no consent,
/// project not active, post deleted, comments closed, no campaign, enough answers, too old, no account able, only accounts
/// whose profile lacks the label, no slot. Every campaign that is on answers, whatever its mode; the first one decides alone.
pub fn answer(message: &ReaderMessage, desk: &mut Desk, now: Timestamp, seed: Seed) -> Decision {
    decide_answer(message, desk, now, seed).into()
}

fn decide_opener(post: &Post, desk: &mut Desk, now: Timestamp, seed: Seed) -> Result<Plan, SkipReason> {
    desk.admits(post, now)?;
    if is_blank(&post.text) {
        return Err(SkipReason::NothingToSay);
    }
    let campaign =
        desk.campaign(post.channel, |mode| mode == Mode::NewPosts).ok_or(SkipReason::NoCampaign)?;
    let window = Window::of_opener(post.published_at, &campaign.policy, now).ok_or(SkipReason::TooOld)?;
    if seed.derive("share", 0).fraction() >= campaign.policy.opener_share {
        return Err(SkipReason::NotChosen);
    }
    let plan = desk.choose(campaign, post.channel, window, seed)?;
    desk.book(plan);
    Ok(plan)
}

fn decide_answer(
    message: &ReaderMessage,
    desk: &mut Desk,
    now: Timestamp,
    seed: Seed,
) -> Result<Plan, SkipReason> {
    match message.author {
        Author::Ours | Author::Channel => return Err(SkipReason::OwnMessage),
        Author::Reader => {}
    }
    if !asks(&message.text) {
        return Err(SkipReason::NotAQuestion);
    }
    if message.deleted {
        return Err(SkipReason::PostDeleted);
    }
    desk.admits(&message.post, now)?;
    let channel = message.post.channel;
    let campaign = desk.campaign(channel, |_| true).ok_or(SkipReason::NoCampaign)?;
    let policy = &campaign.policy;
    if desk.answered.under_post(message) >= policy.answers_per_post
        || desk.answered.to_reader(message) >= policy.answers_per_reader
    {
        return Err(SkipReason::EnoughAnswers);
    }
    let window = Window::of_answer(message.sent_at, policy, desk.zone, now).ok_or(SkipReason::TooOld)?;
    let plan = desk.choose(campaign, channel, window, seed)?;
    desk.book(plan);
    desk.answered.count(message);
    Ok(plan)
}

impl Answered {
    fn under_post(&self, message: &ReaderMessage) -> u16 {
        let here = self.under_post.get(&message.post.id).copied().unwrap_or(0);
        message.answers_under_post.saturating_add(here)
    }

    fn to_reader(&self, message: &ReaderMessage) -> u16 {
        let here = self.to_reader.get(&(message.post.id, message.reader)).copied().unwrap_or(0);
        message.answers_to_reader.saturating_add(here)
    }

    fn count(&mut self, message: &ReaderMessage) {
        *self.under_post.entry(message.post.id).or_default() += 1;
        *self.to_reader.entry((message.post.id, message.reader)).or_default() += 1;
    }
}

impl Desk {
    /// What opener and answer have in common: whether anything may be written under a post at all.
    fn admits(&self, post: &Post, now: Timestamp) -> Result<(), SkipReason> {
        if !covers(&self.consents, post.channel, Scope::Comment, now) {
            return Err(SkipReason::NoConsent);
        }
        match self.status {
            ProjectStatus::Active => {}
            ProjectStatus::Paused | ProjectStatus::Archived => return Err(SkipReason::ProjectPaused),
        }
        if post.deleted {
            return Err(SkipReason::PostDeleted);
        }
        if post.comments_open { Ok(()) } else { Err(SkipReason::CommentsClosed) }
    }

    /// The first campaign that is on, covers the channel and has a fitting mode.
    fn campaign(&self, channel: ChannelId, fits: impl Fn(Mode) -> bool) -> Option<&Campaign> {
        self.campaigns.iter().find(|campaign| {
            campaign.status == CampaignStatus::On
                && fits(campaign.mode)
                && campaign.speakers.contains_key(&channel)
        })
    }

    /// Gives the window to the account with the least of its day used, chance deciding between equals; an account without
    /// room passes it on to the next.
    ///
    /// A wait that Telegram imposed is no such lack of room: the account keeps its turn and speaks after the wait, and if
    /// the wait outlasts the window nobody speaks. Work never moves to another account because of a wait.
    fn choose(
        &self,
        campaign: &Campaign,
        channel: ChannelId,
        window: Window,
        seed: Seed,
    ) -> Result<Plan, SkipReason> {
        let unused = Ledger::default();
        let slack = u16::try_from(SLACK.as_secs() / 60).unwrap_or(0);
        let policy = Policy { quiet: campaign.policy.quiet.sooner(slack), ..campaign.policy };
        let ledger = |id: AccountId| self.ledgers.get(&id).unwrap_or(&unused);
        let mut failure = None;
        for (id, account) in self.by_load(campaign, channel, window, seed) {
            let wait = account.status.waits_until().filter(|until| *until > window.from);
            let slot = window.since(wait.unwrap_or(window.from)).ok_or(NoSlot::Occupied).and_then(|left| {
                find_slot(left.with_slack(), &policy, &account.limits, ledger(id), self.zone, seed)
            });
            match slot {
                Ok(due_at) => return Ok(Plan { campaign: campaign.id, account: id, window, due_at }),
                Err(_) if wait.is_some() => return Err(SkipReason::NoSlot),
                Err(NoSlot::Occupied) => failure = Some(SkipReason::NoSlot),
                Err(NoSlot::LimitReached) => failure = failure.or(Some(SkipReason::LimitReached)),
            }
        }
        let unlabelled = || self.able(campaign, channel).any(|(_, account)| !account.labelled);
        Err(failure.unwrap_or_else(
            || {
                if unlabelled() { SkipReason::Unlabelled } else { SkipReason::NoAccount }
            },
        ))
    }

    /// The campaign's accounts whose condition lets them write in the channel.
    fn able(&self, campaign: &Campaign, channel: ChannelId) -> impl Iterator<Item = (AccountId, &Account)> {
        let speakers = campaign.speakers.get(&channel).map_or(&[][..], Vec::as_slice);
        let known = speakers.iter().filter_map(|id| Some((*id, self.accounts.get(id)?)));
        known.filter(|(_, account)| account.status.takes_work())
    }

    /// The accounts that may speak, those with the smaller share of their day booked first.
    fn by_load(
        &self,
        campaign: &Campaign,
        channel: ChannelId,
        window: Window,
        seed: Seed,
    ) -> Vec<(AccountId, &Account)> {
        let day = self.zone.day(window.from);
        let booked = |id| self.ledgers.get(&id).map_or(0, |ledger| ledger.booked_on(day));
        let mut ranked: Vec<_> = self
            .able(campaign, channel)
            .filter(|(_, account)| account.labelled)
            .map(|(id, account)| {
                let load = f64::from(booked(id)) / f64::from(account.limits.daily.max(1));
                (load, seed.derive("turn", id.get()).0, id, account)
            })
            .collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        ranked.into_iter().map(|(_, _, id, account)| (id, account)).collect()
    }

    fn book(&mut self, plan: Plan) {
        self.ledgers.entry(plan.account).or_default().book(plan.due_at, self.zone);
    }
}

impl From<Result<Plan, SkipReason>> for Decision {
    fn from(decided: Result<Plan, SkipReason>) -> Self {
        decided.map_or_else(Self::Skip, Self::Write)
    }
}
