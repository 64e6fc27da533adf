//! Finding chats and reading what stands in them.

use beseda_simulator::WorldPlan;
use beseda_simulator::record::Intervention;
use domain::id::MessageId;
use grammers_mtsender::InvocationError;
use grammers_tl_types::{enums, functions, types};

use crate::client::{Loopback, channel, input, message, messages, peer};
use crate::stage::silent;

fn by_id(channel: &types::InputChannel, ids: &[i32]) -> functions::channels::GetMessages {
    let id = ids.iter().map(|id| types::InputMessageId { id: *id }.into()).collect();
    functions::channels::GetMessages { channel: channel.clone().into(), id }
}

fn wire(id: MessageId) -> i32 {
    i32::try_from(id.get()).unwrap()
}

#[tokio::test]
async fn an_account_is_told_who_it_is() {
    let loopback = Loopback::new().await;
    let ask = functions::users::GetFullUser { id: enums::InputUser::UserSelf };
    let enums::users::UserFull::Full(told) = loopback.client(1).call(&ask).await.unwrap();
    let enums::UserFull::Full(profile) = told.full_user;
    let [enums::User::User(user)] = &told.users[..] else { panic!("{:?}", told.users) };
    assert_eq!(profile.about.as_deref(), Some("From the team"));
    assert_eq!((user.id, user.is_self), (WorldPlan::account_peer(1).get(), true));
    assert_eq!(user.phone, Some(loopback.stage.world.phone(1).replace('+', "")));
}

#[tokio::test]
async fn a_key_that_nobody_shared_opens_nothing() {
    let loopback = Loopback::new().await;
    let refused = loopback.client_by([7; 256]).call(&functions::updates::GetState {}).await.err();
    // The client takes the 404 as a reason to exchange another key, which is not to be had here.
    assert!(matches!(refused, Some(InvocationError::Authentication(_))), "{refused:?}");
}

#[tokio::test]
async fn a_username_leads_to_a_channel_and_from_there_to_its_group() {
    let loopback = Loopback::new().await;
    let client = loopback.client(0);
    let (channel, group) = client.chats().await;
    loopback.stage.world.describe(crate::client::channel(), "code 123", loopback.stage.now());
    let full = functions::channels::GetFullChannel { channel: channel.clone().into() };
    let enums::messages::ChatFull::Full(full) = client.call(&full).await.unwrap();
    let enums::ChatFull::ChannelFull(full) = full.full_chat else { panic!("{:?}", full.full_chat) };
    assert_eq!((full.about.as_str(), full.linked_chat_id), ("code 123", Some(group.channel_id)));

    let username = "nobody".to_owned();
    let nobody = functions::contacts::ResolveUsername { username, referer: None };
    assert_eq!(client.refusal(&nobody).await.0, "400 USERNAME_NOT_OCCUPIED");
}

#[tokio::test]
async fn another_accounts_access_hash_is_worth_nothing() {
    let loopback = Loopback::new().await;
    let (channel, _) = loopback.client(0).chats().await;
    let other = loopback.client(1);
    assert_eq!(other.refusal(&by_id(&channel, &[1])).await.0, "400 CHANNEL_INVALID");
    let (own, _) = other.chats().await;
    assert_ne!(own.access_hash, channel.access_hash);
}

#[tokio::test]
async fn messages_come_in_the_order_asked_with_holes() {
    let loopback = Loopback::new().await;
    let (first, second) = (loopback.publish(), loopback.publish());
    loopback.intervene(Intervention::DeletePost { channel: channel(), post: first });
    let client = loopback.client(0);
    let (chat, group) = client.chats().await;
    let found = messages(client.call(&by_id(&chat, &[wire(second), 99, wire(first)])).await.unwrap());
    let [post, enums::Message::Empty(none), enums::Message::Empty(gone)] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!((none.id, gone.id), (99, wire(first)));
    let post = message(post);
    let Some(enums::MessageReplies::Replies(replies)) = &post.replies else { panic!("{post:?}") };
    assert!(post.post && replies.comments && !post.message.is_empty());
    assert_eq!(replies.channel_id, Some(group.channel_id));

    let many: Vec<i32> = (1..=101).collect();
    assert_eq!(client.refusal(&by_id(&chat, &many)).await.0, "400 LIMIT_INVALID");
}

#[tokio::test]
async fn a_thread_begins_at_the_posts_copy_and_holds_what_readers_wrote() {
    let loopback = Loopback::new().await;
    let post = loopback.publish();
    loopback.intervene(Intervention::AskQuestion { channel: channel(), post });
    let client = loopback.client(0);
    let (chat, _) = client.chats().await;
    let discussion = functions::messages::GetDiscussionMessage { peer: peer(&chat), msg_id: wire(post) };
    let enums::messages::DiscussionMessage::Message(found) = client.call(&discussion).await.unwrap();
    let root = message(&found.messages[0]);
    let Some(enums::MessageFwdHeader::Header(from)) = &root.fwd_from else { panic!("{root:?}") };
    assert_eq!(from.saved_from_msg_id, Some(wire(post)));

    let replies = functions::messages::GetReplies {
        peer: peer(&chat),
        msg_id: wire(post),
        offset_id: 0,
        offset_date: 0,
        add_offset: 0,
        limit: 10,
        max_id: 0,
        min_id: 0,
        hash: 0,
    };
    let thread = messages(client.call(&replies).await.unwrap());
    let [question] = &thread[..] else { panic!("{thread:?}") };
    let question = message(question);
    let Some(enums::MessageReplyHeader::Header(answers)) = &question.reply_to else { panic!("{question:?}") };
    assert_eq!((answers.reply_to_msg_id, answers.reply_to_top_id), (Some(root.id), None));
    assert!(!question.message.is_empty() && !question.out && question.id > root.id);

    let gone = functions::messages::GetDiscussionMessage { peer: peer(&chat), msg_id: 99 };
    assert_eq!(client.refusal(&gone).await.0, "400 MSG_ID_INVALID");
}

#[tokio::test]
async fn the_list_of_conversations_shows_every_channel_of_an_account_and_its_group() {
    let loopback = Loopback::new().await;
    loopback.publish();
    let client = loopback.client(0);
    let dialogs = functions::messages::GetDialogs {
        exclude_pinned: false,
        folder_id: None,
        offset_date: 0,
        offset_id: 0,
        offset_peer: enums::InputPeer::Empty,
        limit: 100,
        hash: 0,
    };
    let enums::messages::Dialogs::Dialogs(list) = client.call(&dialogs).await.unwrap() else {
        panic!("not the whole list")
    };
    assert_eq!(list.dialogs.len(), 2 * silent().channels_of(0).count());
    let own = input(&list.chats, channel());
    let asked = types::InputDialogPeer { peer: peer(&own) }.into();
    let ask = functions::messages::GetPeerDialogs { peers: vec![asked] };
    let enums::messages::PeerDialogs::Dialogs(one) = client.call(&ask).await.unwrap();
    let [enums::Dialog::Dialog(dialog)] = &one.dialogs[..] else { panic!("{:?}", one.dialogs) };
    assert_eq!((dialog.top_message, dialog.pts), (2, Some(2)));
}

#[tokio::test]
async fn members_are_told_from_strangers() {
    let loopback = Loopback::new().await;
    for (account, member) in [(0, true), (1, true), (2, false)] {
        let client = loopback.client(account);
        let (chat, group) = client.chats().await;
        let participant = enums::InputPeer::PeerSelf;
        let ask = functions::channels::GetParticipant { channel: chat.into(), participant };
        match client.call(&ask).await {
            Ok(_) => assert!(member, "account {account}"),
            Err(InvocationError::Rpc(error)) => {
                assert!(!member && error.name == "USER_NOT_PARTICIPANT", "{error}")
            }
            Err(other) => panic!("{other}"),
        }
        let ask = functions::channels::GetSendAs {
            for_paid_reactions: false,
            for_live_stories: false,
            peer: peer(&group),
        };
        let enums::channels::SendAsPeers::Peers(speakers) = client.call(&ask).await.unwrap();
        assert!(!speakers.peers.is_empty());
    }
}

#[tokio::test]
async fn a_method_that_is_not_simulated_is_refused_by_its_name_and_counted() {
    let loopback = Loopback::new().await;
    let client = loopback.client(0);
    let refused = client.refusal(&functions::help::GetNearestDc {}).await.0;
    assert_eq!(refused, "400 METHOD_NOT_SIMULATED_help.getNearestDc");
    assert_eq!(loopback.door.counts().unknown["help.getNearestDc"], 1);
}
