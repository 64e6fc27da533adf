//! `beseda serve` against `beseda simulator`, as two processes: either is killed with SIGKILL, fifty times in all, and started
//! again at once. Nothing is sent twice and nothing is lost, by the simulator's own record. On both databases.
//!
//! The moments follow from a seed: most are lengths of the record, so that they fall right behind a deed, a comment that was
//! written and not answered yet above all; every fifth is a blink after the last start. All of it is real: two clocks that
//! tell the machine's time, a real client, a wire in between. Answers to readers are no part of it, because they wait for
//! minutes; comments that open a thread leave within seconds.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

mod pair;
mod project;

use std::path::Path;
use std::time::Duration;

use actors::clock::SystemClock;
use domain::comment::{Intent, StateName};
use domain::disclosure::Label;
use domain::id::ProjectId;
use domain::seed::Seed;
use domain::time::{Clock as _, Zone};
use pair::Pair;
use persistence::Store;
use persistence::listing::CommentCount;
use simulator::{CommentClaim, Limits, PostClaim, Source, Verdict, World, WorldPlan, record};
use testkit::tokio::task::spawn_blocking;
use testkit::tokio::time::{Instant, interval};

const KILLS: i64 = 50;
const SEED: Seed = Seed(43);

/// What both processes derive their keys from.
const LOGIN_KEY: &str = "a test's keys are no secret";

/// Posts that are published before each kill.
const POSTS: i64 = 4;

/// No moment is further away than this.
const FURTHEST: Duration = Duration::from_millis(1_700);

/// How long everything may take to come to its end after the last kill.
const PATIENCE: Duration = Duration::from_secs(120);

/// More rows than there are.
const ALL: u32 = 5000;

/// A silent world but for what the test publishes.
fn plan() -> WorldPlan {
    let label = Label::new("The channel's team, with an assistant").unwrap();
    WorldPlan {
        channels: 12,
        accounts: 12,
        posts_per_day: 0.0,
        limits: Limits { daily: 1000, gap: Duration::from_secs(1), zone: Zone::UTC },
        ..WorldPlan::new(Seed(1), SystemClock.now(), label)
    }
}

testkit::on_every_database! {
    async fn killed_fifty_times_either_of_two_processes_sends_nothing_twice_and_loses_nothing(database: &Database) {
        let folder = tempfile::tempdir().unwrap();
        let (plan, server, store) = (plan(), pair::free(), database.store());
        let project = project::fill(store, &plan, server, LOGIN_KEY).await;
        let mut pair = Pair::start(folder.path(), &plan, server, &database.config().url);
        let mut pair = spawn_blocking(move || {
            survive(&mut pair, plan.channels);
            pair
        })
        .await
        .unwrap();
        settle(store, project, &mut pair).await;
        pair.service.stop();
        pair.simulator.stop();
        judge(store, project, folder.path()).await;
    }
}

/// Publishes, and kills one of the two at its moment, again and again.
fn survive(pair: &mut Pair, channels: u32) {
    for kill in 0..KILLS {
        let chance = SEED.derive("kill", kill);
        for post in 0..POSTS {
            pair.publish((chance.derive("channel", post).0 % u64::from(channels)) as u32);
        }
        if kill % 5 == 4 {
            pair.watch(u64::MAX, FURTHEST.mul_f64(chance.fraction() * 0.1));
        } else {
            // A comment takes some three hundred bytes.
            let further = (chance.fraction() * 1_000.0) as u64;
            pair.watch(pair.recorded() + 1 + further, FURTHEST);
        }
        if chance.derive("who", 0).fraction() < 0.5 {
            pair.service.strike();
        } else {
            pair.strike_simulator();
        }
    }
}

/// Waits until every post has its comment, and every comment stands in its thread or has come to another end.
async fn settle(store: &Store, project: ProjectId, pair: &mut Pair) {
    let published = KILLS * POSTS;
    let deadline = Instant::now() + PATIENCE;
    let mut looks = interval(Duration::from_millis(100));
    loop {
        looks.tick().await;
        let counts = store.comment_counts(project).await.unwrap();
        let ended = |count: &&CommentCount| count.state.is_final() || count.state == StateName::Sent;
        let openers = |count: &&CommentCount| count.intent == Intent::Opener;
        let done: u64 = counts.iter().filter(ended).filter(openers).map(|count| count.count).sum();
        if i64::try_from(done).unwrap() == published && counts.iter().all(|count| ended(&count)) {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "{done} of {published} openers came to their end, seed {}: {counts:?}\n{}\n{}",
            SEED.0,
            pair.service.told(),
            pair.simulator.told()
        );
    }
}

/// Builds the world again from its record, and holds what the product believes against it.
async fn judge(store: &Store, project: ProjectId, folder: &Path) {
    let path = pair::record(folder);
    let plan = WorldPlan { start: record::begins_at(&path).unwrap().unwrap(), ..plan() };
    let world = World::open(plan, Source::Generated, &path).unwrap();
    let sent = store.sent_comments(project, None, ALL).await.unwrap();
    let known = store.known_posts(project, None, ALL).await.unwrap();
    let verdict = world.verdict();
    let compared = world.compare(
        sent.iter().map(|sent| CommentClaim {
            channel: sent.channel_peer,
            message: sent.message,
            random_id: sent.random_id,
        }),
        known.iter().map(|known| PostClaim { channel: known.channel_peer, post: known.message }),
        world.last_time(),
    );
    let seen = format!("seed {}: {verdict:?} {compared:?}", SEED.0);
    assert_eq!(verdict, Verdict { sent: verdict.sent, ..Verdict::default() }, "{seen}");
    assert_eq!(compared.lost(), 0, "{seen}");
    assert_eq!(verdict.sent, sent.len() as u64, "{seen}");
    assert!(sent.len() > 150, "{seen}");
    assert_eq!(known.len() as i64, KILLS * POSTS, "{seen}");
}
