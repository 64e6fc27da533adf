//! A world is the same however its time is cut up and however often it is killed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where it cannot go on"
)]

mod stage;

use std::path::Path;
use std::time::Duration;

use beseda_simulator::record::{self, Deed, Entry};
use beseda_simulator::{Comparison, FaultPlan, Limits, Verdict, WorldPlan};
use domain::consent::Scope;
use domain::id::{MessageId, PeerId};
use domain::seed::Seed;
use domain::time::{Timestamp, Zone};
use stage::{Crude, START, Stage, label, posts};
use telegram::{PostSeen, TelegramError};

const ROUND: Duration = Duration::from_secs(1_800);
const ROUNDS: u32 = 200;

/// Four lively days of ten channels under many faults; the crude product keeps no pace, so none is asked for.
fn lively() -> WorldPlan {
    let limits = Limits { daily: 10_000, gap: Duration::ZERO, zone: Zone::UTC };
    WorldPlan {
        channels: 10,
        accounts: 10,
        limits,
        faults: FaultPlan::many(),
        ..WorldPlan::new(Seed(11), START, label())
    }
}

/// How a run's time is cut up, and how often its world dies.
#[derive(Clone, Copy)]
struct Way {
    step: Duration,
    killed_every: Option<u32>,
}

/// What a run leaves behind.
#[derive(Debug, PartialEq)]
struct Left {
    entries: Vec<Entry>,
    verdict: Verdict,
    comparison: Comparison,
    posts: Vec<PostSeen>,
    newest: Vec<MessageId>,
}

async fn run(path: &Path, way: Way) -> Left {
    let mut crude = Crude::default();
    let mut stage = Stage::recorded(lively(), path);
    for round in 1..=ROUNDS {
        let until = START + ROUND * round;
        while stage.now() < until {
            stage.clock.set((stage.now() + way.step).min(until));
            stage.world.advance(stage.now());
        }
        for account in stage.world.owners_back() {
            stage.world.log_in(account, until);
        }
        if round == ROUNDS / 2 {
            stage.world.revoke_consent(WorldPlan::channel_peer(3), Scope::Comment, until);
        }
        crude.round(&stage).await;
        if way.killed_every.is_some_and(|every| round % every == 0) {
            stage.world.mark_time(until);
            drop(stage);
            stage = Stage::recorded(lively(), path);
            assert_eq!(stage.now(), until, "time goes on where it stopped");
        }
    }
    left(&stage, &crude, path).await
}

async fn left(stage: &Stage, crude: &Crude, path: &Path) -> Left {
    let entries = record::read(path).unwrap().map(Result::unwrap);
    let mut all_posts = Vec::new();
    let channels: Vec<PeerId> = (0..lively().channels).map(WorldPlan::channel_peer).collect();
    let connection = loop {
        let connection =
            stage.connect((0..10).find(|it| !stage.world.owners_back().contains(it)).unwrap()).await;
        match connection.newest(&channels).await {
            Ok(newest) => break (connection, newest),
            Err(TelegramError::Wait { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    };
    let (connection, newest) = connection;
    for channel in channels {
        let seen = loop {
            match posts(connection.as_ref(), channel, MessageId(0)).await {
                Ok(seen) => break seen,
                Err(TelegramError::Wait { .. }) => {}
                Err(other) => panic!("{other}"),
            }
        };
        all_posts.extend(seen);
    }
    Left {
        entries: entries.filter(|entry| entry.deed != Deed::Time).collect(),
        verdict: stage.world.verdict(),
        comparison: stage.world.compare(crude.sent.clone(), crude.posts.clone(), Timestamp::EPOCH),
        posts: all_posts,
        newest,
    }
}

#[tokio::test]
async fn fine_and_coarse_steps_of_time_give_the_same_world() {
    let dir = tempfile::tempdir().unwrap();
    let coarse = run(&dir.path().join("coarse"), Way { step: ROUND, killed_every: None }).await;
    let fine =
        run(&dir.path().join("fine"), Way { step: Duration::from_millis(7_919), killed_every: None }).await;
    assert!(coarse.verdict.sent > 100 && coarse.verdict.unconsented > 0, "{:?}", coarse.verdict);
    assert_eq!(coarse.verdict.duplicates, 0);
    assert_eq!(coarse, fine);
}

#[tokio::test]
async fn a_world_killed_again_and_again_is_the_one_that_never_was() {
    let dir = tempfile::tempdir().unwrap();
    let whole = run(&dir.path().join("whole"), Way { step: ROUND, killed_every: None }).await;
    let killed = run(&dir.path().join("killed"), Way { step: ROUND, killed_every: Some(7) }).await;
    // Reading calls are not recorded, so their faults, and with them single attempts, may differ; what stands may not.
    assert_eq!(killed.posts, whole.posts);
    assert_eq!(killed.newest, whole.newest);
    assert_eq!(
        killed.verdict,
        judged_again(&killed.entries),
        "the judge remembers what it saw before each death"
    );
    assert_eq!(killed.verdict.duplicates, 0);
    assert_eq!(killed.comparison.invented_messages, 0, "every message that was acknowledged still stands");
}

#[tokio::test]
async fn without_faults_in_reading_a_killed_world_has_the_same_record() {
    let plan = || WorldPlan { faults: FaultPlan { read_flood_wait: 0.0, ..FaultPlan::many() }, ..lively() };
    let dir = tempfile::tempdir().unwrap();
    let mut records = Vec::new();
    for (name, killed_every) in [("whole", u32::MAX), ("killed", 3)] {
        let path = dir.path().join(name);
        let mut crude = Crude::default();
        let mut stage = Stage::recorded(plan(), &path);
        for round in 1..=ROUNDS {
            stage.clock.set(START + ROUND * round);
            crude.round(&stage).await;
            if round % killed_every == 0 {
                drop(stage);
                stage = Stage::recorded(plan(), &path);
                stage.clock.set(START + ROUND * round);
            }
        }
        let entries: Vec<Entry> = record::read(&path).unwrap().map(Result::unwrap).collect();
        records.push((entries, stage.world.verdict(), crude.sent));
    }
    assert_eq!(records[0], records[1]);
}

#[test]
fn a_record_that_does_not_fit_its_world_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("record");
    drop(Stage::recorded(lively(), &path));
    let mut text = std::fs::read_to_string(&path).unwrap();
    text.push_str(
        "{\"at\":1772431200000000,\"deed\":{\"sent\":{\"account\":100000000,\"channel\":1000000000,\"post\":2,\
         \"message\":77,\"random_id\":1,\"answers\":null,\"text\":\"x\",\"answer_lost\":false}}}\n",
    );
    std::fs::write(&path, text).unwrap();
    let refused = beseda_simulator::World::open(lively(), beseda_simulator::Source::Generated, &path);
    let Err(beseda_simulator::WorldError::Diverged { line: 2, why, .. }) = refused else {
        panic!("{refused:?}")
    };
    assert!(why.contains("message 77 stands where 2 should"), "{why}");
}

fn judged_again(entries: &[Entry]) -> Verdict {
    let mut judge = beseda_simulator::Judge::new(lively());
    entries.iter().for_each(|entry| judge.observe(entry));
    judge.verdict()
}
