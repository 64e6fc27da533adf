//! Telegram's things as the port shows them: chats, messages, posts.
//!
//! Only translation: nothing here asks or remembers. What the port has no place for is left out.

#[cfg(test)]
pub(super) mod tests;

use std::collections::HashMap;

use domain::id::{MessageId, PeerId};
use domain::time::Timestamp;
use grammers_tl_types::{enums, types};

use super::peers::{self, Post};
use crate::{
    Access, HistorySlot, Identity, KnownPeer, Look, Media, MessageSeen, PostSeen, ThreadMessageSeen,
};

/// A message id as Telegram writes it: 32 bits. Ids come from there, so none is lost.
pub(super) fn wire_id(message: MessageId) -> i32 {
    i32::try_from(message.get()).unwrap_or(i32::MAX)
}

/// A message id as the port has it.
pub(super) fn message_id(id: i32) -> MessageId {
    MessageId(id.into())
}

/// The number of a peer, whatever it is.
pub(super) const fn peer_id(peer: &enums::Peer) -> PeerId {
    PeerId(match peer {
        enums::Peer::User(user) => user.user_id,
        enums::Peer::Chat(chat) => chat.chat_id,
        enums::Peer::Channel(channel) => channel.channel_id,
    })
}

/// The number of a channel or supergroup, if a peer is one.
pub(super) const fn channel_id(peer: &enums::Peer) -> Option<PeerId> {
    match peer {
        enums::Peer::Channel(channel) => Some(PeerId(channel.channel_id)),
        enums::Peer::User(_) | enums::Peer::Chat(_) => None,
    }
}

/// A chat as the account may address it from now on, if it is a channel or supergroup and says enough.
pub(super) fn peer<'a>(
    chat: &enums::Chat,
    messages: impl IntoIterator<Item = &'a enums::Message>,
) -> Option<KnownPeer> {
    let channel = broad(chat)?;
    let id = PeerId(channel.id);
    let access = match channel.access_hash.filter(|_| !channel.min) {
        Some(hash) => Access::Hash(hash),
        None => messages.into_iter().find_map(|message| mention(message, id))?,
    };
    let username = username(channel.username.as_ref(), channel.usernames.as_ref());
    Some(KnownPeer { kind: peers::kind(channel), id, access, username })
}

/// A channel or supergroup that can be looked at.
pub(super) const fn broad(chat: &enums::Chat) -> Option<&types::Channel> {
    match chat {
        enums::Chat::Channel(channel) => Some(channel),
        enums::Chat::Empty(_)
        | enums::Chat::Chat(_)
        | enums::Chat::Forbidden(_)
        | enums::Chat::ChannelForbidden(_)
        | enums::Chat::Community(_)
        | enums::Chat::CommunityForbidden(_) => None,
    }
}

/// Where a message that names a chat was seen, if it does.
fn mention(message: &enums::Message, chat: PeerId) -> Option<Access> {
    let message = real(message)?;
    let place = channel_id(&message.peer_id)?;
    let forwarded = message.fwd_from.as_ref().map(|enums::MessageFwdHeader::Header(header)| header);
    let named = [
        message.from_id.as_ref(),
        forwarded.and_then(|header| header.from_id.as_ref()),
        forwarded.and_then(|header| header.saved_from_peer.as_ref()),
    ];
    let mentioned = place != chat && named.into_iter().flatten().any(|peer| channel_id(peer) == Some(chat));
    mentioned.then_some(Access::SeenIn { chat: place, message: message_id(message.id) })
}

/// The username that is shown: the one, or the first active of several.
pub(super) fn username(one: Option<&String>, several: Option<&Vec<enums::Username>>) -> Option<String> {
    let active =
        |enums::Username::Username(name): &enums::Username| name.active.then(|| name.username.clone());
    one.cloned().or_else(|| several?.iter().find_map(active))
}

/// Who an account is.
pub(super) fn identity(user: &types::User, full: &types::UserFull) -> Identity {
    let names = [user.first_name.as_deref(), user.last_name.as_deref()];
    Identity {
        id: PeerId(user.id),
        username: username(user.username.as_ref(), user.usernames.as_ref()),
        display_name: names.into_iter().flatten().collect::<Vec<_>>().join(" "),
        is_bot: user.bot,
        about: full.about.clone().unwrap_or_default(),
    }
}

/// A message that says something: neither empty nor Telegram's own notice.
pub(super) const fn real(message: &enums::Message) -> Option<&types::Message> {
    match message {
        enums::Message::Message(message) => Some(message),
        enums::Message::Empty(_) | enums::Message::Service(_) => None,
    }
}

/// A post of a channel.
pub(super) fn post(message: &types::Message) -> PostSeen {
    let comments_open = matches!(
        &message.replies,
        Some(enums::MessageReplies::Replies(replies)) if replies.comments
    );
    PostSeen {
        id: message_id(message.id),
        grouped: message.grouped_id,
        text: message.message.clone(),
        media: message.media.as_ref().and_then(media).into_iter().collect(),
        published_at: at(message.date),
        edited_at: message.edit_date.filter(|_| !message.edit_hide).map(at),
        comments_open,
        views: count(message.views.unwrap_or_default()),
        forwards: count(message.forwards.unwrap_or_default()),
        reactions: reactions(message),
    }
}

/// What stands at these ids, in their order.
pub(super) fn history(ids: &[MessageId], messages: &[enums::Message]) -> Vec<HistorySlot> {
    let found = by_id(messages);
    let slot = |id: &MessageId| found.get(id).map_or(HistorySlot::Empty(*id), |m| HistorySlot::Post(post(m)));
    ids.iter().map(slot).collect()
}

/// What became of messages, in the order of their ids.
pub(super) fn looks(ids: &[MessageId], messages: &[enums::Message]) -> Vec<Look> {
    let found = by_id(messages);
    let look = |id: &MessageId| Look {
        id: *id,
        seen: found.get(id).map(|message| MessageSeen {
            reactions: reactions(message),
            replies: match &message.replies {
                Some(enums::MessageReplies::Replies(replies)) => count(replies.replies),
                None => 0,
            },
        }),
    };
    ids.iter().map(look).collect()
}

/// A message in the thread of a post. Who writes without a name writes as the group.
pub(super) fn thread_message(
    message: &types::Message,
    root: MessageId,
    post: MessageId,
) -> ThreadMessageSeen {
    let author = message.from_id.as_ref().unwrap_or(&message.peer_id);
    ThreadMessageSeen {
        id: message_id(message.id),
        root,
        post,
        author: peer_id(author),
        answers: answered(message).unwrap_or(root),
        text: message.message.clone(),
        sent_at: at(message.date),
    }
}

/// The message that one answers, if it answers any.
pub(super) fn answered(message: &types::Message) -> Option<MessageId> {
    header(message)?.reply_to_msg_id.map(message_id)
}

/// The root of the thread that a message says it is in: what it answers, where nothing else is said.
pub(super) fn root_named(message: &types::Message) -> Option<MessageId> {
    let header = header(message)?;
    header.reply_to_top_id.or(header.reply_to_msg_id).map(message_id)
}

fn header(message: &types::Message) -> Option<&types::MessageReplyHeader> {
    match message.reply_to.as_ref()? {
        enums::MessageReplyHeader::Header(header) => Some(header),
        enums::MessageReplyHeader::MessageReplyStoryHeader(_) => None,
    }
}

/// The post that a message of a discussion group is the copy of, if it is one.
pub(super) fn copied(message: &types::Message) -> Option<Post> {
    let enums::MessageFwdHeader::Header(header) = message.fwd_from.as_ref()?;
    let channel = channel_id(header.saved_from_peer.as_ref()?)?;
    let written_by_it = message.from_id.as_ref().and_then(channel_id) == Some(channel);
    let id = message_id(header.saved_from_msg_id?);
    (written_by_it && channel_id(&message.peer_id) != Some(channel)).then_some(Post { channel, id })
}

/// Telegram's seconds.
pub(super) fn at(seconds: i32) -> Timestamp {
    Timestamp::from_secs(seconds.into())
}

/// A count that Telegram writes with a sign it never uses.
pub(super) fn count(count: i32) -> u32 {
    u32::try_from(count).unwrap_or(0)
}

fn by_id(messages: &[enums::Message]) -> HashMap<MessageId, &types::Message> {
    messages.iter().filter_map(real).map(|message| (message_id(message.id), message)).collect()
}

fn reactions(message: &types::Message) -> u32 {
    let Some(enums::MessageReactions::Reactions(reactions)) = &message.reactions else { return 0 };
    reactions.results.iter().map(|enums::ReactionCount::Count(one)| count(one.count)).sum()
}

/// Photos, videos and files; a link's preview, a poll and the like are none of these.
fn media(media: &enums::MessageMedia) -> Option<Media> {
    if let enums::MessageMedia::Photo(_) = media {
        return Some(Media::Photo);
    }
    let enums::MessageMedia::Document(file) = media else { return None };
    Some(if file.video { Media::Video } else { Media::Document })
}
