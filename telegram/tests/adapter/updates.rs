//! Updates: in order, once, and honest about what is missing.

use std::time::Duration;

use beseda_telegram::{Route, Telegram as _, Update};
use domain::id::MessageId;
use simulator::DoorFaults;
use simulator::record::Intervention;

use crate::place::{ACCOUNT, Place, channel, next};

fn posted(update: Update) -> MessageId {
    let Update::NewPost { post, .. } = update else { panic!("{update:?}") };
    post.id
}

#[tokio::test]
async fn doubled_updates_are_told_once() {
    let place = Place::new().await;
    let connection = place.connect(0).await;
    connection.newest(&[channel()]).await.unwrap();
    let mut updates = connection.updates().await.unwrap();
    place.fail(DoorFaults { doubles_updates: true, ..DoorFaults::default() });
    for _ in 0..3 {
        let post = place.publish();
        assert_eq!(posted(next(updates.as_mut()).await.unwrap()), post);
    }
}

#[tokio::test]
async fn withheld_updates_are_asked_for_as_soon_as_the_hole_is_seen() {
    let place = Place::new().await;
    let connection = place.connect(0).await;
    connection.newest(&[channel()]).await.unwrap();
    let mut updates = connection.updates().await.unwrap();
    let seen = place.publish();
    assert_eq!(posted(next(updates.as_mut()).await.unwrap()), seen);
    place.fail(DoorFaults { withholds_updates: true, ..DoorFaults::default() });
    let missed = place.publish();
    connection.newest(&[channel()]).await.unwrap();
    place.fail(DoorFaults::default());
    let last = place.publish();
    let mut told = vec![posted(next(updates.as_mut()).await.unwrap())];
    told.push(posted(next(updates.as_mut()).await.unwrap()));
    told.sort_unstable();
    assert_eq!(told, [missed, last]);
}

#[tokio::test]
async fn what_happened_between_two_connections_is_caught_up_on() {
    let place = Place::new().await;
    let connection = place.connect(0).await;
    connection.newest(&[channel()]).await.unwrap();
    drop(connection.updates().await.unwrap());
    drop(connection);
    let posts = [place.publish(), place.publish()];
    let session = place.records.sessions().pop().expect("kept with where the channel stood");
    let connection = place.adapter.connect(ACCOUNT, &session, &Route::Direct).await.unwrap();
    let mut updates = connection.updates().await.unwrap();
    for post in posts {
        assert_eq!(posted(next(updates.as_mut()).await.unwrap()), post);
    }
}

#[tokio::test]
async fn a_difference_that_is_too_long_says_that_everything_needs_an_audit() {
    let place = Place::new().await;
    let connection = place.connect(0).await;
    connection.newest(&[channel()]).await.unwrap();
    drop(connection.updates().await.unwrap());
    drop(connection);
    place.publish();
    place.fail(DoorFaults { too_long_differences: true, ..DoorFaults::default() });
    let session = place.records.sessions().pop().expect("kept with where the channel stood");
    let connection = place.adapter.connect(ACCOUNT, &session, &Route::Direct).await.unwrap();
    let mut updates = connection.updates().await.unwrap();
    assert_eq!(next(updates.as_mut()).await, Ok(Update::TooLong));
    place.fail(DoorFaults::default());
    let post = place.publish();
    assert_eq!(posted(next(updates.as_mut()).await.unwrap()), post, "and it goes on from there");
}

#[tokio::test]
async fn min_constructors_do_not_cost_a_hash_nor_an_update() {
    let place = Place::new().await;
    let connection = place.connect(0).await;
    connection.newest(&[channel()]).await.unwrap();
    let before = place.records.access(channel());
    let mut updates = connection.updates().await.unwrap();
    place.fail(DoorFaults { min_peers: true, ..DoorFaults::default() });
    let post = place.publish();
    assert_eq!(posted(next(updates.as_mut()).await.unwrap()), post);
    assert_eq!(place.records.access(channel()), before);
    assert!(connection.history(channel(), &[post]).await.is_ok());
}

#[tokio::test]
async fn a_message_in_a_thread_names_its_post_even_if_its_root_was_never_seen() {
    let place = Place::new().await;
    let post = place.publish();
    place.pass(Duration::from_secs(60));
    let connection = place.connect(0).await;
    connection.newest(&[channel()]).await.unwrap();
    let mut updates = connection.updates().await.unwrap();
    place.intervene(Intervention::AskQuestion { channel: channel(), post });
    let Ok(Update::NewThreadMessage { channel: there, message }) = next(updates.as_mut()).await else {
        panic!("no message")
    };
    assert_eq!((there, message.post, message.answers), (channel(), post, message.root));
    place.intervene(Intervention::RemoveMessage { channel: channel(), message: message.id });
    let gone = Update::DeletedThreadMessages { channel: channel(), ids: vec![message.id] };
    assert_eq!(next(updates.as_mut()).await, Ok(gone));
}
