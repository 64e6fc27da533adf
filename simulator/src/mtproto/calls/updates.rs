//! What a client missed: `updates.*`.
//!
//! Everything here happens in channels, each of which has its own `pts`; the account's own never moves.

use domain::id::MessageId;
use grammers_tl_types::{enums, functions, types};

use super::super::drawn::{Drawing, date, wire_id};
use super::{Caller, Refused};
use crate::world::{Chat, Noted};

/// How many messages a difference that is too long comes with.
const NEWEST: usize = 10;
/// After how many seconds a client should ask again for a channel where it is no member.
const ASK_AGAIN: i32 = 30;

/// The account's own state.
pub(super) fn state(caller: &Caller<'_>) -> enums::updates::State {
    types::updates::State { pts: 1, qts: 1, date: date(caller.now), seq: 1, unread_count: 0 }.into()
}

/// `updates.getState`.
pub(super) fn get_state(
    caller: &mut Caller<'_>,
    _: functions::updates::GetState,
) -> Result<enums::updates::State, Refused> {
    caller.account()?;
    Ok(state(caller))
}

/// `updates.getDifference`: which of the account's channels something happened in.
pub(super) fn get_difference(
    caller: &mut Caller<'_>,
    call: functions::updates::GetDifference,
) -> Result<enums::updates::Difference, Refused> {
    let account = caller.account()?.0;
    let own = caller.state.plan().channels_of(account);
    let chats = own.flat_map(|index| [Chat::Channel(index), Chat::Group(index)]);
    let moved = |chat: &Chat| {
        let last = caller.state.log(*chat).and_then(crate::world::Log::last_at);
        last.is_some_and(|at| date(at) >= call.date)
    };
    let moved: Vec<Chat> = chats.filter(moved).collect();
    if moved.is_empty() {
        let empty = types::updates::DifferenceEmpty { date: date(caller.now), seq: 1 };
        return Ok(empty.into());
    }
    let state = state(caller);
    let mut drawing = caller.drawing()?;
    let too_long = |chat: &Chat| {
        drawing.meet(*chat);
        let (channel_id, pts) = (chat.peer().get(), Some(drawing.pts(*chat)));
        enums::Update::ChannelTooLong(types::UpdateChannelTooLong { channel_id, pts })
    };
    let other_updates = moved.iter().map(too_long).collect();
    let (chats, users) = drawing.company();
    Ok(types::updates::Difference {
        new_messages: Vec::new(),
        new_encrypted_messages: Vec::new(),
        other_updates,
        chats,
        users,
        state,
    }
    .into())
}

/// `updates.getChannelDifference`.
pub(super) fn get_channel_difference(
    caller: &mut Caller<'_>,
    call: functions::updates::GetChannelDifference,
) -> Result<enums::updates::ChannelDifference, Refused> {
    let chat = caller.channel(&call.channel)?;
    let limit = usize::try_from(call.limit).unwrap_or(0).max(1);
    let missed = caller.state.log(chat).and_then(|log| log.after(call.pts, limit));
    let min = caller.faults.min_peers;
    match missed {
        Some(missed) if !caller.faults.too_long_differences || missed.is_empty() => {
            Ok(difference(caller.drawing()?.min(min), chat, call.pts, missed))
        }
        Some(_) | None => Ok(too_long(caller.drawing()?, chat)),
    }
}

fn difference(
    mut drawing: Drawing<'_>,
    chat: Chat,
    from: i32,
    missed: Vec<(i32, Noted)>,
) -> enums::updates::ChannelDifference {
    let pts = missed.last().map_or(from, |(pts, _)| *pts);
    let is_final = pts >= drawing.pts(chat);
    if missed.is_empty() {
        let empty = types::updates::ChannelDifferenceEmpty { r#final: true, pts, timeout: Some(ASK_AGAIN) };
        return empty.into();
    }
    drawing.meet(chat);
    let (mut new_messages, mut other_updates) = (Vec::new(), Vec::new());
    for (pts, noted) in missed {
        match noted {
            // What was written and is gone again is not told.
            Noted::New(id) => new_messages.extend(drawing.standing_message(chat, id)),
            Noted::Edited(id) => {
                let edited = drawing.standing_message(chat, id);
                other_updates.extend(edited.map(|message| edit(message, pts)));
            }
            Noted::Deleted(ids) => other_updates.push(deletion(chat, &ids, pts)),
        }
    }
    let (chats, users) = drawing.company();
    types::updates::ChannelDifference {
        r#final: is_final,
        pts,
        timeout: Some(ASK_AGAIN),
        new_messages,
        other_updates,
        chats,
        users,
    }
    .into()
}

fn too_long(mut drawing: Drawing<'_>, chat: Chat) -> enums::updates::ChannelDifference {
    let dialog = drawing.dialog(chat);
    let newest: Vec<MessageId> = drawing.state.standing(chat).into_iter().take(NEWEST).collect();
    let messages = newest.into_iter().map(|id| drawing.message(chat, id)).collect();
    let (chats, users) = drawing.company();
    types::updates::ChannelDifferenceTooLong {
        r#final: true,
        timeout: Some(ASK_AGAIN),
        dialog,
        messages,
        chats,
        users,
    }
    .into()
}

/// `updateEditChannelMessage`.
pub(in crate::mtproto) fn edit(message: enums::Message, pts: i32) -> enums::Update {
    enums::Update::EditChannelMessage(types::UpdateEditChannelMessage { message, pts, pts_count: 1 })
}

/// `updateDeleteChannelMessages`.
pub(in crate::mtproto) fn deletion(chat: Chat, ids: &[MessageId], pts: i32) -> enums::Update {
    enums::Update::DeleteChannelMessages(types::UpdateDeleteChannelMessages {
        channel_id: chat.peer().get(),
        messages: ids.iter().copied().map(wire_id).collect(),
        pts,
        pts_count: i32::try_from(ids.len()).unwrap_or(i32::MAX),
    })
}
