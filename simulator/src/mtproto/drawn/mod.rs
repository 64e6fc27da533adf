//! How the world's things look on the wire, to one account: Telegram's constructors filled from what the world shows.
//!
//! A [`Drawing`] collects the chats and people that an answer speaks of and hands them over with it, as every answer of
//! Telegram does. Access hashes follow from the seed, the account and the chat: another account's hash is worth nothing.

mod blank;
mod chats;
mod messages;
mod people;

use std::collections::{BTreeMap, BTreeSet};

use domain::id::{MessageId, PeerId};
use domain::time::Timestamp;
use grammers_tl_types::enums;

use crate::plan::WorldPlan;
use crate::world::{Chat, State};

pub(super) use blank::{admin_rights, config};

/// A picture of a part of the world, as one account sees it at one moment.
pub(super) struct Drawing<'a> {
    pub(super) state: &'a State,
    pub(super) account: u32,
    pub(super) now: Timestamp,
    /// Whether other chats and people come as `min`: known by the message they were seen in only.
    pub(super) min: bool,
    chats: BTreeMap<PeerId, Chat>,
    people: BTreeSet<PeerId>,
}

impl<'a> Drawing<'a> {
    pub(super) fn new(state: &'a State, account: u32, now: Timestamp) -> Self {
        Self { state, account, now, min: false, chats: BTreeMap::new(), people: BTreeSet::new() }
    }

    /// A picture whose chats come as `min` constructors.
    pub(super) fn min(mut self, min: bool) -> Self {
        self.min = min;
        self
    }

    /// Takes note that the answer speaks of a chat.
    pub(super) fn meet(&mut self, chat: Chat) {
        self.chats.insert(chat.peer(), chat);
    }

    /// Takes note that the answer speaks of a channel or a person, and yields them as a `Peer`.
    pub(super) fn peer(&mut self, peer: PeerId) -> enums::Peer {
        match self.state.chat(peer) {
            Some(chat) => {
                self.meet(chat);
                channel_peer(chat)
            }
            None => {
                self.people.insert(peer);
                user_peer(peer)
            }
        }
    }

    /// Takes note that the answer speaks of the account itself.
    pub(super) fn meet_self(&mut self) {
        self.people.insert(WorldPlan::account_peer(self.account));
    }

    /// The account itself, as a `Peer`.
    pub(super) fn own_peer(&mut self) -> enums::Peer {
        self.peer(WorldPlan::account_peer(self.account))
    }

    /// What proves that the account met a chat or a person: with `min` constructors something that counts nowhere.
    fn hash(&self, peer: PeerId, min: bool) -> Option<i64> {
        let hash = access_hash(self.state.plan(), self.account, peer);
        Some(if min { !hash } else { hash })
    }

    /// Everybody whom the answer spoke of.
    pub(super) fn company(&self) -> (Vec<enums::Chat>, Vec<enums::User>) {
        let chats = self.chats.values().map(|chat| self.chat(*chat)).collect();
        let users = self.people.iter().map(|person| self.user(*person)).collect();
        (chats, users)
    }
}

/// The access hash by which an account may address a chat or a person.
pub(super) fn access_hash(plan: &WorldPlan, account: u32, peer: PeerId) -> i64 {
    let seed = plan.seed.derive("access hash", account.into()).derive("of", peer.get());
    (seed.0 | 1).cast_signed()
}

pub(super) fn channel_peer(chat: Chat) -> enums::Peer {
    enums::Peer::Channel(grammers_tl_types::types::PeerChannel { channel_id: chat.peer().get() })
}

fn user_peer(peer: PeerId) -> enums::Peer {
    enums::Peer::User(grammers_tl_types::types::PeerUser { user_id: peer.get() })
}

/// Seconds since 1970, as Telegram's `date`.
pub(super) fn date(at: Timestamp) -> i32 {
    i32::try_from(at.secs()).unwrap_or(i32::MAX)
}

/// A message id as the wire has it.
pub(super) fn wire_id(id: MessageId) -> i32 {
    i32::try_from(id.get()).unwrap_or(i32::MAX)
}

/// A count as the wire has it.
pub(super) fn wire_count(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
