//! Chats: how they are met, kept, and found again.

use beseda_telegram::{Access, ChatKind, TelegramError};
use domain::id::{MessageId, PeerId};
use domain::link::ChatLink;

use crate::place::{Place, USERNAME, channel, group};

#[tokio::test]
async fn what_is_met_is_kept_and_not_resolved_again() {
    let place = Place::new().await;
    let found = place.connect(0).await.resolve(&ChatLink::Username(USERNAME.into())).await.unwrap();
    assert_eq!((found.id, found.kind, found.discussion), (channel(), ChatKind::Channel, Some(group())));
    assert!(matches!(place.records.access(channel()), Some(Access::Hash(_))));
    assert!(matches!(place.records.access(group()), Some(Access::Hash(_))), "the group came along");
    let connection = place.connect(0).await;
    connection.history(channel(), &[MessageId(1)]).await.unwrap();
    connection.look(group(), &[MessageId(1)]).await.unwrap();
    assert_eq!(place.calls("contacts.resolveUsername"), 1);
}

#[tokio::test]
async fn a_hash_that_does_not_count_is_looked_up_once_and_the_call_repeated() {
    let place = Place::new().await;
    let post = place.publish();
    place.connect(0).await.resolve(&ChatLink::Username(USERNAME.into())).await.unwrap();
    let right = place.records.access(channel());
    place.records.spoil(channel(), Access::Hash(666), Some(USERNAME));
    let before = place.calls("channels.getMessages");
    let slots = place.connect(0).await.history(channel(), &[post]).await.unwrap();
    assert_eq!(slots.len(), 1);
    assert_eq!(place.calls("contacts.resolveUsername"), 2);
    assert_eq!(place.calls("channels.getMessages"), before + 2);
    assert_eq!(place.records.access(channel()), right, "and it is kept as it is now");
}

#[tokio::test]
async fn a_chat_that_was_never_met_is_found_by_the_usernames_that_lead_to_it() {
    let place = Place::new().await;
    let post = place.publish();
    place.records.lead_by(USERNAME);
    let stranger = place.connect(2).await;
    assert_eq!(stranger.history(channel(), &[post]).await.unwrap().len(), 1);
    place.records.forget();
    let stranger = place.connect(2).await;
    stranger.look(group(), &[MessageId(1)]).await.expect("a group is found by its channel");
}

#[tokio::test]
async fn a_chat_that_was_never_met_is_found_among_the_accounts_own() {
    let place = Place::new().await;
    let post = place.publish();
    let member = place.connect(0).await;
    assert_eq!(member.history(channel(), &[post]).await.unwrap().len(), 1);
    let unknown = PeerId(12);
    for _ in 0..3 {
        assert_eq!(member.history(unknown, &[post]).await, Err(TelegramError::PeerInvalid));
    }
    assert_eq!(place.calls("messages.getDialogs"), 1, "the list is read once");
}

#[tokio::test]
async fn a_chat_that_came_as_min_is_addressed_by_where_it_was_seen() {
    let place = Place::new().await;
    let post = place.publish();
    let connection = place.connect(0).await;
    let thread = connection.thread(channel(), post).await.unwrap();
    let seen = Access::SeenIn { chat: group(), message: thread.root };
    place.records.spoil(channel(), seen, None);
    let before = place.calls("contacts.resolveUsername");
    let connection = place.connect(0).await;
    assert_eq!(connection.history(channel(), &[post]).await.unwrap().len(), 1);
    assert_eq!(place.calls("contacts.resolveUsername"), before, "the place was enough");
}
