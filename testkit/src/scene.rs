//! A small project to try things on: a user, channels that consented, accounts that may write in them, one campaign.

use std::time::Duration;

use domain::account::{Kind, Status};
use domain::comment::Intent;
use domain::consent::{Evidence, Scope};
use domain::disclosure::Label;
use domain::id::{AccountId, CampaignId, ChannelId, ConsentId, MessageId, PeerId, ProjectId, UserId};
use domain::pacing::Limits;
use domain::policy::{Approval, Mode, Policy, Preset, QuietHours};
use domain::time::{Timestamp, Zone};
use persistence::setup::{
    Assignment, Locale, NewAccount, NewCampaign, NewChannel, NewConsent, NewProject, NewTemplate, NewUser,
    NewVoice, Role,
};
use persistence::watching::{Media, RecordPosts, SeenMessage, SeenPost};
use persistence::{Store, StoreError};

/// What a scene is to have.
#[derive(Clone, Debug)]
pub struct Sketch {
    /// Distinguishes scenes in one database: names and Telegram ids derive from it.
    pub number: i64,
    /// How many channels.
    pub channels: i64,
    /// How many accounts; each may write in every channel, up to the limit.
    pub accounts: i64,
    /// Who approves.
    pub approval: Approval,
    /// The campaign's numbers.
    pub policy: Policy,
    /// What each account may do at most.
    pub limits: Limits,
    /// When it all begins.
    pub now: Timestamp,
}

impl Default for Sketch {
    /// One channel, one account, approval by rule, an opener under every post within an hour, no quiet hours, no limits
    /// worth the name.
    fn default() -> Self {
        let policy = Policy {
            opener_share: 1.0,
            window_from_s: 1,
            window_to_s: 3600,
            lean: 1.0,
            quiet: QuietHours { from: 0, to: 0 },
            answers_per_post: 100,
            answers_per_reader: 100,
        };
        Self {
            number: 1,
            channels: 1,
            accounts: 1,
            approval: Approval::ByRule,
            policy,
            limits: Limits { daily: 1_000_000, gap: Duration::ZERO },
            now: Timestamp::from_secs(1_780_000_000),
        }
    }
}

/// A project as a [`Sketch`] describes it.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Who owns it.
    pub user: UserId,
    /// The project.
    pub project: ProjectId,
    /// Its channels; the Telegram id of the n-th is [`Scene::channel_peer`].
    pub channels: Vec<ChannelId>,
    /// The consents of scope `comment`, one for each channel.
    pub consents: Vec<ConsentId>,
    /// Its accounts.
    pub accounts: Vec<AccountId>,
    /// Its campaign, with a voice that has an opener and an answer.
    pub campaign: CampaignId,
    /// The label under everything.
    pub label: Label,
    /// When it began.
    pub now: Timestamp,
    number: i64,
}

impl Scene {
    /// Builds it.
    ///
    /// # Errors
    /// The Store's own.
    ///
    /// # Panics
    /// Never: the label is well formed.
    #[expect(clippy::expect_used, reason = "a constant is well formed")]
    pub async fn new(store: &Store, sketch: &Sketch) -> Result<Self, StoreError> {
        let label = Label::new("From the channel's team").expect("a label");
        let (user, project) = found(store, sketch, &label).await?;
        let number = sketch.number;
        let new: Vec<_> = (0..sketch.channels).map(|index| channel(number, index)).collect();
        let channels = store.create_channels(project, &new, sketch.now).await?;
        let granted: Vec<_> = channels.iter().map(|channel| consent(*channel)).collect();
        let consents = store.grant_consents(project, &granted, user, sketch.now).await?;
        let new: Vec<_> = (0..sketch.accounts).map(|index| account(sketch, index, &label)).collect();
        let accounts = store.create_accounts(project, &new).await?;
        assign(store, project, &accounts, &channels).await?;
        let campaign = campaign(store, project, sketch, &channels, &accounts).await?;
        Ok(Self { user, project, channels, consents, accounts, campaign, label, now: sketch.now, number })
    }

    /// The Telegram id of the n-th channel.
    #[must_use]
    pub fn channel_peer(&self, index: usize) -> PeerId {
        channel_peer(self.number, i64::try_from(index).unwrap_or(i64::MAX))
    }

    /// The Telegram id of the n-th account.
    #[must_use]
    pub fn account_peer(&self, index: usize) -> PeerId {
        account_peer(self.number, i64::try_from(index).unwrap_or(i64::MAX))
    }

    /// A post of the n-th channel as it was seen, to be recorded.
    #[must_use]
    pub fn post(&self, index: usize, message: i64, text: &str, at: Timestamp) -> RecordPosts {
        RecordPosts {
            channel: self.channels[index],
            posts: vec![seen_post(message, text, at)],
            empty: Vec::new(),
        }
    }
}

/// A post as it was seen: text alone, open for comments.
#[must_use]
pub fn seen_post(message: i64, text: &str, at: Timestamp) -> SeenPost {
    SeenPost {
        message: MessageId(message),
        grouped: None,
        text: text.to_owned(),
        media: Vec::<Media>::new(),
        published_at: at,
        edited_at: None,
        comments_open: true,
        views: 1,
        forwards: 0,
        reactions: 0,
    }
}

/// A reader's message as it was seen, answering the post itself.
#[must_use]
pub fn seen_message(message: i64, post: i64, author: PeerId, text: &str, at: Timestamp) -> SeenMessage {
    SeenMessage {
        message: MessageId(message),
        post: MessageId(post),
        author,
        answers: MessageId(0),
        text: text.to_owned(),
        sent_at: at,
    }
}

async fn found(store: &Store, sketch: &Sketch, label: &Label) -> Result<(UserId, ProjectId), StoreError> {
    let user = NewUser {
        telegram_id: None,
        username: Some(format!("owner_{}", sketch.number)),
        display_name: "Owner".to_owned(),
        role: Role::Member,
        locale: Locale::En,
        zone: Zone::UTC,
    };
    let owner = store.create_user(&user, sketch.now).await?;
    let project = NewProject {
        owner,
        name: "Project".to_owned(),
        zone: Zone::UTC,
        approval: sketch.approval,
        label: label.clone(),
    };
    Ok((owner, store.create_project(&project, sketch.now).await?))
}

fn channel_peer(number: i64, index: i64) -> PeerId {
    PeerId(1_000_000_000 * number + index)
}

fn account_peer(number: i64, index: i64) -> PeerId {
    PeerId(1_000_000_000 * number + 500_000_000 + index)
}

fn channel(number: i64, index: i64) -> NewChannel {
    NewChannel {
        telegram_id: channel_peer(number, index),
        username: None,
        title: format!("Channel {index}"),
        about: String::new(),
        discussion: Some(PeerId(1_000_000_000 * number + 700_000_000 + index)),
        newest: MessageId(0),
        members: None,
    }
}

fn consent(channel: ChannelId) -> NewConsent {
    NewConsent {
        channel,
        scope: Scope::Comment,
        evidence: Evidence::Written,
        detail: "agreed".to_owned(),
        expires_at: None,
    }
}

fn account(sketch: &Sketch, index: i64, label: &Label) -> NewAccount {
    NewAccount {
        kind: Kind::Person,
        telegram_id: Some(account_peer(sketch.number, index)),
        username: None,
        display_name: format!("Account {index}"),
        session: None,
        status: Status::Active,
        label: label.clone(),
        label_verified_at: Some(sketch.now),
        limits: sketch.limits,
    }
}

/// Spreads the accounts over the channels: each channel gets one after the other, and each account at least one channel.
async fn assign(
    store: &Store,
    project: ProjectId,
    accounts: &[AccountId],
    channels: &[ChannelId],
) -> Result<(), StoreError> {
    let pairs = accounts.len().max(channels.len());
    let wanted: Vec<_> = accounts
        .iter()
        .cycle()
        .zip(channels.iter().cycle())
        .take(pairs)
        .map(|(account, channel)| Assignment { account: *account, channel: *channel })
        .collect();
    store.assign_channels(project, &wanted).await?;
    Ok(())
}

async fn campaign(
    store: &Store,
    project: ProjectId,
    sketch: &Sketch,
    channels: &[ChannelId],
    accounts: &[AccountId],
) -> Result<CampaignId, StoreError> {
    let voice = NewVoice {
        name: "Voice".to_owned(),
        language: "en".to_owned(),
        tone: "calm".to_owned(),
        label: None,
    };
    let voice = store.create_voice(project, &voice).await?;
    let template = |intent, body: &str| NewTemplate { intent, body: body.to_owned() };
    let templates = [template(Intent::Opener, "What do you think?"), template(Intent::Answer, "Thank you.")];
    store.create_templates(project, voice, &templates).await?;
    let campaign = NewCampaign {
        name: "Campaign".to_owned(),
        mode: Mode::NewPosts,
        preset: Preset::Custom,
        policy: sketch.policy,
        voice: Some(voice),
        channels,
        accounts,
    };
    store.create_campaign(project, &campaign).await
}
