//! What is pushed, and what a client that missed it is told when it asks.

use beseda_simulator::DoorFaults;
use beseda_simulator::record::Intervention;
use grammers_tl_types::{enums, functions, types};

use crate::client::{Client, Loopback, channel, message};

async fn difference(client: &Client, pts: i32) -> enums::updates::ChannelDifference {
    let (channel, _) = client.chats().await;
    let filter = enums::ChannelMessagesFilter::Empty;
    let ask = functions::updates::GetChannelDifference {
        force: false,
        channel: channel.into(),
        filter,
        pts,
        limit: 100,
    };
    client.call(&ask).await.unwrap()
}

#[tokio::test]
async fn members_are_pushed_what_happens_with_rising_pts() {
    let loopback = Loopback::new().await;
    let (mut member, stranger) = (loopback.client(0), loopback.client(2));
    for client in [&member, &stranger] {
        client.call(&functions::updates::GetState {}).await.unwrap();
    }
    let post = loopback.publish();
    loopback.intervene(Intervention::EditPost { channel: channel(), post });
    loopback.intervene(Intervention::AskQuestion { channel: channel(), post });
    loopback.intervene(Intervention::DeletePost { channel: channel(), post });

    let (updates, chats) = member.pushed().await;
    let [enums::Update::NewChannelMessage(new)] = &updates[..] else { panic!("{updates:?}") };
    assert_eq!((i64::from(message(&new.message).id), new.pts, new.pts_count), (post.get(), 2, 1));
    assert!(matches!(&chats[..], [enums::Chat::Channel(chat)] if chat.id == channel().get() && !chat.min));
    let (updates, _) = member.pushed().await;
    assert!(
        matches!(&updates[..], [enums::Update::EditChannelMessage(edit)] if edit.pts == 3),
        "{updates:?}"
    );
    let (updates, _) = member.pushed().await;
    assert!(matches!(&updates[..], [enums::Update::NewChannelMessage(said)] if said.pts == 2), "{updates:?}");
    let (updates, _) = member.pushed().await;
    assert!(
        matches!(&updates[..], [enums::Update::DeleteChannelMessages(gone)] if gone.pts == 4),
        "{updates:?}"
    );
    assert!(stranger.updates.is_empty(), "who is no member is told nothing");
}

#[tokio::test]
async fn what_was_withheld_comes_with_the_difference() {
    let loopback = Loopback::new().await;
    let client = loopback.client(0);
    loopback.door.set_faults(DoorFaults { withholds_updates: true, ..DoorFaults::default() });
    client.call(&functions::updates::GetState {}).await.unwrap();
    let (first, second) = (loopback.publish(), loopback.publish());
    loopback.intervene(Intervention::DeletePost { channel: channel(), post: first });

    let enums::updates::ChannelDifference::Difference(missed) = difference(&client, 1).await else {
        panic!("no difference")
    };
    let [new] = &missed.new_messages[..] else { panic!("{:?}", missed.new_messages) };
    assert_eq!(i64::from(message(new).id), second.get(), "what is gone again is not told");
    assert!(matches!(&missed.other_updates[..], [enums::Update::DeleteChannelMessages(_)]));
    assert_eq!((missed.r#final, missed.pts), (true, 4));
    assert!(client.updates.is_empty());
    assert!(matches!(difference(&client, 4).await, enums::updates::ChannelDifference::Empty(_)));

    let date = i32::try_from(loopback.stage.world.plan().start.secs()).unwrap();
    let ask = functions::updates::GetDifference {
        pts: 1,
        pts_limit: None,
        pts_total_limit: None,
        date,
        qts: 1,
        qts_limit: None,
    };
    let enums::updates::Difference::Difference(all) = client.call(&ask).await.unwrap() else {
        panic!("nothing happened")
    };
    let [enums::Update::ChannelTooLong(which)] = &all.other_updates[..] else {
        panic!("{:?}", all.other_updates)
    };
    assert_eq!((which.channel_id, which.pts), (channel().get(), Some(4)));
    let ask = functions::updates::GetDifference { date: date + 1_000, ..ask };
    assert!(matches!(client.call(&ask).await, Ok(enums::updates::Difference::Empty(_))));
}

#[tokio::test]
async fn a_difference_that_is_too_long_says_so() {
    let loopback = Loopback::new().await;
    let client = loopback.client(0);
    loopback.publish();
    assert!(matches!(difference(&client, 77).await, enums::updates::ChannelDifference::TooLong(_)));
    loopback.door.set_faults(DoorFaults { too_long_differences: true, ..DoorFaults::default() });
    let enums::updates::ChannelDifference::TooLong(long) = difference(&client, 1).await else {
        panic!("not too long")
    };
    let enums::Dialog::Dialog(dialog) = long.dialog else { panic!("{:?}", long.dialog) };
    assert_eq!((dialog.pts, dialog.top_message, long.messages.len()), (Some(2), 2, 1));
}

#[tokio::test]
async fn updates_are_doubled_and_their_company_is_min_when_asked_for() {
    let loopback = Loopback::new().await;
    let mut client = loopback.client(0);
    client.call(&functions::updates::GetState {}).await.unwrap();
    loopback.door.set_faults(DoorFaults { doubles_updates: true, min_peers: true, ..DoorFaults::default() });
    loopback.publish();
    let (first, chats) = client.pushed().await;
    let (second, _) = client.pushed().await;
    assert_eq!(first, second);
    let [enums::Chat::Channel(types::Channel { min: true, access_hash: Some(hash), .. })] = chats[..] else {
        panic!("{chats:?}")
    };
    let (own, _) = client.chats().await;
    assert_ne!(own.access_hash, hash, "a min constructor's hash counts nowhere");
}
