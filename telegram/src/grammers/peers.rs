//! The chats that an account met, and how it may address them.
//!
//! Access hashes belong to the account that received them. What is met is kept through [`Keep`] as soon as it is new or has
//! changed, so that the next connection need not resolve anything. A chat that came as `min` is addressed by the message it
//! was seen in, until its hash is known. What cannot be kept is only logged: Telegram can be asked again.
//!
//! Beside it stands what is known of discussion groups: whose they are, and which post a thread's root stands for. That is
//! cheap to ask again, so it is kept in memory only and bounded.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::id::{AccountId, MessageId, PeerId};
use grammers_tl_types::{enums, types};

use super::seen;
use crate::{Access, ChatKind, Keep, KnownPeer, TelegramError};

/// How many roots of threads are remembered. Beyond it they are forgotten together and learned again.
const ROOTS: usize = 4096;

/// Where one account keeps its chats.
pub(super) struct Peers {
    account: AccountId,
    keep: Arc<dyn Keep>,
    /// Bots may address what they are a member of without a hash.
    bot: bool,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    known: HashMap<PeerId, KnownPeer>,
    /// The channel of each discussion group.
    channels: HashMap<PeerId, PeerId>,
    /// The post that a message of a group stands for; `None` if it is no post's copy.
    roots: HashMap<(PeerId, MessageId), Option<Post>>,
}

/// A post, as the root of its thread names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Post {
    pub(super) channel: PeerId,
    pub(super) id: MessageId,
}

/// How a chat is addressed in a call.
#[derive(Clone, Debug)]
pub(super) struct Address {
    id: i64,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Hash(i64),
    SeenIn { chat: i64, hash: i64, message: i32 },
}

impl Peers {
    /// Whose they are.
    pub(super) const fn account(&self) -> AccountId {
        self.account
    }

    /// What the account met so far.
    pub(super) async fn load(account: AccountId, keep: Arc<dyn Keep>, bot: bool) -> Self {
        let known = keep.peers(account).await.unwrap_or_else(|error| {
            tracing::warn!(%account, error = &error as &dyn std::error::Error, "an account's chats cannot be read");
            Vec::new()
        });
        let known = known.into_iter().map(|peer| (peer.id, peer)).collect();
        Self { account, keep, bot, book: Mutex::new(Book { known, ..Book::default() }) }
    }

    /// Notes the chats that came with an answer, and keeps those that are new or changed. `messages` came with them: they are
    /// the context of chats that came as `min`.
    pub(super) async fn meet<'a>(
        &self,
        chats: &[enums::Chat],
        messages: impl IntoIterator<Item = &'a enums::Message> + Clone + Send,
    ) {
        let changed: Vec<KnownPeer> = {
            let mut book = self.book();
            let met = chats.iter().filter_map(|chat| seen::peer(chat, messages.clone()));
            met.filter(|peer| book.note(peer)).collect()
        };
        if changed.is_empty() {
            return;
        }
        if let Err(error) = self.keep.keep_peers(self.account, &changed).await {
            let account = self.account;
            tracing::warn!(%account, error = &error as &dyn std::error::Error, "an account's chats were not kept");
        }
    }

    /// How to address a chat.
    ///
    /// # Errors
    /// `PeerInvalid` when the account never met it.
    pub(super) fn address(&self, chat: PeerId) -> Result<Address, TelegramError> {
        let book = self.book();
        let hash = |id: PeerId| match book.known.get(&id).map(|peer| peer.access) {
            Some(Access::Hash(hash)) => Some(hash),
            Some(Access::SeenIn { .. }) => None,
            None => self.bot.then_some(0),
        };
        let id = chat.get();
        let address = match book.known.get(&chat).map(|peer| peer.access) {
            Some(Access::SeenIn { chat, message }) => hash(chat).map(|hash| {
                let message = seen::wire_id(message);
                Address { id, form: Form::SeenIn { chat: chat.get(), hash, message } }
            }),
            Some(Access::Hash(_)) | None => hash(chat).map(|hash| Address::by_hash(id, hash)),
        };
        address.ok_or(TelegramError::PeerInvalid)
    }

    /// What is known of a chat.
    pub(super) fn known(&self, chat: PeerId) -> Option<KnownPeer> {
        self.book().known.get(&chat).cloned()
    }

    /// Forgets how a chat is addressed, because it does not count any more. Yields what was known.
    pub(super) fn forget(&self, chat: PeerId) -> Option<KnownPeer> {
        self.book().known.remove(&chat)
    }

    /// Every channel and group that the account met.
    pub(super) fn all(&self) -> Vec<PeerId> {
        self.book().known.keys().copied().collect()
    }

    /// Notes that a group is the discussion of a channel.
    pub(super) fn link(&self, group: PeerId, channel: PeerId) {
        self.book().channels.insert(group, channel);
    }

    /// The channel whose discussion a group is, if that is known.
    pub(super) fn channel_of(&self, group: PeerId) -> Option<PeerId> {
        self.book().channels.get(&group).copied()
    }

    /// The discussion group of a channel, if that is known.
    pub(super) fn group_of(&self, channel: PeerId) -> Option<PeerId> {
        self.book().channels.iter().find(|(_, linked)| **linked == channel).map(|(group, _)| *group)
    }

    /// Notes what a message of a group is: a post's copy, or none.
    pub(super) fn note_root(&self, group: PeerId, message: MessageId, post: Option<Post>) {
        let mut book = self.book();
        if book.roots.len() >= ROOTS {
            book.roots.clear();
        }
        book.roots.insert((group, message), post);
        if let Some(post) = post {
            book.channels.insert(group, post.channel);
        }
    }

    /// What a message of a group is known to be: a post's copy, no such thing, or unknown.
    pub(super) fn root(&self, group: PeerId, message: MessageId) -> Option<Option<Post>> {
        self.book().roots.get(&(group, message)).copied()
    }

    /// The root that stands for a post, if it is known: of an album the smallest.
    pub(super) fn root_of(&self, post: Post) -> Option<(PeerId, MessageId)> {
        let book = self.book();
        let mine = book.roots.iter().filter(|(_, root)| **root == Some(post));
        mine.map(|(place, _)| *place).min_by_key(|(_, message)| *message)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    /// Notes a chat; whether that is news. A hash is never given up for a place where the chat was seen.
    fn note(&mut self, peer: &KnownPeer) -> bool {
        let before = self.known.get(&peer.id);
        let worse = matches!(peer.access, Access::SeenIn { .. })
            && before.is_some_and(|before| matches!(before.access, Access::Hash(_)));
        if worse || before == Some(peer) {
            return false;
        }
        self.known.insert(peer.id, peer.clone());
        true
    }
}

impl Address {
    /// By a hash that counts everywhere.
    pub(super) const fn by_hash(id: i64, access_hash: i64) -> Self {
        Self { id, form: Form::Hash(access_hash) }
    }

    /// As a peer: a channel and a group are the same to Telegram.
    pub(super) fn peer(&self) -> enums::InputPeer {
        match self.form {
            Form::Hash(access_hash) => channel_peer(self.id, access_hash),
            Form::SeenIn { chat, hash, message } => types::InputPeerChannelFromMessage {
                peer: channel_peer(chat, hash),
                msg_id: message,
                channel_id: self.id,
            }
            .into(),
        }
    }

    /// As a channel.
    pub(super) fn channel(&self) -> enums::InputChannel {
        match self.form {
            Form::Hash(access_hash) => types::InputChannel { channel_id: self.id, access_hash }.into(),
            Form::SeenIn { chat, hash, message } => types::InputChannelFromMessage {
                peer: channel_peer(chat, hash),
                msg_id: message,
                channel_id: self.id,
            }
            .into(),
        }
    }
}

fn channel_peer(channel_id: i64, access_hash: i64) -> enums::InputPeer {
    types::InputPeerChannel { channel_id, access_hash }.into()
}

/// What a chat is, by the flags it came with.
pub(super) const fn kind(channel: &types::Channel) -> ChatKind {
    if channel.broadcast { ChatKind::Channel } else { ChatKind::Group }
}
