//! Who may connect an account: one process, however many start and however they end.

use std::time::Duration;

use domain::account::{Event, StatusName};
use persistence::{Dialect, StoreError};
use sea_orm::{ConnectionTrait as _, Database as Connector};
use secrecy::ExposeSecret as _;
use testkit::{Scene, Sketch};

const SPAN: Duration = Duration::from_secs(30);

testkit::on_every_database! {
    async fn a_second_process_of_the_same_name_stays_outside_until_the_first_is_gone(db: &Database) {
        let (first, second) = (db.store(), db.open_again().await);
        let now = Sketch::default().now;
        let presence = first.enter("local", now, now + SPAN).await.unwrap();
        let refused = second.enter("local", now, now + SPAN).await;
        assert!(matches!(refused, Err(StoreError::Occupied { .. })), "{refused:?}");
        first.leave(presence).await.unwrap();
        let presence = second.enter("local", now, now + SPAN).await.unwrap();
        // A process that is killed leaves nothing behind that would keep its successor out.
        drop(presence);
        first.enter("local", now, now + SPAN).await.unwrap();
        second.close().await.unwrap();
    }

    async fn each_account_is_held_by_one_node_and_taken_over_when_its_word_runs_out(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch { accounts: 3, ..Sketch::default() }).await.unwrap();
        let (now, account) = (scene.now, scene.accounts[0]);
        let one = store.enter("one", now, now + SPAN).await.unwrap();
        if store.dialect() == Dialect::Sqlite {
            assert!(!one.is_shared() && one.sole(account).is_some());
            let other = store.enter("two", now, now + SPAN).await;
            assert!(matches!(other, Err(StoreError::Occupied { .. })), "whatever it calls itself: {other:?}");
            return;
        }
        let two = store.enter("two", now, now + SPAN).await.unwrap();
        let held = store.take_accounts(&one, None, now).await.unwrap();
        assert_eq!(held.len(), 3);
        assert!(one.is_shared() && one.sole(account).is_none());
        assert!(store.take_accounts(&one, None, now).await.unwrap().is_empty(), "they are its own already");
        assert!(store.take_accounts(&two, None, now).await.unwrap().is_empty());

        let late = now + SPAN;
        store.stay(&one, now, late + SPAN).await.unwrap();
        assert!(store.take_accounts(&two, Some(account), late).await.unwrap().is_empty(), "it said it is alive");
        let stale = *held.iter().find(|hold| hold.account == account).unwrap();
        store.held_account_event(stale, Event::Limit, "PEER_FLOOD", late).await.unwrap();

        let later = late + SPAN;
        store.stay(&two, late, later + SPAN).await.unwrap();
        let taken = store.take_accounts(&two, Some(account), later).await.unwrap();
        assert_eq!(taken.iter().map(|hold| hold.account).collect::<Vec<_>>(), [account]);
        let refused = store.held_account_event(stale, Event::Die, "late news", later).await;
        assert!(matches!(refused, Err(StoreError::NotHeld { .. })), "{refused:?}");
        store.keep_held_session(taken[0], &b"its session now".to_vec().into()).await.unwrap();
        let late_session = b"a session of before".to_vec().into();
        let (refused, kept) = (store.keep_held_session(stale, &late_session).await, held.iter().find(|hold| **hold != stale).unwrap());
        assert!(matches!(refused, Err(StoreError::NotHeld { .. })), "{refused:?}");
        let session = store.account_to_run(account).await.unwrap().unwrap().session.opened().unwrap();
        assert_eq!(session.expose_secret(), b"its session now");
        let both = (store.keep_held_session(stale, &late_session), store.keep_held_session(*kept, &late_session));
        let both = testkit::tokio::join!(both.0, both.1);
        assert!(both.0.is_err() && both.1.is_ok(), "one that is refused harms nobody who shares its transaction: {both:?}");
        assert_eq!(store.account_status(account).await.unwrap().name(), StatusName::Limited);
        store.held_account_event(taken[0], Event::Resume(later), "looked at", later).await.unwrap();

        store.leave(two).await.unwrap();
        store.stay(&one, later, later + SPAN).await.unwrap();
        assert_eq!(store.take_accounts(&one, None, later).await.unwrap().len(), 1, "what a node gave up is free at once");
    }

    async fn a_node_whose_name_was_taken_is_told_so(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let now = scene.now;
        let presence = store.enter("one", now, now + SPAN).await.unwrap();
        store.stay(&presence, now, now + SPAN).await.unwrap();
        if store.dialect() == Dialect::Postgres {
            let raw = Connector::connect(db.config().url.as_str()).await.unwrap();
            raw.execute_unprepared("DELETE FROM nodes").await.unwrap();
            let told = store.stay(&presence, now, now + SPAN).await;
            assert!(matches!(told, Err(StoreError::Occupied { .. })), "{told:?}");
        }
    }
}
