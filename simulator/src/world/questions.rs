//! What an account may ask, and what it is told: nothing that it could not see in Telegram.

use std::time::Duration;

use domain::id::{MessageId, PeerId};
use domain::link::ChatLink;
use domain::time::Timestamp;
use telegram::{
    ChatKind, Found, HistorySlot, Identity, Look, MessageSeen, Rights, TelegramError, Thread, WaitScope,
};

use super::channel::{Channel, Message};
use super::posting::share;
use super::state::State;
use crate::plan::WorldPlan;

/// The most ids or chats that one call may name.
const MOST: usize = 100;
/// How long a post takes to reach its group.
const FORWARDING: Duration = Duration::from_secs(1);
const USERNAME: &str = "world_channel_";

impl State {
    /// Counts a reading call, which Telegram sometimes finds one too many.
    pub(crate) fn count_read(&mut self, account: u32) -> Result<(), TelegramError> {
        let (seed, rate) = (self.plan.seed, self.plan.faults.read_flood_wait);
        let it = self.account_mut(account).ok_or(TelegramError::Unauthorized)?;
        it.reads = it.reads.wrapping_add(1);
        let seed = seed.derive("read", account.into()).derive("nth", it.reads.into());
        if seed.fraction() < rate {
            let wait = Duration::from_secs(5 + seed.derive("how long", 0).0 % 25);
            return Err(TelegramError::Wait { scope: WaitScope::Account, wait });
        }
        Ok(())
    }

    pub(crate) fn identity(&self, account: u32) -> Identity {
        Identity {
            id: WorldPlan::account_peer(account),
            username: Some(format!("world_account_{account}")),
            display_name: format!("Account {account}"),
            is_bot: false,
            about: self.plan.label.as_str().to_owned(),
        }
    }

    pub(crate) fn resolve(&self, account: u32, link: &ChatLink) -> Result<Found, TelegramError> {
        let channel = match link {
            ChatLink::Username(name) => self.by_username(name),
            ChatLink::Id(peer) => self.plan.channel_index(*peer),
            ChatLink::Invite(_) => None,
        };
        let channel = channel.ok_or(TelegramError::PeerInvalid)?;
        self.visible(account, channel)?;
        let it = self.channel(channel).ok_or(TelegramError::PeerInvalid)?;
        let is_private = self.feed.character(channel).is_private;
        Ok(Found {
            id: WorldPlan::channel_peer(channel),
            kind: ChatKind::Channel,
            username: (!is_private).then(|| format!("{USERNAME}{channel}")),
            title: self.feed.title(channel),
            about: it.about.as_deref().unwrap_or_default().to_owned(),
            discussion: Some(WorldPlan::group_peer(channel)),
            members: Some(share(50_000.0, self.plan.seed.derive("members", channel.into()).fraction() * 4.0)),
            newest: it.newest,
        })
    }

    fn by_username(&self, name: &str) -> Option<u32> {
        let number = name.strip_prefix(USERNAME)?.parse().ok()?;
        (number < self.plan.channels && !self.feed.character(number).is_private).then_some(number)
    }

    pub(crate) fn rights(&self, account: u32, channel: PeerId) -> Result<Rights, TelegramError> {
        let (channel, _) = self.seen_channel(account, channel)?;
        let administrator = self.administers(account, channel);
        let member = self.plan.is_member(account, channel);
        Ok(Rights { member, administrator, speaks_as_channel: administrator })
    }

    pub(crate) fn administers(&self, account: u32, channel: u32) -> bool {
        let first = self.plan.speakers_of(channel).next();
        first == Some(account) && self.feed.character(channel).has_administrator
    }

    pub(crate) fn newest(&self, account: u32, channels: &[PeerId]) -> Result<Vec<MessageId>, TelegramError> {
        at_most(channels.len())?;
        channels.iter().map(|peer| self.seen_channel(account, *peer).map(|(_, it)| it.newest)).collect()
    }

    pub(crate) fn history(
        &self,
        account: u32,
        channel: PeerId,
        ids: &[MessageId],
        now: Timestamp,
    ) -> Result<Vec<HistorySlot>, TelegramError> {
        at_most(ids.len())?;
        let (channel, _) = self.seen_channel(account, channel)?;
        let slot = |id: &MessageId| match self.post_seen(channel, *id, now) {
            Some(post) => HistorySlot::Post(post),
            None => HistorySlot::Empty(*id),
        };
        Ok(ids.iter().map(slot).collect())
    }

    pub(crate) fn thread(
        &self,
        account: u32,
        channel: PeerId,
        post: MessageId,
        now: Timestamp,
    ) -> Result<Thread, TelegramError> {
        let (channel, it) = self.seen_channel(account, channel)?;
        let asked = it.post(post).ok_or(TelegramError::NoThread)?;
        let head = it.post(asked.head).unwrap_or(asked);
        if !head.comments_open || now.since(head.at) < FORWARDING {
            return Err(TelegramError::NoThread);
        }
        Ok(Thread { group: WorldPlan::group_peer(channel), root: head.copy })
    }

    pub(crate) fn look(
        &self,
        account: u32,
        group: PeerId,
        ids: &[MessageId],
        now: Timestamp,
    ) -> Result<Vec<Look>, TelegramError> {
        at_most(ids.len())?;
        let channel = self.plan.group_index(group).ok_or(TelegramError::PeerInvalid)?;
        self.visible(account, channel)?;
        let it = self.channel(channel).ok_or(TelegramError::PeerInvalid)?;
        let seen = |id| match (it.message(id), it.post_of_copy(id)) {
            (Some(message), _) => Some(message_seen(message, now)),
            (None, Some(_)) => Some(MessageSeen { reactions: 0, replies: replies_under(it, id) }),
            (None, None) => None,
        };
        Ok(ids.iter().map(|id| Look { id: *id, seen: seen(*id) }).collect())
    }

    fn seen_channel(&self, account: u32, peer: PeerId) -> Result<(u32, &Channel), TelegramError> {
        let channel = self.plan.channel_index(peer).ok_or(TelegramError::PeerInvalid)?;
        self.visible(account, channel)?;
        Ok((channel, self.channel(channel).ok_or(TelegramError::PeerInvalid)?))
    }

    /// Public channels and their groups are open to everybody, private ones to members.
    pub(super) fn visible(&self, account: u32, channel: u32) -> Result<(), TelegramError> {
        if self.feed.character(channel).is_private && !self.plan.is_member(account, channel) {
            return Err(TelegramError::ChannelPrivate);
        }
        Ok(())
    }
}

fn at_most(asked: usize) -> Result<(), TelegramError> {
    if asked > MOST { Err(TelegramError::Other("400 LIMIT_INVALID".into())) } else { Ok(()) }
}

pub(super) fn message_seen(message: &Message, now: Timestamp) -> MessageSeen {
    let age_h = now.since(message.at).as_secs_f64() / 3_600.0;
    MessageSeen { reactions: share(f64::from(message.appeal), age_h), replies: message.replies.into() }
}

/// How many messages stand in the thread that begins with this copy of a post.
fn replies_under(channel: &Channel, copy: MessageId) -> u32 {
    let Some(head) = channel.post_of_copy(copy).map(|post| post.head) else { return 0 };
    let standing = channel.messages.iter().filter(|message| message.post == head && !message.removed).count();
    u32::try_from(standing).unwrap_or(u32::MAX)
}
