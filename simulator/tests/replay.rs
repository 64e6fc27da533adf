//! An export becomes a world that the product can work on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where it cannot go on"
)]

mod stage;

use std::sync::Arc;
use std::time::Duration;

use beseda_simulator::export::sample;
use beseda_simulator::{ExportWorld, Source, World, WorldError, WorldPlan};
use domain::id::MessageId;
use domain::seed::Seed;
use domain::time::Zone;
use stage::{Crude, Stage, label, next};
use telegram::Update;

fn export(seed: u64) -> Arc<ExportWorld> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("result.json");
    std::fs::write(&path, sample(Seed(seed), 3_000)).unwrap();
    Arc::new(ExportWorld::load(&path, Zone::UTC).unwrap())
}

fn plan(export: &ExportWorld) -> WorldPlan {
    let start = export.first_at().unwrap() - Duration::from_secs(3_600);
    WorldPlan { channels: export.channels(), accounts: 2, ..WorldPlan::new(Seed(1), start, label()) }
}

#[tokio::test]
async fn posts_and_readers_of_an_export_come_at_their_own_dates() {
    let export = export(5);
    let stage = Stage::of(World::build(plan(&export), Source::Export(export.clone())));
    let connection = stage.connect(0).await;
    let mut stream = connection.updates().await.unwrap();
    assert_eq!(stage.world.title(0), "Пример · Sample");

    stage.clock.set(export.first_at().unwrap());
    let channel = WorldPlan::channel_peer(0);
    assert_eq!(
        connection.newest(&[channel]).await.unwrap(),
        [MessageId(101)],
        "the album of a hundred photos"
    );
    assert_eq!(connection.thread(channel, MessageId(50)).await.ok(), None, "not forwarded yet");
    stage.pass(Duration::from_secs(1));
    let (one, other) =
        (connection.thread(channel, MessageId(2)).await, connection.thread(channel, MessageId(50)).await);
    assert!(one.is_ok() && one == other, "one thread for the whole album");
    let mut grouped = None;
    for _ in 0..100 {
        let Ok(Update::NewPost { post, .. }) = next(stream.as_mut()).await else { panic!("no post") };
        assert!(post.grouped.is_some() && *grouped.get_or_insert(post.grouped) == post.grouped);
    }

    stage.clock.set(export.last_at().unwrap() + Duration::from_secs(3_600));
    stage.world.advance(stage.now());
    assert_eq!(u64::from(stage.world.published(0)), export.posts());
    assert_eq!(stage.world.expected_posts(), export.posts());
    let (mut posts, mut messages) = (100, 0);
    while stage.door.pending() > 1 {
        match next(stream.as_mut()).await {
            Ok(Update::NewPost { .. }) => posts += 1,
            Ok(Update::NewThreadMessage { message, .. }) => {
                assert!(!message.text.is_empty());
                messages += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(posts > 2_500, "{posts}");
    assert_eq!(messages, export.comments());
}

#[tokio::test]
async fn comments_can_be_written_under_an_exports_posts() {
    let export = export(5);
    let plan = WorldPlan {
        limits: beseda_simulator::Limits { daily: 1_000, gap: Duration::ZERO, zone: Zone::UTC },
        ..plan(&export)
    };
    let stage = Stage::of(World::build(plan, Source::Export(export.clone())));
    let mut crude = Crude::default();
    let end = export.last_at().unwrap() + Duration::from_secs(2);
    while stage.now() < end {
        stage.clock.set((stage.now() + Duration::from_secs(6 * 3_600)).min(end));
        crude.round(&stage).await;
    }
    crude.round(&stage).await;
    let verdict = stage.world.verdict();
    assert_eq!(verdict.sent, export.posts());
    assert_eq!((verdict.two_openers, verdict.unlabelled, verdict.limit_violations), (0, 0, 0));
    assert_eq!(stage.world.compare(crude.sent, crude.posts, end).lost(), 0);
}

#[test]
fn a_record_is_not_continued_with_another_export() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("record");
    let (one, other) = (export(5), export(6));
    World::open(plan(&one), Source::Export(one.clone()), &path).unwrap();
    assert!(World::open(plan(&one), Source::Export(one.clone()), &path).is_ok());
    let refused = World::open(plan(&one), Source::Export(other), &path);
    assert!(matches!(refused, Err(WorldError::AnotherWorld { field, .. }) if field == "source"));
}
