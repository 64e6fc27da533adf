//! What the port shows of messages as Telegram writes them.

use grammers_tl_types::{Deserializable as _, Serializable as _};

use super::*;

const CHANNEL: i64 = 5;
const GROUP: i64 = 6;

fn channel_peer(channel_id: i64) -> enums::Peer {
    types::PeerChannel { channel_id }.into()
}

fn user_peer(user_id: i64) -> enums::Peer {
    types::PeerUser { user_id }.into()
}

/// A message with nothing in it that need not be: read from the shortest form that there is.
pub(in super::super) fn blank(id: i32, chat: i64) -> types::Message {
    let mut bytes = Vec::new();
    [0_u32, 0].iter().for_each(|flags| flags.serialize(&mut bytes));
    id.serialize(&mut bytes);
    channel_peer(chat).serialize(&mut bytes);
    1_700_000_000_i32.serialize(&mut bytes);
    String::new().serialize(&mut bytes);
    types::Message::from_bytes(&bytes).unwrap()
}

/// A channel in the same way.
pub(in super::super) fn blank_channel(id: i64, access_hash: Option<i64>, min: bool) -> types::Channel {
    let mut bytes = Vec::new();
    [0_u32, 0].iter().for_each(|flags| flags.serialize(&mut bytes));
    id.serialize(&mut bytes);
    String::new().serialize(&mut bytes);
    enums::ChatPhoto::Empty.serialize(&mut bytes);
    0_i32.serialize(&mut bytes);
    let blank = types::Channel::from_bytes(&bytes).unwrap();
    types::Channel { access_hash, min, ..blank }
}

/// The header of a forward from the channel, as Telegram makes it for a post's copy in the group.
fn forwarded(from: enums::Peer, saved_from: Option<(enums::Peer, i32)>) -> enums::MessageFwdHeader {
    let (saved_from_peer, saved_from_msg_id) = saved_from.unzip();
    types::MessageFwdHeader {
        imported: false,
        saved_out: false,
        from_id: Some(from),
        from_name: None,
        date: 0,
        channel_post: None,
        post_author: None,
        saved_from_peer,
        saved_from_msg_id,
        saved_from_id: None,
        saved_from_name: None,
        saved_date: None,
        psa_type: None,
    }
    .into()
}

/// The copy of a post in the group.
pub(in super::super) fn copy(id: i32, post: i32) -> types::Message {
    let channel = channel_peer(CHANNEL);
    types::Message {
        from_id: Some(channel.clone()),
        fwd_from: Some(forwarded(channel.clone(), Some((channel, post)))),
        ..blank(id, GROUP)
    }
}

fn reply(id: i32, to: i32, top: Option<i32>) -> types::Message {
    let mut bytes = Vec::new();
    0_u32.serialize(&mut bytes);
    let header = types::MessageReplyHeader::from_bytes(&bytes).unwrap();
    let header = types::MessageReplyHeader { reply_to_msg_id: Some(to), reply_to_top_id: top, ..header };
    types::Message { reply_to: Some(header.into()), from_id: Some(user_peer(9)), ..blank(id, GROUP) }
}

#[test]
fn an_album_comes_as_several_posts_with_the_same_group() {
    let parts = [2, 3].map(|id| types::Message { grouped_id: Some(77), ..blank(id, CHANNEL) });
    let posts = parts.each_ref().map(post);
    assert_eq!(
        posts.map(|post| (post.id, post.grouped)),
        [(MessageId(2), Some(77)), (MessageId(3), Some(77))]
    );
}

#[test]
fn an_edit_that_changed_no_text_is_none() {
    let edit = |edit_hide| types::Message { edit_date: Some(1_700_000_060), edit_hide, ..blank(2, CHANNEL) };
    assert_eq!(post(&edit(true)).edited_at, None, "reactions and view counts are edits, too");
    assert_eq!(post(&edit(false)).edited_at, Some(Timestamp::from_secs(1_700_000_060)));
}

#[test]
fn photos_videos_and_files_are_media_and_nothing_else_is() {
    let file = |video| types::MessageMediaDocument {
        nopremium: false,
        spoiler: false,
        video,
        round: false,
        voice: false,
        document: None,
        alt_documents: None,
        video_cover: None,
        video_timestamp: None,
        ttl_seconds: None,
    };
    let photo = types::MessageMediaPhoto {
        spoiler: false,
        live_photo: false,
        photo: None,
        ttl_seconds: None,
        video: None,
    };
    for (media, expected) in [
        (photo.into(), vec![Media::Photo]),
        (file(true).into(), vec![Media::Video]),
        (file(false).into(), vec![Media::Document]),
        (enums::MessageMedia::Unsupported, vec![]),
    ] {
        let message = types::Message { media: Some(media), ..blank(2, CHANNEL) };
        assert_eq!(post(&message).media, expected);
    }
}

#[test]
fn what_stands_nowhere_is_empty_in_its_place() {
    let messages = [
        blank(4, CHANNEL).into(),
        types::MessageEmpty { id: 3, peer_id: None }.into(),
        blank(2, CHANNEL).into(),
    ];
    let ids = [2, 3, 4, 5].map(MessageId);
    let slots = history(&ids, &messages);
    let there = |slot: &HistorySlot| match slot {
        HistorySlot::Post(post) => (post.id, true),
        HistorySlot::Empty(id) => (*id, false),
    };
    let expected = [(2, true), (3, false), (4, true), (5, false)].map(|(id, there)| (MessageId(id), there));
    assert_eq!(slots.iter().map(there).collect::<Vec<_>>(), expected);
    let looks = looks(&ids, &messages);
    assert_eq!(looks.iter().map(|look| (look.id, look.seen.is_some())).collect::<Vec<_>>(), expected);
}

#[test]
fn only_the_channels_own_forward_is_a_posts_copy() {
    let post = Post { channel: PeerId(CHANNEL), id: MessageId(40) };
    assert_eq!(copied(&copy(7, 40)), Some(post));
    let by_a_reader = types::Message { from_id: Some(user_peer(9)), ..copy(7, 40) };
    assert_eq!(copied(&by_a_reader), None, "a reader forwarded the post by hand");
    let forward = forwarded(channel_peer(CHANNEL), None);
    let plain = types::Message { fwd_from: Some(forward), ..blank(7, GROUP) };
    assert_eq!(copied(&plain), None);
    assert_eq!(copied(&blank(7, GROUP)), None);
}

#[test]
fn a_message_names_its_thread_by_its_top_or_by_what_it_answers() {
    for (message, root, answers) in [(reply(9, 7, None), 7, 7), (reply(10, 9, Some(7)), 7, 9)] {
        let named = root_named(&message).unwrap();
        let seen = thread_message(&message, named, MessageId(40));
        assert_eq!(
            (seen.root, seen.answers, seen.post),
            (MessageId(root), MessageId(answers), MessageId(40))
        );
    }
    assert_eq!(root_named(&blank(9, GROUP)), None);
}

#[test]
fn who_writes_without_a_name_writes_as_the_group() {
    let named = thread_message(&reply(9, 7, None), MessageId(7), MessageId(40));
    let nameless = types::Message { from_id: None, ..reply(9, 7, None) };
    let nameless = thread_message(&nameless, MessageId(7), MessageId(40));
    assert_eq!((named.author, nameless.author), (PeerId(9), PeerId(GROUP)));
}

#[test]
fn a_min_chat_is_known_by_the_message_that_names_it() {
    let min = blank_channel(CHANNEL, Some(666), true).into();
    let known = peer(&min, &[blank(6, GROUP).into(), copy(7, 40).into()]).unwrap();
    assert_eq!(known.access, Access::SeenIn { chat: PeerId(GROUP), message: MessageId(7) });
    assert_eq!(peer(&min, &[]), None, "its hash counts nowhere else");
    let whole = blank_channel(CHANNEL, Some(666), false).into();
    assert_eq!(peer(&whole, &[]).unwrap().access, Access::Hash(666));
}
