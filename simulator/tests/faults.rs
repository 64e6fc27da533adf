//! Each of Telegram's own ways occurs when it is asked for, and behaves as Telegram does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where it cannot go on"
)]

mod stage;

use std::time::Duration;

use beseda_simulator::record::Intervention;
use beseda_simulator::{FaultPlan, SendFault, WorldPlan};
use domain::id::MessageId;
use stage::{Crude, START, Stage, next, outgoing, silent};
use telegram::{Connection, Outgoing, TelegramError, Update, WaitScope};

const HOUR: Duration = Duration::from_secs(3_600);

fn with(faults: FaultPlan) -> Stage {
    Stage::new(WorldPlan { faults, ..silent() })
}

const NONE: FaultPlan = FaultPlan::none();

/// An account in front of a fresh post, with a comment for it.
async fn about_to_send(stage: &Stage) -> (Box<dyn Connection>, Outgoing) {
    let channel = WorldPlan::channel_peer(0);
    stage.world.intervene(Intervention::Publish { channel }, stage.now());
    stage.pass(Duration::from_secs(60));
    let connection = stage.connect(0).await;
    let newest = connection.newest(&[channel]).await.unwrap()[0];
    let thread = connection.thread(channel, newest).await.unwrap();
    (connection, outgoing(thread, "Good to know", newest.get()))
}

/// Whether nothing stands in the group after the post's copy.
async fn nothing_was_written(connection: &dyn Connection, out: &Outgoing) -> bool {
    connection.look(out.thread.group, &[out.thread.root.next()]).await.unwrap()[0].seen.is_none()
}

#[tokio::test]
async fn a_flood_wait_bars_the_account_until_it_has_passed() {
    let stage = with(FaultPlan { flood_wait: 1.0, ..NONE });
    let (connection, out) = about_to_send(&stage).await;
    let Err(TelegramError::Wait { scope: WaitScope::Account, wait }) = connection.comment(&out).await else {
        panic!("no wait")
    };
    assert!((30..=600).contains(&wait.as_secs()));
    stage.pass(wait - Duration::from_secs(1));
    let again = Err(TelegramError::Wait { scope: WaitScope::Account, wait: Duration::from_secs(1) });
    assert_eq!(connection.comment(&out).await, again);
    assert!(nothing_was_written(connection.as_ref(), &out).await);
}

#[tokio::test]
async fn a_flood_wait_that_was_waited_out_lets_the_same_comment_through() {
    let stage = with(NONE);
    let (connection, out) = about_to_send(&stage).await;
    let wait = TelegramError::Wait { scope: WaitScope::Account, wait: Duration::from_secs(30) };
    stage.world.script(0, SendFault::Refuse(wait.clone()));
    assert_eq!(connection.comment(&out).await, Err(wait));
    assert!(connection.comment(&out).await.is_err(), "still waiting");
    stage.pass(Duration::from_secs(30));
    assert!(connection.comment(&out).await.is_ok());
}

#[tokio::test]
async fn slow_mode_bars_one_group_only() {
    let stage = with(FaultPlan { slow_mode: 1.0, ..NONE });
    let (connection, out) = about_to_send(&stage).await;
    connection.comment(&out).await.unwrap();
    let second = outgoing(out.thread, "And again", 99);
    let Err(TelegramError::Wait { scope: WaitScope::Chat, wait }) = connection.comment(&second).await else {
        panic!("no wait")
    };
    stage.pass(wait);
    assert!(connection.comment(&second).await.is_ok());
    assert!(
        stage.connect(1).await.comment(&outgoing(out.thread, "Me too", 98)).await.is_ok(),
        "others need not wait"
    );
}

#[tokio::test]
async fn a_lost_answer_leaves_the_message_and_a_lost_call_leaves_none() {
    let stage = with(FaultPlan { answer_lost: 1.0, ..NONE });
    let (connection, out) = about_to_send(&stage).await;
    assert_eq!(connection.comment(&out).await, Err(TelegramError::UnknownOutcome));
    let found = connection.find_sent(&out).await.unwrap().unwrap();
    assert_eq!(connection.comment(&out).await, Err(TelegramError::RandomIdDuplicate));
    assert_eq!(found.id, out.thread.root.next());
    assert_eq!(stage.world.verdict().sent, 1);

    let stage = with(FaultPlan { call_lost: 1.0, ..NONE });
    let (connection, out) = about_to_send(&stage).await;
    assert_eq!(connection.comment(&out).await, Err(TelegramError::UnknownOutcome));
    assert_eq!(connection.find_sent(&out).await, Ok(None));
    assert!(nothing_was_written(connection.as_ref(), &out).await);
    assert_eq!(stage.world.verdict().sent, 0);
}

#[tokio::test]
async fn a_limited_account_stays_limited_for_a_day() {
    let stage = with(NONE);
    let (connection, out) = about_to_send(&stage).await;
    stage.world.script(0, SendFault::Refuse(TelegramError::PeerFlood));
    assert_eq!(connection.comment(&out).await, Err(TelegramError::PeerFlood));
    stage.pass(23 * HOUR);
    assert_eq!(connection.comment(&out).await, Err(TelegramError::PeerFlood));
    stage.pass(HOUR);
    assert!(connection.comment(&out).await.is_ok());
}

#[tokio::test]
async fn a_frozen_account_reads_and_does_not_write() {
    let stage = with(FaultPlan { freezes_per_day: 50.0, ..NONE });
    let (connection, out) = about_to_send(&stage).await;
    stage.pass(24 * HOUR);
    assert_eq!(connection.comment(&out).await, Err(TelegramError::Frozen));
    assert_eq!(connection.join(out.thread.group).await, Err(TelegramError::Frozen));
    assert!(connection.identify().await.is_ok());
}

#[tokio::test]
async fn a_group_that_must_be_joined_takes_comments_afterwards() {
    let stage = with(FaultPlan { join_required: 1.0, ..NONE });
    let (connection, out) = about_to_send(&stage).await;
    assert_eq!(connection.comment(&out).await, Err(TelegramError::JoinRequired));
    assert_eq!(connection.join(out.thread.group).await, Ok(()));
    assert!(connection.comment(&out).await.is_ok());
}

#[tokio::test]
async fn a_group_with_admission_lets_in_after_some_hours() {
    let stage = with(FaultPlan { join_required: 1.0, join_approval: 1.0, ..NONE });
    let (connection, out) = about_to_send(&stage).await;
    for _ in 0..2 {
        assert_eq!(connection.join(out.thread.group).await, Err(TelegramError::JoinRequested));
    }
    assert_eq!(connection.comment(&out).await, Err(TelegramError::JoinRequired));
    stage.pass(4 * HOUR);
    assert_eq!(connection.join(out.thread.group).await, Ok(()));
    assert!(connection.comment(&out).await.is_ok());
}

#[tokio::test]
async fn a_forbidden_group_stays_forbidden() {
    let stage = with(FaultPlan { write_forbidden: 1.0, ..NONE });
    let (connection, out) = about_to_send(&stage).await;
    for _ in 0..2 {
        let refused = connection.comment(&out).await;
        assert_eq!(refused, Err(TelegramError::WriteForbidden("CHAT_WRITE_FORBIDDEN")));
        stage.pass(24 * HOUR);
    }
}

#[tokio::test]
async fn speaking_as_the_channel_is_for_its_administrators() {
    let stage = with(NONE);
    for channel in 0..4 {
        let peer = WorldPlan::channel_peer(channel);
        stage.world.intervene(Intervention::Publish { channel: peer }, stage.now());
        stage.pass(Duration::from_secs(60));
        let account = stage.world.plan().speakers_of(channel).next().unwrap();
        let connection = stage.connect(account).await;
        let thread = connection.thread(peer, MessageId(2)).await.unwrap();
        let mut out = outgoing(thread, "From us", i64::from(channel));
        out.send_as = Some(peer);
        let may = connection.rights(peer).await.unwrap().speaks_as_channel;
        assert_eq!(connection.comment(&out).await.is_ok(), may, "channel {channel}");
    }
}

#[tokio::test]
async fn updates_are_lost_doubled_and_late_as_often_as_asked() {
    let channel = WorldPlan::channel_peer(0);
    let publish = |stage: &Stage| stage.world.intervene(Intervention::Publish { channel }, stage.now());
    for (faults, at_once, later) in [
        (FaultPlan { update_lost: 1.0, ..NONE }, 0, 0),
        (FaultPlan { update_doubled: 1.0, ..NONE }, 2, 2),
        (FaultPlan { update_late: 1.0, ..NONE }, 0, 1),
    ] {
        let stage = with(faults);
        let connection = stage.connect(0).await;
        let mut stream = connection.updates().await.unwrap();
        publish(&stage);
        assert_eq!(stage.door.pending(), at_once, "{faults:?}");
        stage.pass(Duration::from_secs(300));
        stage.world.advance(stage.now());
        assert_eq!(stage.door.pending(), later, "{faults:?}");
        for _ in 0..later {
            assert!(matches!(next(stream.as_mut()).await, Ok(Update::NewPost { .. })));
        }
        assert_eq!(
            connection.newest(&[channel]).await,
            Ok(vec![MessageId(2)]),
            "the audit sees it all the same"
        );
    }
}

#[tokio::test]
async fn a_full_stream_drops_the_newest_and_asks_for_an_audit() {
    let stage = Stage::new(WorldPlan { stream_capacity: 2, ..silent() });
    let connection = stage.connect(0).await;
    let mut stream = connection.updates().await.unwrap();
    for _ in 0..5 {
        stage.world.intervene(Intervention::Publish { channel: WorldPlan::channel_peer(0) }, stage.now());
    }
    assert_eq!(stage.door.dropped(), 3);
    assert!(matches!(next(stream.as_mut()).await, Ok(Update::NewPost { .. })));
    assert!(matches!(next(stream.as_mut()).await, Ok(Update::NewPost { .. })));
    assert_eq!(next(stream.as_mut()).await, Ok(Update::TooLong));
}

#[tokio::test]
async fn connections_are_lost_and_sessions_revoked_as_often_as_asked() {
    let stage = with(FaultPlan { disconnects_per_day: 50.0, ..NONE });
    let connection = stage.connect(0).await;
    let mut stream = connection.updates().await.unwrap();
    stage.pass(24 * HOUR);
    assert_eq!(connection.identify().await, Err(TelegramError::Disconnected));
    assert_eq!(next(stream.as_mut()).await, Err(TelegramError::Disconnected));
    assert!(stage.connect(0).await.identify().await.is_ok());

    let stage = with(FaultPlan { revocations_per_day: 1.0, ..NONE });
    stage.pass(30 * 24 * HOUR);
    stage.world.advance(stage.now());
    assert_eq!(stage.world.owners_back(), [0, 1, 2]);
}

#[tokio::test]
async fn reading_too_much_is_refused_with_a_short_wait() {
    let stage = with(FaultPlan { read_flood_wait: 1.0, ..NONE });
    let refused = stage.connect(0).await.identify().await;
    let Err(TelegramError::Wait { scope: WaitScope::Account, wait }) = refused else { panic!("{refused:?}") };
    assert!((5..30).contains(&wait.as_secs()));
}

/// Three lively weeks with nothing wrong but what is asked for.
async fn lively(faults: FaultPlan) -> (Stage, Crude) {
    let plan = WorldPlan {
        posts_per_day: 8.0,
        readers_per_post: 1.0,
        channels: 10,
        accounts: 10,
        faults,
        ..silent()
    };
    let stage = Stage::new(plan);
    let mut crude = Crude::default();
    for round in 1..=21 * 12 {
        stage.clock.set(START + 2 * HOUR * round);
        crude.round(&stage).await;
    }
    (stage, crude)
}

#[tokio::test]
async fn some_posts_have_no_comments_and_some_are_closed_later() {
    let (stage, crude) = lively(FaultPlan { comments_off: 0.2, comments_closed: 0.3, ..NONE }).await;
    let share = f64::from(u32::try_from(crude.sent.len()).unwrap())
        / f64::from(u32::try_from(crude.posts.len()).unwrap());
    assert!((0.5..0.85).contains(&share), "{share}");
    assert_eq!(stage.world.verdict().duplicates, 0);
}

#[tokio::test]
async fn moderators_remove_the_share_of_comments_that_was_asked_for() {
    let (stage, crude) = lively(FaultPlan { comments_removed: 0.3, ..NONE }).await;
    stage.pass(4 * 24 * HOUR);
    let connection = stage.connect(0).await;
    // Of the last four days: what is older than nine is forgotten.
    let recent = crude.sent.len() * 17 / 21;
    let (mut removed, mut looked) = (0, 0);
    for claim in &crude.sent[recent..] {
        let channel = stage.world.plan().channel_index(claim.channel).unwrap();
        let seen = connection.look(WorldPlan::group_peer(channel), &[claim.message]).await.unwrap()[0].seen;
        looked += 1;
        removed += i32::from(seen.is_none());
    }
    assert!(looked > 200 && (20..40).contains(&(removed * 100 / looked)), "{removed} of {looked}");
}

#[tokio::test]
async fn without_faults_a_faithful_product_loses_nothing() {
    let (stage, crude) = lively(NONE).await;
    assert!(crude.refused.is_empty(), "{:?}", crude.refused);
    assert!(stage.world.verdict().sent > 1_000);
    let comparison = stage.world.compare(crude.sent.clone(), crude.posts.clone(), stage.now() - HOUR);
    assert_eq!(comparison.lost(), 0, "{comparison:?}");

    let unaware = stage.world.compare(crude.sent[1..].to_vec(), crude.posts[..1].to_vec(), stage.now());
    assert_eq!(unaware.lost_messages, 1);
    assert!(unaware.lost_posts > 1_000 && unaware.lost_posts <= stage.world.expected_posts());
}
