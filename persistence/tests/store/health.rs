//! How accounts fare: each change with its reason and time, and the looks at them.

use std::time::Duration;

use domain::account::{Event, Status};
use domain::event::EventType;
use domain::id::EventId;
use persistence::StoreError;
use persistence::health::Checkup;
use persistence::nodes::Hold;
use sea_orm::ConnectionTrait as _;
use testkit::{Database, Scene, Sketch};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The right to act for an account, on whichever database.
async fn hold(
    db: &Database,
    scene: &Scene,
    account: domain::id::AccountId,
) -> (persistence::nodes::Presence, Hold) {
    let store = db.store();
    let presence = store.enter("node", scene.now, scene.now + DAY).await.unwrap();
    let taken = store.take_accounts(&presence, Some(account), scene.now).await.unwrap();
    let hold = presence.sole(account).or(taken.first().copied()).unwrap();
    (presence, hold)
}

testkit::on_every_database! {
    async fn every_change_of_an_account_keeps_its_reason_and_time(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let (account, start) = (scene.accounts[0], scene.now);
        let at = |seconds| start + Duration::from_secs(seconds);
        let fresh = store.account_health(account).await.unwrap();
        assert_eq!((fresh.status, fresh.reason, fresh.since), (Status::Active, None, None));

        store.account_event(account, Event::Flood(at(100)), "FLOOD_WAIT", at(1)).await.unwrap();
        store.account_event(account, Event::Flood(at(200)), "FLOOD_WAIT", at(50)).await.unwrap();
        let waiting = store.account_health(account).await.unwrap();
        assert_eq!((waiting.status, waiting.since), (Status::Waiting { until: at(200) }, Some(at(1))), "one wait, made longer");
        store.account_event(account, Event::Limit, "PEER_FLOOD", at(60)).await.unwrap();
        let limited = store.account_health(account).await.unwrap();
        assert_eq!(
            (limited.status, limited.reason.as_deref(), limited.since),
            (Status::Limited, Some("PEER_FLOOD"), Some(at(60)))
        );
        let kept = store.audit_entries(scene.project, 10).await.unwrap();
        let kept: Vec<_> = kept.iter().map(|entry| (entry.action.as_str(), entry.detail.as_str(), entry.at)).collect();
        assert_eq!(
            kept,
            [("account.status", "limited: PEER_FLOOD", at(60)), ("account.status", "waiting: FLOOD_WAIT", at(1))]
        );
        let refused = store.account_event(account, Event::Pause, "holidays", at(70)).await;
        assert!(matches!(refused, Err(StoreError::Account { .. })), "what is worse stays: {refused:?}");
    }

    async fn a_pause_keeps_the_wait_it_came_upon_and_its_own_reason(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let (account, start) = (scene.accounts[0], scene.now);
        let at = |seconds| start + Duration::from_secs(seconds);
        let shown = async || {
            let health = store.account_health(account).await.unwrap();
            (health.status, health.reason.unwrap())
        };
        let event = async |event, reason: &str, now| store.account_event(account, event, reason, at(now)).await.unwrap();
        event(Event::Flood(at(100)), "FLOOD_WAIT", 0).await;
        event(Event::Pause, "holidays", 1).await;
        let paused = |seconds| (Status::Paused { waits_until: Some(at(seconds)) }, "holidays".to_owned());
        assert_eq!(shown().await, paused(100));
        event(Event::Flood(at(200)), "FLOOD_WAIT", 2).await;
        assert_eq!(shown().await, paused(200));
        assert_eq!(event(Event::Resume(at(3)), "back", 3).await, Status::Waiting { until: at(200) });
        event(Event::Pause, "holidays", 4).await;
        event(Event::Tick(at(200)), "the wait is over", 200).await;
        assert_eq!(shown().await, (Status::Paused { waits_until: None }, "holidays".to_owned()));
        assert_eq!(event(Event::Resume(at(201)), "back", 201).await, Status::Active);
        let raw = crate::schema::raw(db).await;
        for status in ["status = 'active', wait_until = 1", "status = 'waiting', wait_until = NULL"] {
            let refused = raw.execute_unprepared(&format!("UPDATE accounts SET {status} WHERE id = {account}")).await;
            assert!(refused.is_err(), "{status}");
        }
    }

    async fn a_worthless_key_is_forgotten_and_the_account_needs_a_login(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let account = scene.accounts[0];
        store.keep_session(account, &b"a session".to_vec().into()).await.unwrap();
        assert!(store.account_to_run(account).await.unwrap().unwrap().session.opened().is_some());
        let (_presence, hold) = hold(db, &scene, account).await;
        let status = store.forget_session(hold, "AUTH_KEY_DUPLICATED", scene.now).await.unwrap();
        assert_eq!(status, Status::NeedsLogin);
        let left = store.account_to_run(account).await.unwrap().unwrap();
        assert!(left.session.opened().is_none() && left.status == Status::NeedsLogin);
    }

    async fn the_account_looked_at_the_longest_ago_is_next_and_a_wait_is_waited_out(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch { accounts: 4, ..Sketch::default() }).await.unwrap();
        let (all, now) = (&scene.accounts, scene.now);
        store.account_event(all[1], Event::Flood(now + DAY), "FLOOD_WAIT", now).await.unwrap();
        store.account_event(all[2], Event::Deauthorize, "SESSION_REVOKED", now).await.unwrap();
        assert_eq!(store.accounts_to_check(all, now, 10).await.unwrap(), [all[0], all[3]]);
        let (_presence, hold) = hold(db, &scene, all[0]).await;
        let found = Checkup { username: Some("anna".into()), display_name: "Anna".into(), labelled: true };
        store.record_checkup(hold, &found, now).await.unwrap();
        assert_eq!(store.accounts_to_check(all, now - DAY, 10).await.unwrap(), [all[3]]);
        assert_eq!(store.accounts_to_check(all, now, 10).await.unwrap(), [all[3], all[0]]);
        assert_eq!(store.accounts_to_check(&all[..1], now - DAY, 10).await.unwrap(), []);
        assert_eq!(store.accounts_to_check(all, now, 1).await.unwrap(), [all[3]]);
    }

    async fn a_label_that_disappears_from_a_profile_is_told_once(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let (account, now) = (scene.accounts[0], scene.now);
        let (_presence, hold) = hold(db, &scene, account).await;
        let told = async |after: EventId| {
            let events = store.events_after(after, 100).await.unwrap();
            let changes = events.iter().filter(|event| event.kind == EventType::AccountChanged);
            changes.filter_map(|event| event.subject.detail.clone()).collect::<Vec<_>>()
        };
        let look = |labelled| Checkup { username: None, display_name: "Anna".into(), labelled };
        store.record_checkup(hold, &look(true), now).await.unwrap();
        let begin = store.latest_event().await.unwrap();
        for (labelled, day) in [(true, 1), (false, 2), (false, 3), (true, 4)] {
            store.record_checkup(hold, &look(labelled), now + DAY * day).await.unwrap();
        }
        assert_eq!(told(begin).await, ["label_missing", "label_found"]);
        let health = store.account_health(account).await.unwrap();
        assert_eq!((health.checked_at, health.label_verified_at), (Some(now + DAY * 4), Some(now + DAY * 4)));
        assert_eq!((health.display_name.as_str(), health.username), ("Anna", None));
        assert_eq!(store.accounts_health(scene.project, None, 10).await.unwrap().len(), 1);
    }
}
