//! Threads: where the comments of a post are, and which post a message in a group belongs to.
//!
//! People ask Telegram. Bots may not: they find the thread by its root, which is the message of the group that Telegram
//! forwarded from the channel (`fwd_from.saved_from_msg_id` is the post). Roots that pass by in updates are remembered; one
//! that did not is looked for among the group's newest messages.

use domain::id::{MessageId, PeerId};
use grammers_tl_types::{enums, functions};

use super::account::Account;
use super::peers::{Address, Post};
use super::read::PER_QUESTION;
use super::seen;
use crate::{TelegramError, Thread};

/// How many questions a bot asks at most to find a root.
const BOT_LOOKS: usize = 10;

impl Account {
    /// Where the comments of a post are.
    pub(super) async fn thread(&self, channel: PeerId, post: MessageId) -> Result<Thread, TelegramError> {
        let post = Post { channel, id: post };
        if self.me.bot { self.thread_by_root(post).await } else { self.thread_by_post(post).await }
    }

    async fn thread_by_post(&self, post: Post) -> Result<Thread, TelegramError> {
        let request = |channel: &Address| functions::messages::GetDiscussionMessage {
            peer: channel.peer(),
            msg_id: seen::wire_id(post.id),
        };
        let enums::messages::DiscussionMessage::Message(answer) =
            self.ask_about(post.channel, request).await?;
        self.peers.meet(&answer.chats, &answer.messages).await;
        // Of an album there are several, the newest first.
        let copies = answer.messages.iter().filter_map(seen::real);
        let root = copies.min_by_key(|copy| copy.id).ok_or(TelegramError::NoThread)?;
        let group = seen::channel_id(&root.peer_id).ok_or(TelegramError::NoThread)?;
        let root = seen::message_id(root.id);
        self.peers.note_root(group, root, Some(post));
        Ok(Thread { group, root })
    }

    async fn thread_by_root(&self, post: Post) -> Result<Thread, TelegramError> {
        let group = self.discussion_of(post.channel).await?.ok_or(TelegramError::NoThread)?;
        let mut before = None;
        for _ in 0..BOT_LOOKS {
            if let Some((group, root)) = self.peers.root_of(post) {
                return Ok(Thread { group, root });
            }
            let end = match before {
                Some(end) => end,
                None => self.newest(&[group]).await?.first().map_or(MessageId(0), |newest| newest.next()),
            };
            let ids = ids_before(end);
            let Some(oldest) = ids.last().copied() else { break };
            self.note_roots(group, &self.messages(group, &ids).await?);
            before = Some(oldest);
        }
        let found = self.peers.root_of(post).ok_or(TelegramError::NoThread)?;
        Ok(Thread { group: found.0, root: found.1 })
    }

    /// Remembers which of a group's messages are copies of posts, and which are not.
    pub(super) fn note_roots<'a>(
        &self,
        group: PeerId,
        messages: impl IntoIterator<Item = &'a enums::Message>,
    ) {
        for message in messages.into_iter().filter_map(seen::real) {
            self.peers.note_root(group, seen::message_id(message.id), seen::copied(message));
        }
    }

    /// Finds out what these messages of a group are, as far as nobody knows yet.
    pub(super) async fn learn_roots(
        &self,
        group: PeerId,
        messages: &[MessageId],
    ) -> Result<(), TelegramError> {
        let mut unknown: Vec<_> =
            messages.iter().copied().filter(|id| self.peers.root(group, *id).is_none()).collect();
        unknown.sort_unstable();
        unknown.dedup();
        for ids in unknown.chunks(PER_QUESTION) {
            let found = self.messages(group, ids).await?;
            ids.iter().for_each(|id| self.peers.note_root(group, *id, None));
            self.note_roots(group, &found);
        }
        Ok(())
    }
}

/// As many ids as one question may name, downwards.
pub(super) fn ids_before(before: MessageId) -> Vec<MessageId> {
    let count = i64::try_from(PER_QUESTION).unwrap_or(i64::MAX);
    ((before.get() - count).max(1)..before.get()).rev().map(MessageId).collect()
}
