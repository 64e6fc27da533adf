//! What the benches of a whole tree begin with: a database that holds a project with everything that a world has.
//!
//! A process of its own fills it, by calling the bench again with [`FILL`]: memory that it freed would be used again by what
//! is measured and hide what that needs.

use std::process::Command;
use std::time::Duration;

use domain::account::{Kind, Status};
use domain::disclosure::Label;
use domain::id::{AccountId, ChannelId, MessageId, ProjectId};
use domain::pacing::Limits;
use domain::policy::Approval;
use domain::time::Zone;
use persistence::setup::{Assignment, Locale, NewAccount, NewChannel, NewProject, NewUser, Role};
use persistence::vault::{Vault, VaultKey};
use persistence::{DatabaseConfig, Durability, Store};
use simulator::{World, WorldPlan};
use telegram::Session;

/// What calls a bench to fill a database.
pub(crate) const FILL: &str = "fill";

/// The first audits are so long after the world's beginning: while a bench runs, none is due by itself.
const FIRST_AUDIT: Duration = Duration::from_secs(3600);

/// Rows created at once.
const BATCH: usize = 5000;

/// What a bench was called with. Cargo adds a `--bench` of its own.
pub(crate) fn words() -> Vec<String> {
    std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect()
}

/// The label of every account.
pub(crate) fn label() -> Label {
    Label::new("From the channel's team").unwrap()
}

/// Has another process fill the database at `url`, which is called with [`FILL`], the address, and these sizes.
pub(crate) fn have_filled(url: &str, sizes: &[String]) {
    let program = std::env::current_exe().unwrap();
    let filled = Command::new(program).args([FILL, url]).args(sizes).status().unwrap();
    assert!(filled.success(), "the database could not be filled");
}

/// Opens a database that is filled.
pub(crate) async fn open(url: &str) -> Store {
    Store::open(&config(url)).await.unwrap().unlock(Some(vault())).await.unwrap()
}

/// As in service: a commit survives a power cut.
fn config(url: &str) -> DatabaseConfig {
    DatabaseConfig { url: url.to_owned(), durability: Durability::Power, max_connections: 10 }
}

fn vault() -> Vault {
    Vault::new(vec![VaultKey::from_bytes([7; 32])]).unwrap()
}

/// Creates a project with everything that the world has. `session` is each account's.
pub(crate) async fn fill(url: &str, world: &World, session: impl Fn(u32) -> Option<Session>) {
    let store = Store::connect(&config(url)).await.unwrap();
    store.migrate().await.unwrap();
    let store = store.unlock(Some(vault())).await.unwrap();
    let plan = world.plan();
    let project = create_project(&store, plan).await;
    let new: Vec<_> = (0..plan.channels).map(|channel| new_channel(world, channel)).collect();
    let mut channels: Vec<ChannelId> = Vec::new();
    for batch in new.chunks(BATCH) {
        channels.extend(store.create_channels(project, batch, plan.start + FIRST_AUDIT).await.unwrap());
    }
    let new: Vec<_> =
        (0..plan.accounts).map(|account| new_account(plan, account, session(account))).collect();
    let mut accounts: Vec<AccountId> = Vec::new();
    for batch in new.chunks(BATCH) {
        accounts.extend(store.create_accounts(project, batch).await.unwrap());
    }
    let assignments: Vec<_> = (0..)
        .zip(&channels)
        .flat_map(|(index, channel)| plan.speakers_of(index).map(|speaker| (speaker, *channel)))
        .map(|(speaker, channel)| Assignment { account: accounts[speaker as usize], channel })
        .collect();
    for batch in assignments.chunks(BATCH) {
        let assigned = store.assign_channels(project, batch).await.unwrap();
        assert!(
            assigned.refused.is_empty(),
            "an account may have 50 channels at most: ask for more accounts"
        );
    }
    store.close().await.unwrap();
}

async fn create_project(store: &Store, plan: &WorldPlan) -> ProjectId {
    let user = NewUser {
        telegram_id: None,
        username: None,
        display_name: "Owner".to_owned(),
        role: Role::Admin,
        locale: Locale::En,
        zone: Zone::UTC,
    };
    let owner = store.create_user(&user, plan.start).await.unwrap();
    let project = NewProject {
        owner,
        name: "town".to_owned(),
        zone: Zone::UTC,
        approval: Approval::ByRule,
        label: plan.label.clone(),
    };
    store.create_project(&project, plan.start).await.unwrap()
}

fn new_channel(world: &World, channel: u32) -> NewChannel {
    NewChannel {
        telegram_id: WorldPlan::channel_peer(channel),
        username: None,
        title: world.title(channel),
        about: String::new(),
        discussion: Some(WorldPlan::group_peer(channel)),
        newest: MessageId(0),
        members: None,
    }
}

fn new_account(plan: &WorldPlan, account: u32, session: Option<Session>) -> NewAccount {
    NewAccount {
        kind: Kind::Person,
        telegram_id: Some(WorldPlan::account_peer(account)),
        username: None,
        display_name: format!("Editor {account}"),
        session: session.map(|session| session.reveal().to_vec().into()),
        status: Status::Active,
        label: plan.label.clone(),
        label_verified_at: None,
        limits: Limits { daily: plan.limits.daily, gap: plan.limits.gap },
    }
}

/// The resident memory of this process, in bytes, as Linux tells it.
pub(crate) fn rss_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1024
}
