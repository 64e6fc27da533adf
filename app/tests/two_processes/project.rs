//! A project for the world of the other process: its channels, its accounts with their sessions, and a campaign that opens
//! the conversation under every post within seconds.

use std::net::SocketAddrV4;

use domain::account::{Kind, Status};
use domain::comment::Intent;
use domain::consent::{Evidence, Scope};
use domain::id::{AccountId, ChannelId, MessageId, ProjectId, UserId};
use domain::pacing::Limits;
use domain::policy::{Approval, Mode, Policy, Preset, QuietHours};
use domain::time::Zone;
use persistence::Store;
use persistence::setup::{
    Assignment, Locale, NewAccount, NewCampaign, NewChannel, NewConsent, NewProject, NewTemplate, NewUser,
    NewVoice, Role,
};
use simulator::WorldPlan;
use telegram::grammers::{GrammersSession, KeyPurpose, shared_key};

/// The data centre that the simulated Telegram stands for.
const DC: i32 = 2;

/// Due at once: a post's thread opens a second after it, and of a window all but the last five minutes is used.
const POLICY: Policy = Policy {
    opener_share: 1.0,
    window_from_s: 2,
    window_to_s: 320,
    lean: 10.0,
    quiet: QuietHours { from: 0, to: 0 },
    answers_per_post: 0,
    answers_per_reader: 0,
};

/// Fills an empty database. The sessions are those that the world handed out, under keys that follow from `login_key`.
pub(crate) async fn fill(
    store: &Store,
    plan: &WorldPlan,
    server: SocketAddrV4,
    login_key: &str,
) -> ProjectId {
    let (owner, project) = found(store, plan).await;
    let new: Vec<_> = (0..plan.channels).map(channel).collect();
    let channels = store.create_channels(project, &new, plan.start).await.unwrap();
    let consents: Vec<_> = channels.iter().copied().map(consent).collect();
    store.grant_consents(project, &consents, owner, plan.start).await.unwrap();
    let new: Vec<_> = (0..plan.accounts).map(|index| account(plan, index, server, login_key)).collect();
    let accounts = store.create_accounts(project, &new).await.unwrap();
    let assignments: Vec<_> = (0..)
        .zip(&channels)
        .flat_map(|(index, channel)| plan.speakers_of(index).map(|speaker| (speaker, *channel)))
        .map(|(speaker, channel)| Assignment { account: accounts[speaker as usize], channel })
        .collect();
    store.assign_channels(project, &assignments).await.unwrap();
    campaign(store, project, &channels, &accounts).await;
    project
}

async fn found(store: &Store, plan: &WorldPlan) -> (UserId, ProjectId) {
    let user = NewUser {
        telegram_id: None,
        username: None,
        display_name: "Owner".to_owned(),
        role: Role::Member,
        locale: Locale::En,
        zone: Zone::UTC,
    };
    let owner = store.create_user(&user, plan.start).await.unwrap();
    let project = NewProject {
        owner,
        name: "Project".to_owned(),
        zone: Zone::UTC,
        approval: Approval::ByRule,
        label: plan.label.clone(),
    };
    (owner, store.create_project(&project, plan.start).await.unwrap())
}

fn channel(index: u32) -> NewChannel {
    NewChannel {
        telegram_id: WorldPlan::channel_peer(index),
        username: None,
        title: format!("Channel {index}"),
        about: String::new(),
        discussion: Some(WorldPlan::group_peer(index)),
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

fn account(plan: &WorldPlan, index: u32, server: SocketAddrV4, login_key: &str) -> NewAccount {
    let key = shared_key(&login_key.into(), KeyPurpose::Account { index, logins: 0 });
    let peer = WorldPlan::account_peer(index);
    let session = GrammersSession::for_key(DC, server, key, Some(peer), false);
    NewAccount {
        kind: Kind::Person,
        telegram_id: Some(peer),
        username: None,
        display_name: format!("Editor {index}"),
        session: Some(session.reveal().to_vec().into()),
        status: Status::Active,
        label: plan.label.clone(),
        label_verified_at: Some(plan.start),
        limits: Limits { daily: plan.limits.daily, gap: plan.limits.gap },
    }
}

async fn campaign(store: &Store, project: ProjectId, channels: &[ChannelId], accounts: &[AccountId]) {
    let voice = NewVoice {
        name: "Voice".to_owned(),
        language: "en".to_owned(),
        tone: "calm".to_owned(),
        label: None,
    };
    let voice = store.create_voice(project, &voice).await.unwrap();
    let opener = NewTemplate { intent: Intent::Opener, body: "What do you think of {$topic}?".to_owned() };
    store.create_templates(project, voice, &[opener]).await.unwrap();
    let campaign = NewCampaign {
        name: "Campaign".to_owned(),
        mode: Mode::NewPosts,
        preset: Preset::Custom,
        policy: POLICY,
        voice: Some(voice),
        channels,
        accounts,
    };
    store.create_campaign(project, &campaign).await.unwrap();
}
