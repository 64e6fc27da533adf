//! Writing comments.

use beseda_simulator::SendFault;
use domain::id::MessageId;
use grammers_tl_types::{enums, functions, types};
use telegram::{TelegramError, WaitScope};

use crate::client::{Client, Loopback, message, messages, peer};

async fn root(client: &Client, post: MessageId) -> (types::InputChannel, i32) {
    let (channel, group) = client.chats().await;
    let msg_id = i32::try_from(post.get()).unwrap();
    let ask = functions::messages::GetDiscussionMessage { peer: peer(&channel), msg_id };
    let enums::messages::DiscussionMessage::Message(found) = client.call(&ask).await.unwrap();
    (group, message(&found.messages[0]).id)
}

pub(crate) fn comment(
    group: &types::InputChannel,
    root: i32,
    random_id: i64,
) -> functions::messages::SendMessage {
    let reply = types::InputReplyToMessage {
        reply_to_msg_id: root,
        top_msg_id: Some(root),
        reply_to_peer_id: None,
        quote_text: None,
        quote_entities: None,
        quote_offset: None,
        monoforum_peer_id: None,
        todo_item_id: None,
        poll_option: None,
    };
    functions::messages::SendMessage {
        no_webpage: true,
        silent: false,
        background: false,
        clear_draft: false,
        noforwards: false,
        update_stickersets_order: false,
        invert_media: false,
        allow_paid_floodskip: false,
        peer: peer(group),
        reply_to: Some(reply.into()),
        message: "Good to know\n\nFrom the team".to_owned(),
        random_id,
        reply_markup: None,
        entities: None,
        schedule_date: None,
        schedule_repeat_period: None,
        send_as: None,
        quick_reply_shortcut: None,
        effect: None,
        allow_paid_stars: None,
        suggested_post: None,
        rich_message: None,
    }
}

#[tokio::test]
async fn a_comment_gets_its_id_stands_in_the_thread_and_is_found_by_its_writer() {
    let loopback = Loopback::new().await;
    let post = loopback.publish();
    let client = loopback.client(0);
    let (group, root) = root(&client, post).await;
    let enums::Updates::Updates(sent) = client.call(&comment(&group, root, 11)).await.unwrap() else {
        panic!("no updates")
    };
    let [enums::Update::MessageId(named), enums::Update::NewChannelMessage(new)] = &sent.updates[..] else {
        panic!("{:?}", sent.updates)
    };
    assert_eq!((named.random_id, named.id), (11, message(&new.message).id));

    let search = functions::messages::Search {
        peer: peer(&group),
        q: String::new(),
        from_id: Some(enums::InputPeer::PeerSelf),
        saved_peer_id: None,
        saved_reaction: None,
        top_msg_id: Some(root),
        filter: enums::MessagesFilter::InputMessagesFilterEmpty,
        min_date: 0,
        max_date: 0,
        offset_id: 0,
        add_offset: 0,
        limit: 10,
        max_id: 0,
        min_id: 0,
        hash: 0,
    };
    let found = messages(client.call(&search).await.unwrap());
    assert_eq!(found.iter().map(|found| message(found).id).collect::<Vec<_>>(), [named.id]);
    assert!(message(&found[0]).out);
    assert_eq!(loopback.stage.world.verdict().sent, 1);
    assert_eq!(loopback.stage.world.verdict().unlabelled, 0, "{:?}", loopback.stage.world.verdict());
}

#[tokio::test]
async fn a_random_id_is_used_once() {
    let loopback = Loopback::new().await;
    let post = loopback.publish();
    let client = loopback.client(0);
    let (group, root) = root(&client, post).await;
    client.call(&comment(&group, root, 11)).await.unwrap();
    assert_eq!(client.refusal(&comment(&group, root, 11)).await.0, "500 RANDOM_ID_DUPLICATE");
    assert_eq!(loopback.stage.world.verdict().sent, 1);
}

#[tokio::test]
async fn a_wait_is_told_in_seconds() {
    let loopback = Loopback::new().await;
    let post = loopback.publish();
    let client = loopback.client(0);
    let (group, root) = root(&client, post).await;
    let wait = std::time::Duration::from_secs(31);
    for (scope, name) in [(WaitScope::Chat, "420 SLOWMODE_WAIT"), (WaitScope::Account, "420 FLOOD_WAIT")] {
        loopback.stage.world.script(0, SendFault::Refuse(TelegramError::Wait { scope, wait }));
        assert_eq!(client.refusal(&comment(&group, root, 11)).await, (name.to_owned(), Some(31)));
    }
}

#[tokio::test]
async fn a_message_that_is_no_comment_is_not_written() {
    let loopback = Loopback::new().await;
    let post = loopback.publish();
    let client = loopback.client(0);
    let (group, root) = root(&client, post).await;
    let loose = functions::messages::SendMessage { reply_to: None, ..comment(&group, root, 11) };
    assert_eq!(client.refusal(&loose).await.0, "403 CHAT_WRITE_FORBIDDEN");
    let (channel, _) = client.chats().await;
    assert_eq!(client.refusal(&comment(&channel, root, 12)).await.0, "403 CHAT_WRITE_FORBIDDEN");
    assert_eq!(client.refusal(&comment(&group, 77, 13)).await.0, "400 REPLY_MESSAGE_ID_INVALID");
    assert_eq!(loopback.stage.world.verdict().sent, 0);
}
