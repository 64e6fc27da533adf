//! Connections: how they begin, and every way in which they end.

use beseda_telegram::grammers::Patience;
use beseda_telegram::{Logins as _, Route, Session, Telegram as _, TelegramError, WaitScope};
use simulator::record::Intervention;
use simulator::{DoorFaults, WorldPlan};
use std::time::{Duration, Instant};

use crate::place::{ACCOUNT, Place, USERNAME, channel, impatient, next};

#[tokio::test]
async fn a_session_learns_whose_it_is_and_where_its_updates_stand() {
    let place = Place::new().await;
    let identity = place.connect(1).await.identify().await.unwrap();
    assert_eq!(identity, place.world.profile(1));
    let [kept] = &place.records.sessions()[..] else { panic!("kept once, when it was news") };
    let again = place.adapter.connect(ACCOUNT, kept, &Route::Direct).await.unwrap();
    assert_eq!(again.identify().await.unwrap(), identity);
    assert_eq!(place.records.sessions().len(), 1);
    assert_eq!(place.calls("updates.getState"), 1);
}

#[tokio::test]
async fn a_session_of_unknown_make_is_recognised_and_its_connection_closed() {
    let place = Place::new().await;
    let recognised = place.adapter.recognise(&place.door.session(1).unwrap(), &Route::Direct).await.unwrap();
    assert_eq!(recognised.identity, place.world.profile(1));
    let connection = place.adapter.connect(ACCOUNT, &recognised.session, &Route::Direct).await.unwrap();
    assert_eq!(connection.identify().await.unwrap().id, WorldPlan::account_peer(1));
    let nonsense = Session::new(b"nonsense".to_vec());
    let refused = place.adapter.recognise(&nonsense, &Route::Direct).await.err();
    assert_eq!(refused, Some(TelegramError::Unauthorized));
}

#[tokio::test]
async fn a_connection_that_ended_stays_ended_and_nothing_connects_by_itself() {
    let place = Place::new().await;
    let connection = place.connect(0).await;
    let mut updates = connection.updates().await.unwrap();
    place.door.hang_up();
    assert_eq!(next(updates.as_mut()).await, Err(TelegramError::Disconnected));
    for _ in 0..100 {
        assert_eq!(connection.identify().await, Err(TelegramError::Disconnected));
    }
    assert_eq!(connection.updates().await.err(), Some(TelegramError::Disconnected));
    assert_eq!(place.door.counts().accepted, 1, "whether there is another one is the caller's decision");
    assert!(place.connect(0).await.identify().await.is_ok());
}

#[tokio::test]
async fn a_door_that_refuses_or_swallows_is_disconnected_in_time() {
    for faults in [
        DoorFaults { refuses: true, ..DoorFaults::default() },
        DoorFaults { swallows: true, ..DoorFaults::default() },
        DoorFaults { silent: true, ..DoorFaults::default() },
    ] {
        let place = Place::with_patience(impatient()).await;
        place.fail(faults);
        let began = Instant::now();
        while faults.refuses && place.door.counts().open > 0 {}
        assert_eq!(place.try_connect(0).await.err(), Some(TelegramError::Disconnected), "{faults:?}");
        assert!(began.elapsed() < Duration::from_secs(5), "{faults:?}");
        place.fail(DoorFaults::default());
        let well = async { while place.try_connect(0).await.is_err() {} };
        tokio::time::timeout(Duration::from_secs(20), well).await.expect("a door that is well again lets in");
    }
}

#[tokio::test]
async fn a_connection_that_falls_silent_is_noticed_although_nobody_asks() {
    let ping = Duration::from_millis(200);
    let patience = Patience { answer: Duration::from_secs(1), ping, ..Patience::default() };
    let place = Place::with_patience(patience).await;
    let connection = place.connect(0).await;
    let mut updates = connection.updates().await.unwrap();
    place.fail(DoorFaults { silent: true, ..DoorFaults::default() });
    assert_eq!(next(updates.as_mut()).await, Err(TelegramError::Disconnected));
}

#[tokio::test]
async fn dropping_a_connection_closes_it_and_its_updates() {
    let place = Place::new().await;
    let connection = place.connect(0).await;
    let mut updates = connection.updates().await.unwrap();
    drop(connection);
    assert_eq!(next(updates.as_mut()).await, Err(TelegramError::Disconnected));
    let closed = async {
        while place.door.counts().open > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), closed).await.expect("the server sees it closed");
}

#[tokio::test]
async fn a_revoked_session_is_unauthorized_at_the_next_try() {
    let place = Place::new().await;
    let connection = place.connect(0).await;
    let mut updates = connection.updates().await.unwrap();
    place.intervene(Intervention::Revoke { account: WorldPlan::account_peer(0) });
    assert!(next(updates.as_mut()).await.is_err());
    assert_eq!(place.try_connect(0).await.err(), Some(TelegramError::Unauthorized));
}

#[tokio::test]
async fn a_session_that_was_used_twice_ends_the_connection_for_good() {
    let place = Place::new().await;
    let connection = place.connect(0).await;
    let mut updates = connection.updates().await.unwrap();
    place.door.script(0, TelegramError::SessionDuplicated);
    assert_eq!(connection.identify().await, Err(TelegramError::SessionDuplicated));
    assert_eq!(connection.identify().await, Err(TelegramError::SessionDuplicated));
    assert_eq!(next(updates.as_mut()).await, Err(TelegramError::SessionDuplicated));
    assert_eq!(place.calls("users.getFullUser"), 1);
}

#[tokio::test]
async fn a_wait_is_told_at_once_and_never_slept_through() {
    let place = Place::new().await;
    let connection = place.connect(0).await;
    connection.resolve(&domain::link::ChatLink::Username(USERNAME.into())).await.unwrap();
    let before = place.calls("channels.getMessages");
    let wait = TelegramError::Wait { scope: WaitScope::Account, wait: Duration::from_secs(3) };
    place.door.script(0, wait.clone());
    let began = Instant::now();
    assert_eq!(connection.history(channel(), &[domain::id::MessageId(1)]).await, Err(wait));
    assert!(began.elapsed() < Duration::from_secs(2));
    assert_eq!(place.calls("channels.getMessages"), before + 1, "and nothing is repeated");
    assert!(connection.identify().await.is_ok(), "the connection is fine");
}
