//! Finding chats: by username, by invite link, in the list of conversations; and checking that a caller met what it names.

use domain::id::PeerId;
use domain::link::ChatLink;
use grammers_tl_types::{enums, functions, types};

use super::super::drawn::access_hash;
use super::{Caller, Refused, updates};
use crate::plan::WorldPlan;
use crate::world::Chat;

/// The most chats that one call may name.
const MOST: usize = 100;

/// `contacts.resolveUsername`.
pub(super) fn resolve_username(
    caller: &mut Caller<'_>,
    call: functions::contacts::ResolveUsername,
) -> Result<enums::contacts::ResolvedPeer, Refused> {
    let account = caller.account()?.0;
    let found = caller.state.resolve(account, &ChatLink::Username(call.username));
    let found = found.map_err(|_| Refused::rpc(400, "USERNAME_NOT_OCCUPIED"))?;
    let mut drawing = caller.drawing()?;
    let peer = drawing.peer(found.id);
    let (chats, users) = drawing.company();
    Ok(enums::contacts::ResolvedPeer::Peer(types::contacts::ResolvedPeer { peer, chats, users }))
}

/// `messages.checkChatInvite`: the world's chats have no invite links.
pub(super) fn check_chat_invite(
    caller: &mut Caller<'_>,
    call: functions::messages::CheckChatInvite,
) -> Result<enums::ChatInvite, Refused> {
    let account = caller.account()?.0;
    match caller.state.resolve(account, &ChatLink::Invite(call.hash)) {
        Ok(_) | Err(telegram::TelegramError::PeerInvalid) => Err(Refused::rpc(400, "INVITE_HASH_EXPIRED")),
        Err(error) => Err(error.into()),
    }
}

/// `messages.getDialogs`: the channels where the account is a member, and their groups, all at once.
pub(super) fn get_dialogs(
    caller: &mut Caller<'_>,
    _: functions::messages::GetDialogs,
) -> Result<enums::messages::Dialogs, Refused> {
    let account = caller.account()?.0;
    let own = caller.state.plan().channels_of(account);
    let chats: Vec<Chat> = own.flat_map(|index| [Chat::Channel(index), Chat::Group(index)]).collect();
    let mut drawing = caller.drawing()?;
    let dialogs = chats.iter().map(|chat| drawing.dialog(*chat)).collect();
    let newest = |chat: &Chat| (*chat, drawing.state.newest_in(*chat));
    let newest: Vec<_> = chats.iter().map(newest).collect();
    let messages = newest.into_iter().map(|(chat, id)| drawing.message(chat, id)).collect();
    let (chats, users) = drawing.company();
    Ok(types::messages::Dialogs { dialogs, messages, chats, users }.into())
}

/// `messages.getPeerDialogs`.
pub(super) fn get_peer_dialogs(
    caller: &mut Caller<'_>,
    call: functions::messages::GetPeerDialogs,
) -> Result<enums::messages::PeerDialogs, Refused> {
    if call.peers.len() > MOST {
        return Err(Refused::rpc(400, "INPUT_PEERS_TOO_MUCH"));
    }
    let chats = call.peers.iter().map(|asked| match asked {
        enums::InputDialogPeer::Peer(asked) => caller.chat(&asked.peer),
        enums::InputDialogPeer::Folder(_) | enums::InputDialogPeer::Community(_) => {
            Err(Refused::rpc(400, "PEER_ID_INVALID"))
        }
    });
    let chats = chats.collect::<Result<Vec<Chat>, _>>()?;
    let state = updates::state(caller);
    let mut drawing = caller.drawing()?;
    let dialogs = chats.iter().map(|chat| drawing.dialog(*chat)).collect();
    let messages = chats.iter().map(|chat| drawing.message(*chat, drawing.state.newest_in(*chat))).collect();
    let (chats, users) = drawing.company();
    Ok(types::messages::PeerDialogs { dialogs, messages, chats, users, state }.into())
}

impl Caller<'_> {
    /// The chat that a caller names by `InputChannel`, if it met it and may look inside.
    pub(super) fn channel(&self, input: &enums::InputChannel) -> Result<Chat, Refused> {
        match input {
            enums::InputChannel::Channel(it) => self.named(it.channel_id, it.access_hash),
            enums::InputChannel::FromMessage(it) => self.seen(&it.peer, it.channel_id),
            enums::InputChannel::Empty => Err(Refused::rpc(400, "CHANNEL_INVALID")),
        }
    }

    /// The chat that a caller names by `InputPeer`.
    pub(super) fn chat(&self, input: &enums::InputPeer) -> Result<Chat, Refused> {
        match input {
            enums::InputPeer::Channel(it) => self.named(it.channel_id, it.access_hash),
            enums::InputPeer::ChannelFromMessage(it) => self.seen(&it.peer, it.channel_id),
            enums::InputPeer::Empty
            | enums::InputPeer::PeerSelf
            | enums::InputPeer::Chat(_)
            | enums::InputPeer::User(_)
            | enums::InputPeer::UserFromMessage(_) => Err(Refused::rpc(400, "PEER_ID_INVALID")),
        }
    }

    /// A chat by id and access hash; the hash must be the account's own.
    fn named(&self, id: i64, hash: i64) -> Result<Chat, Refused> {
        let account = self.account()?.0;
        let invalid = || Refused::rpc(400, "CHANNEL_INVALID");
        let chat = self.state.chat(PeerId(id)).ok_or_else(invalid)?;
        if access_hash(self.state.plan(), account, chat.peer()) != hash {
            return Err(invalid());
        }
        self.state.may_look(account, chat)?;
        Ok(chat)
    }

    /// A chat by a message that spoke of it; such a message stands in the channel itself or in its group.
    fn seen(&self, context: &enums::InputPeer, id: i64) -> Result<Chat, Refused> {
        let context = self.chat(context)?;
        let chat = self.state.chat(PeerId(id)).filter(|chat| chat.index() == context.index());
        chat.ok_or(Refused::rpc(400, "CHANNEL_INVALID"))
    }

    /// Whether a caller names itself.
    pub(super) fn is_self(&self, input: &enums::InputUser, account: u32) -> Result<(), Refused> {
        let own = WorldPlan::account_peer(account);
        match input {
            enums::InputUser::UserSelf => Ok(()),
            enums::InputUser::User(it)
                if it.user_id == own.get()
                    && it.access_hash == access_hash(self.state.plan(), account, own) =>
            {
                Ok(())
            }
            enums::InputUser::Empty | enums::InputUser::User(_) | enums::InputUser::FromMessage(_) => {
                Err(Refused::rpc(400, "USER_ID_INVALID"))
            }
        }
    }

    /// Whether a caller names itself as a peer.
    pub(super) fn is_self_peer(&self, input: &enums::InputPeer, account: u32) -> Result<(), Refused> {
        match input {
            enums::InputPeer::PeerSelf => Ok(()),
            enums::InputPeer::User(it) => {
                let (user_id, access_hash) = (it.user_id, it.access_hash);
                self.is_self(&enums::InputUser::User(types::InputUser { user_id, access_hash }), account)
            }
            enums::InputPeer::Empty
            | enums::InputPeer::Chat(_)
            | enums::InputPeer::Channel(_)
            | enums::InputPeer::UserFromMessage(_)
            | enums::InputPeer::ChannelFromMessage(_) => Err(Refused::rpc(400, "USER_ID_INVALID")),
        }
    }
}
