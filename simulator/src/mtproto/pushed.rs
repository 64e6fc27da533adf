//! What the world tells by itself, as Telegram's updates.

use domain::time::Timestamp;
use grammers_tl_types::{enums, types};
use telegram::{MessageSeen, Update};

use super::calls::{deletion, edit};
use super::drawn::{Drawing, date};
use crate::door::{Heard, Told};
use crate::world::{Chat, State};

/// An update without company.
pub(super) fn short(update: enums::Update, now: Timestamp) -> enums::Updates {
    types::UpdateShort { update, date: date(now) }.into()
}

/// What an account is told; `None` if it is not worth telling.
pub(super) fn updates(
    state: &State,
    account: u32,
    heard: &Heard,
    now: Timestamp,
    min: bool,
) -> Option<enums::Updates> {
    let Heard::Told(Told { update, pts }) = heard else { return Some(enums::Updates::TooLong) };
    let mut drawing = Drawing::new(state, account, now).min(min);
    let update = drawn(&mut drawing, update, *pts)?;
    let (chats, users) = drawing.company();
    Some(types::Updates { updates: vec![update], users, chats, date: date(now), seq: 0 }.into())
}

fn drawn(drawing: &mut Drawing<'_>, update: &Update, pts: i32) -> Option<enums::Update> {
    let state = drawing.state;
    let index = |peer| state.plan().channel_index(peer);
    Some(match update {
        Update::NewPost { channel, post } => new(drawing.post(index(*channel)?, post), pts),
        Update::EditedPost { channel, post } => edit(drawing.post(index(*channel)?, post), pts),
        Update::DeletedPosts { channel, ids } => deletion(Chat::Channel(index(*channel)?), ids, pts),
        Update::NewThreadMessage { channel, message } => {
            new(drawing.said(index(*channel)?, message, MessageSeen { reactions: 0, replies: 0 }), pts)
        }
        Update::DeletedThreadMessages { channel, ids } => deletion(Chat::Group(index(*channel)?), ids, pts),
        Update::TooLong => return None,
    })
}

fn new(message: enums::Message, pts: i32) -> enums::Update {
    enums::Update::NewChannelMessage(types::UpdateNewChannelMessage { message, pts, pts_count: 1 })
}
