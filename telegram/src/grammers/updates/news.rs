//! Telegram's updates as the port's.
//!
//! A message of a group is a thread's only if its root is a post's copy. Roots that pass by are remembered; the others are
//! asked for, a batch at a time. What a batch would need and cannot learn now is left out: updates are hints.

use std::collections::HashMap;

use domain::id::{MessageId, PeerId};
use grammers_tl_types::{enums, types};

use super::super::account::Account;
use super::super::refusal::is_final;
use super::super::seen;
use crate::{TelegramError, Update};

impl Account {
    /// What a batch of updates says to the port.
    ///
    /// # Errors
    /// Why the line ended, if it did meanwhile.
    pub(super) async fn news(
        &self,
        updates: &[enums::Update],
        chats: &[enums::Chat],
    ) -> Result<Vec<Update>, TelegramError> {
        let messages = updates.iter().filter_map(super::message);
        self.peers.meet(chats, messages.clone()).await;
        self.learn_threads(messages.filter_map(seen::real)).await?;
        let mut news = Vec::new();
        for update in updates {
            let new = if let enums::Update::NewChannelMessage(new) = update {
                self.new_message(&new.message)
            } else if let enums::Update::EditChannelMessage(edited) = update {
                edited_post(&edited.message)
            } else if let enums::Update::DeleteChannelMessages(gone) = update {
                self.deleted(gone).await?
            } else {
                None
            };
            news.extend(new);
        }
        Ok(news)
    }

    /// Learns which of the roots that messages name are posts' copies.
    async fn learn_threads(
        &self,
        messages: impl Iterator<Item = &types::Message> + Send,
    ) -> Result<(), TelegramError> {
        let mut named: HashMap<PeerId, Vec<MessageId>> = HashMap::new();
        for message in messages.filter(|message| !message.post) {
            let Some(group) = seen::channel_id(&message.peer_id) else { continue };
            if let Some(post) = seen::copied(message) {
                self.peers.note_root(group, seen::message_id(message.id), Some(post));
            } else if let Some(root) = seen::root_named(message) {
                named.entry(group).or_default().push(root);
            }
        }
        for (group, roots) in named {
            pass(self.learn_roots(group, &roots).await)?;
        }
        Ok(())
    }

    /// A post, or a message in the thread of one.
    fn new_message(&self, message: &enums::Message) -> Option<Update> {
        let message = seen::real(message)?;
        let chat = seen::channel_id(&message.peer_id)?;
        if message.post {
            return Some(Update::NewPost { channel: chat, post: seen::post(message) });
        }
        // A root is known as one now, and the account knows what it wrote itself.
        if message.out || seen::copied(message).is_some() {
            return None;
        }
        let root = seen::root_named(message)?;
        let post = self.peers.root(chat, root).flatten()?;
        let message = seen::thread_message(message, root, post.id);
        Some(Update::NewThreadMessage { channel: post.channel, message })
    }

    async fn deleted(
        &self,
        gone: &types::UpdateDeleteChannelMessages,
    ) -> Result<Option<Update>, TelegramError> {
        let chat = PeerId(gone.channel_id);
        let ids = gone.messages.iter().map(|id| seen::message_id(*id)).collect();
        if !self.is_group(chat) {
            return Ok(Some(Update::DeletedPosts { channel: chat, ids }));
        }
        let channel = pass(self.channel_of(chat).await)?.flatten();
        Ok(channel.map(|channel| Update::DeletedThreadMessages { channel, ids }))
    }
}

fn edited_post(message: &enums::Message) -> Option<Update> {
    let message = seen::real(message).filter(|message| message.post)?;
    let channel = seen::channel_id(&message.peer_id)?;
    Some(Update::EditedPost { channel, post: seen::post(message) })
}

/// An answer, if there is one: only the end of the line is passed on.
fn pass<T>(answer: Result<T, TelegramError>) -> Result<Option<T>, TelegramError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error == TelegramError::Disconnected || is_final(&error) => Err(error),
        Err(error) => {
            tracing::debug!(%error, "an update was left out");
            Ok(None)
        }
    }
}
