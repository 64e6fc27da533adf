//! What it costs to have everything there and nothing to do: the tree's start, and the memory of an actor.
//!
//! `cargo bench -p beseda --bench idle -- [accounts] [channels]` fills a SQLite database with 10,000 accounts and 50,000
//! channels, then starts the tree on it until every account is connected to a silent simulated world. Measured is all that
//! this process grows by from the open database to the idle tree: mailboxes, states, connections, directories, the
//! database's caches. The world itself stands before; its ends of the connections count as ours.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and fails by panicking")]

mod town;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use actors::clock::VirtualClock;
use actors::{NoCourier, Ports, Records, Settings, Status, System};
use async_trait::async_trait;
use domain::id::AccountId;
use domain::seed::Seed;
use domain::time::Timestamp;
use serde_json::json;
use simulator::{Door, Source, World, WorldPlan};
use telegram::{Connection, Route, Session, Telegram, TelegramError, Unreached};
use writing::TemplateWriter;

/// As in the binary.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const START: Timestamp = Timestamp::from_secs(1_788_220_800);

/// How long a start may take, in seconds.
const START_BOUND: f64 = 5.0;

/// How much memory an actor may take, in KiB.
const ACTOR_BOUND: f64 = 16.0;

#[tokio::main]
async fn main() {
    let words = town::words();
    let number = |at: usize, default| words.get(at).map_or(default, |word| word.parse().unwrap());
    match words.first().map(String::as_str) {
        Some(town::FILL) => {
            let world = World::build(plan(number(2, 0), number(3, 0)), Source::Generated);
            town::fill(&words[1], &world, |account| world.session(account)).await;
        }
        _ => {
            let folder = tempfile::tempdir().unwrap();
            let url = format!("sqlite://{}?mode=rwc", folder.path().join("idle.db").display());
            let plan = plan(number(0, 10_000), number(1, 50_000));
            town::have_filled(&url, &[plan.accounts.to_string(), plan.channels.to_string()]);
            measure(&url, plan).await.print();
        }
    }
}

/// A silent world in which each channel has one speaker.
fn plan(accounts: u32, channels: u32) -> WorldPlan {
    let plan = WorldPlan::new(Seed(1), START, town::label());
    WorldPlan { accounts, channels, speakers: 1, posts_per_day: 0.0, readers_per_post: 0.0, ..plan }
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
    let store = town::open(url).await;
    let door = Door::new(world, clock.clone());
    let ports = Ports {
        records: Records::of(store.clone()),
        telegram: Arc::new(Counted { door, connected: connected.clone() }),
        logins: Arc::new(Unreached),
        probes: Arc::new(Unreached),
        writer: Arc::new(TemplateWriter),
        courier: Arc::new(NoCourier),
        clock,
        probe: None,
    };
    let rss_before = town::rss_bytes();
    let begun = Instant::now();
    // All at once: the bench asks what an account costs, not how gently a server is treated.
    let settings = Settings { connect_gap: Duration::ZERO, ..Settings::default() };
    let system = System::start(ports, settings).await.unwrap();
    system.quiet().await;
    let start = begun.elapsed();
    let rss_after = town::rss_bytes();
    assert_eq!(connected.load(Ordering::Relaxed), accounts, "every account is connected, once");

    let tree = system.tree().await;
    let troubled = tree.walk().find(|node| node.status != Status::Running || node.last_error.is_some());
    assert!(troubled.is_none(), "{troubled:?}");
    let actors = tree.walk().count();
    system.stop().await.unwrap();
    store.close().await.unwrap();
    Measured { accounts, channels, actors, start, rss_before, rss_after }
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
