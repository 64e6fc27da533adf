//! What a process reads when it starts, and what it keeps clean.

use std::time::Duration;

use domain::id::{AccountId, EventId};
use domain::planning::Author;
use persistence::maintenance::Retention;
use persistence::outbox::Actor;
use persistence::setup::{Assignment, CHANNELS_PER_ACCOUNT};
use persistence::watching::RecordMessages;
use testkit::{Line, Scene, Sketch, seen_message};

testkit::on_every_database! {
    async fn accounts_channels_and_assignments_are_read_in_pages(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch { channels: 7, accounts: 5, ..Sketch::default() }).await.unwrap();
        let first = store.accounts_to_run(None, 3).await.unwrap();
        let rest = store.accounts_to_run(Some(first[2].account), 3).await.unwrap();
        let all: Vec<_> = first.iter().chain(&rest).map(|account| account.account).collect();
        assert_eq!(all, scene.accounts);
        let channels = store.channels_to_watch(Some(scene.channels[3]), 100).await.unwrap();
        assert_eq!(channels.iter().map(|channel| channel.channel).collect::<Vec<_>>(), scene.channels[4..]);
        let mut assignments = store.assignments(None, 4).await.unwrap();
        assignments.extend(store.assignments(assignments.last().copied(), 100).await.unwrap());
        assert_eq!(assignments.len(), 7);
        assert_eq!(store.projects_to_plan().await.unwrap(), [scene.project]);
    }

    async fn an_account_is_assigned_to_fifty_channels_at_most(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch { channels: 60, accounts: 60, ..Sketch::default() }).await.unwrap();
        let other = Scene::new(store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        let account = scene.accounts[0];
        let mut wanted: Vec<_> = scene.channels.iter().map(|channel| Assignment { account, channel: *channel }).collect();
        wanted.push(Assignment { account, channel: other.channels[0] });
        let assigned = store.assign_channels(scene.project, &wanted).await.unwrap();
        assert_eq!(assigned.applied, CHANNELS_PER_ACCOUNT as usize);
        assert_eq!(assigned.refused, wanted[50..]);
        assert_eq!(store.assign_channels(scene.project, &wanted).await.unwrap(), assigned, "again is the same");
    }

    async fn a_planner_rebuilds_what_its_accounts_promised(db: &Database) {
        let store = db.store();
        let (scene, _, due) = crate::scene_with_scheduled_comment(store, &Sketch::default()).await;
        assert_eq!(store.bookings(scene.project, scene.now).await.unwrap(), [(scene.accounts[0], due)]);
        assert_eq!(store.bookings(scene.project, due + Duration::from_secs(1)).await.unwrap(), []);
    }

    async fn settings_of_a_project_stand_before_the_default(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let (project, now) = (Some(scene.project), scene.now);
        assert_eq!(store.setting(project, "retention").await.unwrap(), None);
        store.set_setting(None, "retention", "7", Actor::System, now).await.unwrap();
        store.set_setting(project, "retention", "8", Actor::User(scene.user), now).await.unwrap();
        store.set_setting(project, "retention", "9", Actor::User(scene.user), now).await.unwrap();
        assert_eq!(store.setting(project, "retention").await.unwrap().as_deref(), Some("9"));
        assert_eq!(store.setting(None, "retention").await.unwrap().as_deref(), Some("7"));
    }

    async fn what_was_kept_long_enough_is_removed(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let now = scene.now;
        store.record_posts(&[scene.post(0, 1, "Text", now)], now).await.unwrap();
        let question = seen_message(10, 1, domain::id::PeerId(5), "A reader's words?", now);
        let messages = RecordMessages { channel: scene.channels[0], messages: vec![question] };
        store.record_thread_messages(&[messages], now).await.unwrap();
        store.set_system_paused(false, Actor::System, now).await.unwrap();
        let latest = store.latest_event().await.unwrap();
        let kept = Retention { events: now, audit: now, readers_text: now };
        assert_eq!(store.prune(&kept, 100).await.unwrap(), 0, "nothing is older than that");
        let after = now + Duration::from_secs(1);
        let gone = Retention { events: after, audit: after, readers_text: after };
        assert_eq!(store.prune(&gone, 100).await.unwrap(), 3, "an event, an entry of the audit log, a text");
        let left: Vec<_> = store.events_after(EventId(0), 10).await.unwrap().iter().map(|event| event.id).collect();
        assert_eq!(left, [latest], "the newest tells that something is missing before it");
        let claimed = Line::default().claim(store, domain::job::JobKind::PlanAnswer, now).await.unwrap();
        let domain::job::Job::PlanAnswer { message, .. } = claimed[0].job else { panic!("{:?}", claimed[0].job) };
        let snapshot = store.planning_snapshot(scene.project, &[], &[message], now).await.unwrap();
        let forgotten = &snapshot.messages[&message];
        assert_eq!((forgotten.author, forgotten.text.as_str()), (Author::Reader, ""));
        store.record_posts(&[scene.post(0, 2, "Text", now)], now).await.unwrap();
        assert!(store.latest_event().await.unwrap() > latest, "the place of an event is never given twice");
    }

    async fn an_account_that_does_not_exist_is_named(db: &Database) {
        let store = db.store();
        let missing = store.account_event(AccountId(9), domain::account::Event::Pause, "", domain::time::Timestamp::EPOCH);
        assert!(matches!(missing.await, Err(persistence::StoreError::NotFound { what: "account", .. })));
        assert!(store.account_to_run(AccountId(9)).await.unwrap().is_none());
    }
}
