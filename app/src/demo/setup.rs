//! Fills the Store with a project for the world: its channels and their consents, accounts, voices and campaigns.
//!
//! A database that was filled before is taken as it is, if it was filled for the same world; any other content is left
//! alone and the demo refuses to run on it.

use std::time::Duration;

use domain::account::{Kind, Status};
use domain::comment::Intent;
use domain::consent::{Evidence, Scope};
use domain::id::{AccountId, ChannelId, MessageId, ProjectId, UserId};
use domain::pacing::Limits;
use domain::policy::{Approval, Mode, Policy, Preset};
use domain::time::{Timestamp, Zone};
use persistence::Store;
use persistence::outbox::Actor;
use persistence::setup::{
    Assignment, Locale, NewAccount, NewCampaign, NewChannel, NewConsent, NewProject, NewTemplate, NewUser,
    NewVoice, Role,
};
use simulator::{World, WorldPlan};

use super::doorway::Doorway;
use super::scenario::Scenario;
use crate::error::AppError;

/// The setting that says for which world a database was filled, and that it was filled to the end.
const MARK: &str = "demo.world";

/// When channels are first audited, after the beginning.
const FIRST_AUDIT: Duration = Duration::from_secs(3600);

/// Rows created at once.
const BATCH: usize = 5000;

/// Fills an empty database, or recognises one that was filled for this world; the project in it.
///
/// # Errors
/// [`AppError::OccupiedDatabase`] when it holds anything else; the Store's own.
pub(crate) async fn prepare(
    store: &Store,
    world: &World,
    door: &Doorway,
    scenario: &Scenario,
    now: Timestamp,
) -> Result<ProjectId, AppError> {
    let mark = serde_json::to_string(world.plan()).map_err(AppError::Report)?;
    match store.setting(None, MARK).await? {
        Some(found) if found == mark => return recognise(store).await,
        None if store.projects_to_plan().await?.is_empty() => {}
        Some(_) | None => return Err(AppError::OccupiedDatabase),
    }
    let owner = store.create_user(&owner(scenario.zone), now).await?;
    let project = NewProject {
        owner,
        name: "demo".to_owned(),
        zone: scenario.zone,
        approval: Approval::ByRule,
        label: scenario.label().clone(),
    };
    let project = store.create_project(&project, now).await?;
    let channels = create_channels(store, project, world, now + FIRST_AUDIT).await?;
    grant(store, project, world.plan(), &channels, owner, now).await?;
    let accounts = create_accounts(store, project, world, door, now).await?;
    assign(store, project, world.plan(), &channels, &accounts).await?;
    create_campaigns(store, project, &channels, &accounts).await?;
    store.set_setting(None, MARK, &mark, Actor::System, now).await?;
    Ok(project)
}

async fn recognise(store: &Store) -> Result<ProjectId, AppError> {
    store.projects_to_plan().await?.first().copied().ok_or(AppError::OccupiedDatabase)
}

fn owner(zone: Zone) -> NewUser {
    NewUser {
        telegram_id: None,
        username: None,
        display_name: "The channels' owner".to_owned(),
        role: Role::Admin,
        locale: Locale::En,
        zone,
    }
}

/// The world's channels, by their index there.
async fn create_channels(
    store: &Store,
    project: ProjectId,
    world: &World,
    first_audit_at: Timestamp,
) -> Result<Vec<ChannelId>, AppError> {
    let new = |channel: u32| NewChannel {
        telegram_id: WorldPlan::channel_peer(channel),
        username: None,
        title: world.title(channel),
        about: String::new(),
        discussion: Some(WorldPlan::group_peer(channel)),
        newest: MessageId(0),
        members: None,
    };
    let all: Vec<_> = (0..world.plan().channels).map(new).collect();
    let mut ids = Vec::with_capacity(all.len());
    for batch in all.chunks(BATCH) {
        ids.extend(store.create_channels(project, batch, first_audit_at).await?);
    }
    Ok(ids)
}

/// Writes down the consents that the world's owners gave.
async fn grant(
    store: &Store,
    project: ProjectId,
    plan: &WorldPlan,
    channels: &[ChannelId],
    owner: UserId,
    now: Timestamp,
) -> Result<(), AppError> {
    let agreeing = channels.iter().take(plan.consenting as usize);
    let consents: Vec<_> = agreeing
        .map(|channel| NewConsent {
            channel: *channel,
            scope: Scope::Comment,
            evidence: Evidence::Written,
            detail: "the owner in the demo's world agreed".to_owned(),
            expires_at: None,
        })
        .collect();
    for batch in consents.chunks(BATCH) {
        store.grant_consents(project, batch, owner, now).await?;
    }
    Ok(())
}

/// The world's accounts, by their index there. What their profiles say is looked at as a login would.
async fn create_accounts(
    store: &Store,
    project: ProjectId,
    world: &World,
    door: &Doorway,
    now: Timestamp,
) -> Result<Vec<AccountId>, AppError> {
    let plan = world.plan();
    let limits = Limits { daily: plan.limits.daily, gap: plan.limits.gap };
    let new = |account: u32| NewAccount {
        kind: Kind::Person,
        telegram_id: Some(WorldPlan::account_peer(account)),
        username: None,
        display_name: format!("Editor {account}"),
        session: door.session(world, account).map(|session| session.reveal().to_vec().into()),
        status: Status::Active,
        label: plan.label.clone(),
        label_verified_at: plan.label.stands_in(&world.profile(account).about).then_some(now),
        limits,
    };
    let all: Vec<_> = (0..plan.accounts).map(new).collect();
    let mut ids = Vec::with_capacity(all.len());
    for batch in all.chunks(BATCH) {
        ids.extend(store.create_accounts(project, batch).await?);
    }
    Ok(ids)
}

/// Lets each account write where it is a member.
async fn assign(
    store: &Store,
    project: ProjectId,
    plan: &WorldPlan,
    channels: &[ChannelId],
    accounts: &[AccountId],
) -> Result<(), AppError> {
    let mut assignments = Vec::new();
    for (index, channel) in (0..).zip(channels) {
        let speakers = plan.speakers_of(index).filter_map(|speaker| accounts.get(speaker as usize));
        assignments.extend(speakers.map(|account| Assignment { account: *account, channel: *channel }));
    }
    for batch in assignments.chunks(BATCH) {
        store.assign_channels(project, batch).await?;
    }
    Ok(())
}

/// One campaign for each preset, each with a third of the channels.
async fn create_campaigns(
    store: &Store,
    project: ProjectId,
    channels: &[ChannelId],
    accounts: &[AccountId],
) -> Result<(), AppError> {
    let voice = NewVoice {
        name: "Редакция".to_owned(),
        language: "ru".to_owned(),
        tone: "friendly, to the point".to_owned(),
        label: None,
    };
    let voice = store.create_voice(project, &voice).await?;
    store.create_templates(project, voice, &templates()).await?;
    for (third, preset) in [Preset::Safe, Preset::Balanced, Preset::Boost].into_iter().enumerate() {
        let covered: Vec<ChannelId> = channels.iter().skip(third).step_by(3).copied().collect();
        let campaign = NewCampaign {
            name: format!("{preset:?}"),
            mode: Mode::NewPosts,
            preset,
            policy: Policy::BALANCED,
            voice: Some(voice),
            channels: &covered,
            accounts,
        };
        store.create_campaign(project, &campaign).await?;
    }
    Ok(())
}

fn templates() -> Vec<NewTemplate> {
    const OPENERS: [&str; 3] = [
        "{Как вам|Что думаете про} {$topic}? {Расскажите|Поделитесь} {в комментариях|своим опытом}{.|!}",
        "{Коротко о главном|Если коротко}: «{$sentence}» {А у вас как|Согласны}?",
        "{Редакция канала|Команда канала} «{$channel}» {на связи|читает комментарии}: {спрашивайте|задавайте вопросы}.",
    ];
    const ANSWERS: [&str; 2] = [
        "{Спасибо за вопрос|Хороший вопрос}! «{$question}»: {ответим подробнее в следующих постах|передали редакции}.",
        "{Про это|На вопрос «{$question}»} {мы уже готовим|скоро выйдет} {отдельный пост|разбор}.",
    ];
    let openers = OPENERS.map(|body| NewTemplate { intent: Intent::Opener, body: body.to_owned() });
    let answers = ANSWERS.map(|body| NewTemplate { intent: Intent::Answer, body: body.to_owned() });
    openers.into_iter().chain(answers).collect()
}
