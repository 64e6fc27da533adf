//! Finding chats, and what the account may do in them.

use domain::id::PeerId;
use domain::link::ChatLink;
use grammers_tl_types::{enums, functions, types};

use super::account::Account;
use super::{peers, seen};
use crate::{ChatKind, Found, Rights, TelegramError};

impl Account {
    /// What a link leads to.
    pub(super) async fn resolve(&self, link: &ChatLink) -> Result<Found, TelegramError> {
        match link {
            ChatLink::Username(name) => {
                let resolved = self.resolve_username(name).await?;
                match resolved.peer {
                    enums::Peer::Channel(channel) => self.found(PeerId(channel.channel_id)).await,
                    enums::Peer::User(user) => person(user.user_id, &resolved.users),
                    enums::Peer::Chat(_) => Err(TelegramError::PeerInvalid),
                }
            }
            ChatLink::Id(id) => self.found(*id).await,
            ChatLink::Invite(hash) => {
                let chat = self.invited(hash).await?;
                self.found(chat).await
            }
        }
    }

    /// The chat behind an invitation, if the account may look inside without accepting it.
    async fn invited(&self, hash: &str) -> Result<PeerId, TelegramError> {
        let request = functions::messages::CheckChatInvite { hash: hash.to_owned() };
        let chat = match self.line.ask(&request).await? {
            enums::ChatInvite::Already(member) => member.chat,
            enums::ChatInvite::Peek(guest) => guest.chat,
            enums::ChatInvite::Invite(_) => return Err(TelegramError::ChannelPrivate),
        };
        let id = seen::broad(&chat).map(|channel| PeerId(channel.id));
        self.peers.meet(&[chat], []).await;
        id.ok_or(TelegramError::PeerInvalid)
    }

    /// Everything about a channel or group.
    async fn found(&self, chat: PeerId) -> Result<Found, TelegramError> {
        let (channel, full) = self.full(chat).await?;
        let kind = peers::kind(&channel);
        let newest = self.newest(&[chat]).await?;
        let members = full.participants_count.or(channel.participants_count);
        Ok(Found {
            id: chat,
            kind,
            username: seen::username(channel.username.as_ref(), channel.usernames.as_ref()),
            title: channel.title,
            about: full.about,
            discussion: full.linked_chat_id.map(PeerId).filter(|_| kind == ChatKind::Channel),
            members: members.map(seen::count),
            newest: newest.first().copied().unwrap_or(domain::id::MessageId(0)),
        })
    }

    /// `channels.getFullChannel`, which also tells which channel and which group belong together.
    async fn full(&self, chat: PeerId) -> Result<(types::Channel, types::ChannelFull), TelegramError> {
        let request = |chat: &peers::Address| functions::channels::GetFullChannel { channel: chat.channel() };
        let enums::messages::ChatFull::Full(answer) = self.ask_about(chat, request).await?;
        self.peers.meet(&answer.chats, []).await;
        let enums::ChatFull::ChannelFull(full) = answer.full_chat else {
            return Err(TelegramError::PeerInvalid);
        };
        let mut channels = answer.chats.iter().filter_map(seen::broad);
        let channel = channels.find(|channel| PeerId(channel.id) == chat);
        let channel = channel.ok_or(TelegramError::ChannelPrivate)?.clone();
        if let Some(linked) = full.linked_chat_id.map(PeerId) {
            match peers::kind(&channel) {
                ChatKind::Channel => self.peers.link(linked, chat),
                ChatKind::Group | ChatKind::User => self.peers.link(chat, linked),
            }
        }
        Ok((channel, full))
    }

    /// The discussion group of a channel, if it has one.
    pub(super) async fn discussion_of(&self, channel: PeerId) -> Result<Option<PeerId>, TelegramError> {
        match self.peers.group_of(channel) {
            Some(group) => Ok(Some(group)),
            None => Ok(self.full(channel).await?.1.linked_chat_id.map(PeerId)),
        }
    }

    /// The channel whose discussion a group is, if it is one.
    pub(super) async fn channel_of(&self, group: PeerId) -> Result<Option<PeerId>, TelegramError> {
        match self.peers.channel_of(group) {
            Some(channel) => Ok(Some(channel)),
            None => Ok(self.full(group).await?.1.linked_chat_id.map(PeerId)),
        }
    }

    /// What the account may do in a channel.
    pub(super) async fn rights(&self, channel: PeerId) -> Result<Rights, TelegramError> {
        let none = Rights { member: false, administrator: false, speaks_as_channel: false };
        let participant = enums::InputPeer::PeerSelf;
        let request = |channel: &peers::Address| functions::channels::GetParticipant {
            channel: channel.channel(),
            participant: participant.clone(),
        };
        let answer = match self.ask_about(channel, request).await {
            Ok(enums::channels::ChannelParticipant::Participant(answer)) => answer,
            Err(TelegramError::Other(name)) if name.ends_with(" USER_NOT_PARTICIPANT") => return Ok(none),
            Err(error) => return Err(error),
        };
        use enums::ChannelParticipant as P;
        let (member, administrator) = match answer.participant {
            P::Creator(_) | P::Admin(_) => (true, true),
            P::Participant(_) | P::ParticipantSelf(_) => (true, false),
            P::Banned(banned) => (!banned.left, false),
            P::Left(_) => (false, false),
        };
        // Telegram lets a person choose whom to speak as; a bot always speaks as itself.
        let speaks_as_channel = administrator && !self.me.bot && self.speaks_as(channel).await?;
        Ok(Rights { member, administrator, speaks_as_channel })
    }

    /// Whether the account may speak in the discussion group as the channel itself.
    async fn speaks_as(&self, channel: PeerId) -> Result<bool, TelegramError> {
        let Some(group) = self.discussion_of(channel).await? else { return Ok(false) };
        let request = |group: &peers::Address| functions::channels::GetSendAs {
            for_paid_reactions: false,
            for_live_stories: false,
            peer: group.peer(),
        };
        let enums::channels::SendAsPeers::Peers(answer) = self.ask_about(group, request).await?;
        self.peers.meet(&answer.chats, []).await;
        let is_it =
            |enums::SendAsPeer::Peer(one): &enums::SendAsPeer| seen::channel_id(&one.peer) == Some(channel);
        Ok(answer.peers.iter().any(is_it))
    }

    /// Joins a channel or group.
    pub(super) async fn join(&self, chat: PeerId) -> Result<(), TelegramError> {
        let request = |chat: &peers::Address| functions::channels::JoinChannel { channel: chat.channel() };
        match self.ask_about(chat, request).await {
            Ok(enums::messages::ChatInviteJoinResult::Ok(_)) => Ok(()),
            Ok(enums::messages::ChatInviteJoinResult::WebView(_)) => Err(TelegramError::JoinRequested),
            Err(TelegramError::Other(name)) if name.ends_with(" USER_ALREADY_PARTICIPANT") => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A person or a bot: there is nothing to read and nothing to join.
fn person(id: i64, users: &[enums::User]) -> Result<Found, TelegramError> {
    let user = users.iter().find_map(|user| match user {
        enums::User::User(user) if user.id == id => Some(user),
        enums::User::User(_) | enums::User::Empty(_) => None,
    });
    let user = user.ok_or(TelegramError::PeerInvalid)?;
    let names = [user.first_name.as_deref(), user.last_name.as_deref()];
    Ok(Found {
        id: PeerId(id),
        kind: ChatKind::User,
        username: seen::username(user.username.as_ref(), user.usernames.as_ref()),
        title: names.into_iter().flatten().collect::<Vec<_>>().join(" "),
        about: String::new(),
        discussion: None,
        members: None,
        newest: domain::id::MessageId(0),
    })
}
