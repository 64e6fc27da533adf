//! What it costs to have everything there and nothing to do: the tree's start, and the memory of an actor.
//!
//! `cargo bench -p beseda --bench idle -- [accounts] [channels]` fills a SQLite database with 10,000 accounts and 50,000
//! channels, then starts the tree on it until every account is connected to a silent simulated world. A process of its own
//! fills the database: memory that it freed would be used again by the actors and hide what they need. Measured is all that
//! this process grows by from the open database to the idle tree: mailboxes, states, connections, directories, the
//! database's caches. The world itself stands before; its ends of the connections count as ours.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and fails by panicking")]

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use actors::clock::VirtualClock;
use actors::{Ports, Settings, Status, System};
use async_trait::async_trait;
use domain::account::{Kind, Status as AccountStatus};
use domain::disclosure::Label;
use domain::id::{AccountId, ChannelId, MessageId, ProjectId};
use domain::pacing::Limits;
use domain::policy::Approval;
use domain::seed::Seed;
use domain::time::{Timestamp, Zone};
use persistence::setup::{Assignment, Locale, NewAccount, NewChannel, NewProject, NewUser, Role};
use persistence::{DatabaseConfig, Durability, Store};
use serde_json::json;
use simulator::{Door, Source, World, WorldPlan};
use telegram::{Connection, Route, Session, Telegram, TelegramError, Unreached};
use writing::TemplateWriter;

const START: Timestamp = Timestamp::from_secs(1_788_220_800);

/// The first audits: while the bench runs, nothing is due.
const FIRST_AUDIT: Timestamp = Timestamp::from_secs(1_788_220_800 + 3600);

/// Rows created at once.
const BATCH: usize = 5000;

/// What calls this program to fill a database.
const FILL: &str = "fill";

/// How long a start may take, in seconds.
const START_BOUND: f64 = 5.0;

/// How much memory an actor may take, in KiB.
const ACTOR_BOUND: f64 = 16.0;

#[tokio::main]
async fn main() {
    // Cargo adds a `--bench` of its own.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let number = |at: usize, default| words.get(at).map_or(default, |word| word.parse().unwrap());
    match words.first().map(String::as_str) {
        Some(FILL) => fill(&words[1], &plan(number(2, 0), number(3, 0))).await,
        _ => {
            let folder = tempfile::tempdir().unwrap();
            let url = format!("sqlite://{}?mode=rwc", folder.path().join("idle.db").display());
            let plan = plan(number(0, 10_000), number(1, 50_000));
            let sizes = [plan.accounts.to_string(), plan.channels.to_string()];
            let program = std::env::current_exe().unwrap();
            let filled = Command::new(program).args([FILL, &url]).args(sizes).status().unwrap();
            assert!(filled.success(), "the database could not be filled");
            measure(&url, plan).await.print();
        }
    }
}

/// A silent world in which each channel has one speaker.
fn plan(accounts: u32, channels: u32) -> WorldPlan {
    let label = Label::new("From the channel's team").unwrap();
    let plan = WorldPlan::new(Seed(1), START, label);
    WorldPlan { accounts, channels, speakers: 1, posts_per_day: 0.0, readers_per_post: 0.0, ..plan }
}

/// As in service: a commit survives a power cut.
fn config(url: &str) -> DatabaseConfig {
    DatabaseConfig { url: url.to_owned(), durability: Durability::Power, max_connections: 10 }
}

/// Creates a project with everything that the plan's world has.
async fn fill(url: &str, plan: &WorldPlan) {
    let store = Store::connect(&config(url)).await.unwrap();
    store.migrate().await.unwrap();
    let project = create_project(&store, plan).await;
    let world = World::build(plan.clone(), Source::Generated);
    let new: Vec<_> = (0..plan.channels).map(|channel| new_channel(&world, channel)).collect();
    let mut channels: Vec<ChannelId> = Vec::new();
    for batch in new.chunks(BATCH) {
        channels.extend(store.create_channels(project, batch, FIRST_AUDIT).await.unwrap());
    }
    let new: Vec<_> = (0..plan.accounts).map(|account| new_account(&world, account)).collect();
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
    let owner = store.create_user(&user, START).await.unwrap();
    let project = NewProject {
        owner,
        name: "idle".to_owned(),
        zone: Zone::UTC,
        approval: Approval::ByRule,
        label: plan.label.clone(),
    };
    store.create_project(&project, START).await.unwrap()
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

fn new_account(world: &World, account: u32) -> NewAccount {
    let plan = world.plan();
    NewAccount {
        kind: Kind::Person,
        telegram_id: Some(WorldPlan::account_peer(account)),
        username: None,
        display_name: format!("Editor {account}"),
        session: world.session(account).map(|session| session.reveal().to_vec().into()),
        status: AccountStatus::Active,
        label: plan.label.clone(),
        label_verified_at: None,
        limits: Limits { daily: plan.limits.daily, gap: plan.limits.gap },
    }
}

/// The world's door, with a count of those who came in.
struct Counted {
    door: Door,
    connected: Arc<AtomicU32>,
}

#[async_trait]
impl Telegram for Counted {
    async fn connect(
        &self,
        account: AccountId,
        session: &Session,
        route: &Route,
    ) -> Result<Box<dyn Connection>, TelegramError> {
        let connection = self.door.connect(account, session, route).await?;
        self.connected.fetch_add(1, Ordering::Relaxed);
        Ok(connection)
    }
}

/// Starts the tree and waits until it has nothing left to do.
async fn measure(url: &str, plan: WorldPlan) -> Measured {
    let (accounts, channels) = (plan.accounts, plan.channels);
    let world = Arc::new(World::build(plan, Source::Generated));
    let clock = Arc::new(VirtualClock::starting(START));
    let connected = Arc::new(AtomicU32::new(0));
    let store = Store::open(&config(url)).await.unwrap();
    let door = Door::new(world, clock.clone());
    let ports = Ports {
        store: store.clone(),
        telegram: Arc::new(Counted { door, connected: connected.clone() }),
        logins: Arc::new(Unreached),
        probes: Arc::new(Unreached),
        writer: Arc::new(TemplateWriter),
        clock,
        probe: None,
    };
    let rss_before = rss_bytes();
    let begun = Instant::now();
    // All at once: the bench asks what an account costs, not how gently a server is treated.
    let settings = Settings { connect_gap: Duration::ZERO, ..Settings::default() };
    let system = System::start(ports, settings).await.unwrap();
    system.quiet().await;
    let start = begun.elapsed();
    let rss_after = rss_bytes();
    assert_eq!(connected.load(Ordering::Relaxed), accounts, "every account is connected, once");

    let tree = system.tree().await;
    let troubled = tree.walk().find(|node| node.status != Status::Running || node.last_error.is_some());
    assert!(troubled.is_none(), "{troubled:?}");
    let actors = tree.walk().count();
    system.stop().await.unwrap();
    store.close().await.unwrap();
    Measured { accounts, channels, actors, start, rss_before, rss_after }
}

/// The resident memory of this process, in bytes, as Linux tells it.
fn rss_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1024
}

struct Measured {
    accounts: u32,
    channels: u32,
    actors: usize,
    /// Until every actor stood and every account was connected.
    start: Duration,
    rss_before: u64,
    rss_after: u64,
}

impl Measured {
    /// Prints the table, then the JSON as the last line.
    fn print(&self) {
        let start = self.start.as_secs_f64();
        let per_actor = self.rss_after.saturating_sub(self.rss_before) as f64 / self.actors as f64;
        let mib = |bytes: u64| bytes >> 20;
        println!(
            "{} accounts, {} channels: {} actors, nothing to do",
            self.accounts, self.channels, self.actors
        );
        println!("start     {start:.2} s (at most {START_BOUND})");
        println!(
            "memory    {:.1} KiB an actor (at most {ACTOR_BOUND}): from {} to {} MiB",
            per_actor / 1024.0,
            mib(self.rss_before),
            mib(self.rss_after)
        );
        let object = json!({ "idle": {
            "accounts": self.accounts,
            "channels": self.channels,
            "actors": self.actors,
            "start_s": (start * 1000.0).round() / 1000.0,
            "rss_per_actor_bytes": per_actor.round(),
            "rss_before": self.rss_before,
            "rss_after": self.rss_after,
        } });
        println!("{object}");
    }
}
