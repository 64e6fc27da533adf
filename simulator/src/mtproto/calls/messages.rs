//! Messages: reading them by id, by thread and backwards in time, and writing one.

use domain::id::{MessageId, RandomId};
use grammers_tl_types::{enums, functions, types};
use telegram::Thread;

use super::super::drawn::{date, wire_count, wire_id};
use super::{Caller, Refused};
use crate::world::{Attempt, Chat};

/// The most messages that one call may name or be given.
const MOST: usize = 100;

/// `channels.getMessages`.
pub(super) fn get_messages(
    caller: &mut Caller<'_>,
    call: functions::channels::GetMessages,
) -> Result<enums::messages::Messages, Refused> {
    let chat = caller.channel(&call.channel)?;
    if call.id.len() > MOST {
        return Err(Refused::rpc(400, "LIMIT_INVALID"));
    }
    let ids = call.id.iter().map(|id| match id {
        enums::InputMessage::Id(id) => Ok(MessageId(id.id.into())),
        enums::InputMessage::ReplyTo(_)
        | enums::InputMessage::Pinned
        | enums::InputMessage::CallbackQuery(_) => Err(Refused::rpc(400, "MESSAGE_IDS_EMPTY")),
    });
    let ids = ids.collect::<Result<Vec<_>, _>>()?;
    let count = ids.len();
    caller.messages(chat, &ids, count)
}

/// Where in a chat to read: Telegram's offset, bounds and limit, newest first.
struct Page {
    offset_id: i32,
    add_offset: i32,
    limit: i32,
    max_id: i32,
    min_id: i32,
}

impl Page {
    /// The page's part of ids that come newest first.
    fn of(&self, ids: &[MessageId]) -> Vec<MessageId> {
        let above = |bound: i32| move |id: &MessageId| bound == 0 || id.get() < bound.into();
        let below = |id: &MessageId| id.get() > self.min_id.into();
        let bounded: Vec<MessageId> = ids.iter().copied().filter(above(self.max_id)).filter(below).collect();
        let newer = bounded.iter().filter(|id| !above(self.offset_id)(id)).count();
        let limit = usize::try_from(self.limit).unwrap_or(0).min(MOST);
        let from = isize::try_from(newer).unwrap_or(0) + self.add_offset as isize;
        let (skipped, missing) = (usize::try_from(from).unwrap_or(0), usize::try_from(-from).unwrap_or(0));
        bounded.into_iter().skip(skipped).take(limit.saturating_sub(missing)).collect()
    }
}

/// `messages.getHistory`.
pub(super) fn get_history(
    caller: &mut Caller<'_>,
    call: functions::messages::GetHistory,
) -> Result<enums::messages::Messages, Refused> {
    let chat = caller.chat(&call.peer)?;
    let functions::messages::GetHistory { offset_id, add_offset, limit, max_id, min_id, .. } = call;
    let page = Page { offset_id, add_offset, limit, max_id, min_id };
    let ids = caller.state.standing(chat);
    caller.messages(chat, &page.of(&ids), ids.len())
}

/// `messages.getReplies`: the thread of a post, by the post itself or by its copy in the group.
pub(super) fn get_replies(
    caller: &mut Caller<'_>,
    call: functions::messages::GetReplies,
) -> Result<enums::messages::Messages, Refused> {
    let chat = caller.chat(&call.peer)?;
    let functions::messages::GetReplies { msg_id, offset_id, add_offset, limit, max_id, min_id, .. } = call;
    let page = Page { offset_id, add_offset, limit, max_id, min_id };
    let root = caller.root(chat, MessageId(msg_id.into()))?;
    let ids = caller.state.in_thread(chat.index(), root);
    caller.messages(Chat::Group(chat.index()), &page.of(&ids), ids.len())
}

/// `messages.search`: by text and author, in a chat or in one thread.
pub(super) fn search(
    caller: &mut Caller<'_>,
    call: functions::messages::Search,
) -> Result<enums::messages::Messages, Refused> {
    let account = caller.account()?.0;
    let chat = caller.chat(&call.peer)?;
    if let Some(from) = &call.from_id {
        caller.is_self_peer(from, account)?;
    }
    let ids = match call.top_msg_id {
        Some(root) => caller.state.in_thread(chat.index(), MessageId(root.into())),
        None => caller.state.standing(chat),
    };
    let mut drawing = caller.drawing()?;
    let mut found = |id: &MessageId| match drawing.standing_message(chat, *id) {
        Some(enums::Message::Message(message)) => {
            message.message.contains(&call.q) && (call.from_id.is_none() || message.out)
        }
        Some(enums::Message::Empty(_) | enums::Message::Service(_)) | None => false,
    };
    let ids: Vec<MessageId> = ids.into_iter().filter(|id| found(id)).collect();
    let functions::messages::Search { offset_id, add_offset, limit, max_id, min_id, .. } = call;
    let page = Page { offset_id, add_offset, limit, max_id, min_id };
    caller.messages(chat, &page.of(&ids), ids.len())
}

/// `messages.getDiscussionMessage`: the copies of a post in the group, the newest first.
pub(super) fn get_discussion_message(
    caller: &mut Caller<'_>,
    call: functions::messages::GetDiscussionMessage,
) -> Result<enums::messages::DiscussionMessage, Refused> {
    let account = caller.account()?.0;
    let Chat::Channel(index) = caller.chat(&call.peer)? else {
        return Err(Refused::rpc(400, "MSG_ID_INVALID"));
    };
    let post = MessageId(call.msg_id.into());
    let root = caller.state.thread(account, Chat::Channel(index).peer(), post, caller.now)?.root;
    let copies = caller.state.copies(index, post);
    let newest = caller.state.in_thread(index, root).first().copied();
    let mut drawing = caller.drawing()?;
    let messages = copies.into_iter().map(|copy| drawing.message(Chat::Group(index), copy)).collect();
    let (chats, users) = drawing.company();
    Ok(types::messages::DiscussionMessage {
        messages,
        max_id: newest.map(wire_id),
        read_inbox_max_id: None,
        read_outbox_max_id: None,
        unread_count: 0,
        chats,
        users,
    }
    .into())
}

/// `messages.sendMessage`, into a thread.
pub(super) fn send_message(
    caller: &mut Caller<'_>,
    call: functions::messages::SendMessage,
) -> Result<enums::Updates, Refused> {
    let account = caller.account()?.0;
    let Chat::Group(index) = caller.chat(&call.peer)? else {
        return Err(Refused::rpc(403, "CHAT_WRITE_FORBIDDEN"));
    };
    let attempt = caller.attempt(index, call)?;
    let random_id = attempt.random_id;
    let sent = caller.state.comment(account, &attempt, caller.now)?;
    let chat = Chat::Group(index);
    let mut drawing = caller.drawing()?;
    let message = drawing.message(chat, sent.id);
    let pts = drawing.pts(chat);
    let (chats, users) = drawing.company();
    let named = types::UpdateMessageId { id: wire_id(sent.id), random_id: random_id.get() };
    let new = types::UpdateNewChannelMessage { message, pts, pts_count: 1 };
    let updates = vec![enums::Update::MessageId(named), enums::Update::NewChannelMessage(new)];
    Ok(types::Updates { updates, users, chats, date: date(sent.at), seq: 0 }.into())
}

impl Caller<'_> {
    fn attempt(&self, channel: u32, call: functions::messages::SendMessage) -> Result<Attempt, Refused> {
        let Some(enums::InputReplyTo::Message(reply)) = call.reply_to else {
            return Err(Refused::rpc(403, "CHAT_WRITE_FORBIDDEN"));
        };
        let answered = MessageId(reply.reply_to_msg_id.into());
        // Without `top_msg_id` the message answered says which thread it is.
        let root = match reply.top_msg_id {
            Some(root) => MessageId(root.into()),
            None => self.root(Chat::Group(channel), answered).unwrap_or(answered),
        };
        let own = |input: &enums::InputPeer| self.is_self_peer(input, self.account()?.0);
        let send_as = match &call.send_as {
            Some(input) if own(input).is_ok() => None,
            Some(input) => {
                Some(self.chat(input).map_err(|_| Refused::rpc(400, "SEND_AS_PEER_INVALID"))?.peer())
            }
            None => None,
        };
        Ok(Attempt {
            thread: Thread { group: Chat::Group(channel).peer(), root },
            answers: Some(answered).filter(|answered| *answered != root),
            text: call.message,
            random_id: RandomId(call.random_id),
            send_as,
        })
    }

    /// The root of the thread that a post or a message in the group belongs to.
    fn root(&self, chat: Chat, id: MessageId) -> Result<MessageId, Refused> {
        let invalid = || Refused::rpc(400, "MSG_ID_INVALID");
        match chat {
            Chat::Channel(index) => self.state.copies(index, id).last().copied().ok_or_else(invalid),
            Chat::Group(index) => match self.state.in_group(index, id, self.now).ok_or_else(invalid)? {
                crate::world::InGroup::Said(message, _) => Ok(message.root),
                crate::world::InGroup::Copied(post, _) => self.root(Chat::Channel(index), post.id),
            },
        }
    }

    fn messages(
        &self,
        chat: Chat,
        ids: &[MessageId],
        count: usize,
    ) -> Result<enums::messages::Messages, Refused> {
        let mut drawing = self.drawing()?;
        drawing.meet(chat);
        let messages = ids.iter().map(|id| drawing.message(chat, *id)).collect();
        let (chats, users) = drawing.company();
        Ok(types::messages::ChannelMessages {
            inexact: false,
            pts: drawing.pts(chat),
            count: wire_count(u32::try_from(count).unwrap_or(u32::MAX)),
            offset_id_offset: None,
            messages,
            topics: Vec::new(),
            chats,
            users,
        }
        .into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(offset_id: i32, add_offset: i32, limit: i32, bounds: (i32, i32)) -> Vec<i64> {
        let ids: Vec<MessageId> = (1..=10).rev().map(MessageId).collect();
        let page = Page { offset_id, add_offset, limit, min_id: bounds.0, max_id: bounds.1 };
        page.of(&ids).into_iter().map(MessageId::get).collect()
    }

    #[test]
    fn pages_are_cut_as_telegram_cuts_them() {
        assert_eq!(page(0, 0, 3, (0, 0)), [10, 9, 8]);
        assert_eq!(page(8, 0, 3, (0, 0)), [7, 6, 5]);
        assert_eq!(page(8, -2, 3, (0, 0)), [9, 8, 7]);
        assert_eq!(page(8, 2, 3, (0, 0)), [5, 4, 3]);
        assert_eq!(page(0, 0, 100, (7, 10)), [9, 8]);
        assert_eq!(page(0, -2, 3, (0, 0)), [10]);
        assert!(page(1, 0, 3, (0, 0)).is_empty());
    }
}
