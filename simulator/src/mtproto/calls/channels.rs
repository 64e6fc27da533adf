//! Channels and groups as such: `channels.*` but for their messages.

use grammers_tl_types::{enums, functions, types};

use super::super::drawn::{admin_rights, date};
use super::{Caller, Refused};
use crate::plan::WorldPlan;
use crate::world::Chat;

/// `channels.getChannels`.
pub(super) fn get_channels(
    caller: &mut Caller<'_>,
    call: functions::channels::GetChannels,
) -> Result<enums::messages::Chats, Refused> {
    let chats = call.id.iter().map(|input| caller.channel(input)).collect::<Result<Vec<_>, _>>()?;
    let mut drawing = caller.drawing()?;
    chats.into_iter().for_each(|chat| drawing.meet(chat));
    Ok(types::messages::Chats { chats: drawing.company().0 }.into())
}

/// `channels.getFullChannel`.
pub(super) fn get_full_channel(
    caller: &mut Caller<'_>,
    call: functions::channels::GetFullChannel,
) -> Result<enums::messages::ChatFull, Refused> {
    let chat = caller.channel(&call.channel)?;
    let mut drawing = caller.drawing()?;
    let full_chat = drawing.full_chat(chat)?.into();
    let (chats, users) = drawing.company();
    Ok(types::messages::ChatFull { full_chat, chats, users }.into())
}

/// `channels.getParticipant`, of the account itself.
pub(super) fn get_participant(
    caller: &mut Caller<'_>,
    call: functions::channels::GetParticipant,
) -> Result<enums::channels::ChannelParticipant, Refused> {
    let account = caller.account()?.0;
    let chat = caller.channel(&call.channel)?;
    caller.is_self_peer(&call.participant, account)?;
    if !caller.state.is_in(account, chat) {
        return Err(Refused::rpc(400, "USER_NOT_PARTICIPANT"));
    }
    let user_id = WorldPlan::account_peer(account).get();
    let joined = date(caller.state.plan().start);
    let participant = if caller.state.administers(account, chat.index()) {
        enums::ChannelParticipant::Admin(types::ChannelParticipantAdmin {
            can_edit: false,
            is_self: true,
            user_id,
            inviter_id: Some(user_id),
            promoted_by: user_id,
            date: joined,
            admin_rights: admin_rights(),
            rank: None,
        })
    } else {
        enums::ChannelParticipant::ParticipantSelf(types::ChannelParticipantSelf {
            via_request: false,
            user_id,
            inviter_id: user_id,
            date: joined,
            subscription_until_date: None,
            rank: None,
        })
    };
    let mut drawing = caller.drawing()?;
    drawing.meet(chat);
    drawing.meet_self();
    let (chats, users) = drawing.company();
    Ok(types::channels::ChannelParticipant { participant, chats, users }.into())
}

/// `channels.getSendAs`: as themselves, and administrators as the channel.
pub(super) fn get_send_as(
    caller: &mut Caller<'_>,
    call: functions::channels::GetSendAs,
) -> Result<enums::channels::SendAsPeers, Refused> {
    let account = caller.account()?.0;
    let chat = caller.chat(&call.peer)?;
    let mut drawing = caller.drawing()?;
    let mut speakers = vec![drawing.own_peer()];
    if drawing.state.administers(account, chat.index()) {
        speakers.push(drawing.peer(Chat::Channel(chat.index()).peer()));
    }
    let speaker = |peer| enums::SendAsPeer::Peer(types::SendAsPeer { premium_required: false, peer });
    let peers = speakers.into_iter().map(speaker).collect();
    let (chats, users) = drawing.company();
    Ok(types::channels::SendAsPeers { peers, chats, users }.into())
}

/// `channels.joinChannel`.
pub(super) fn join_channel(
    caller: &mut Caller<'_>,
    call: functions::channels::JoinChannel,
) -> Result<enums::messages::ChatInviteJoinResult, Refused> {
    let account = caller.account()?.0;
    let chat = caller.channel(&call.channel)?;
    caller.state.join(account, chat.peer(), caller.now)?;
    let mut drawing = caller.drawing()?;
    drawing.meet(chat);
    let (chats, users) = drawing.company();
    let updates = types::Updates { updates: Vec::new(), users, chats, date: date(caller.now), seq: 0 };
    Ok(types::messages::ChatInviteJoinResultOk { updates: updates.into() }.into())
}
