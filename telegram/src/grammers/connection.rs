//! The port's connection: each method is one question to an [`Account`].

use std::sync::Arc;

use async_trait::async_trait;
use domain::id::{MessageId, PeerId};
use domain::link::ChatLink;

use super::account::{self, Account};
use super::updates::Stream;
use crate::{
    Connection, Found, HistorySlot, Identity, Look, Outgoing, Rights, SentMessage, TelegramError, Thread,
    Updates,
};

/// A connection. Dropping it closes the line, whoever still reads its updates.
pub(super) struct Connected(pub(super) Arc<Account>);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.line.end(TelegramError::Disconnected);
    }
}

#[async_trait]
impl Connection for Connected {
    async fn identify(&self) -> Result<Identity, TelegramError> {
        account::identify(&self.0.line).await
    }

    async fn resolve(&self, link: &ChatLink) -> Result<Found, TelegramError> {
        self.0.resolve(link).await
    }

    async fn rights(&self, channel: PeerId) -> Result<Rights, TelegramError> {
        self.0.rights(channel).await
    }

    async fn join(&self, chat: PeerId) -> Result<(), TelegramError> {
        self.0.join(chat).await
    }

    async fn newest(&self, channels: &[PeerId]) -> Result<Vec<MessageId>, TelegramError> {
        self.0.newest(channels).await
    }

    async fn history(&self, channel: PeerId, ids: &[MessageId]) -> Result<Vec<HistorySlot>, TelegramError> {
        self.0.history(channel, ids).await
    }

    async fn thread(&self, channel: PeerId, post: MessageId) -> Result<Thread, TelegramError> {
        self.0.thread(channel, post).await
    }

    async fn comment(&self, comment: &Outgoing) -> Result<SentMessage, TelegramError> {
        self.0.comment(comment).await
    }

    async fn find_sent(&self, comment: &Outgoing) -> Result<Option<SentMessage>, TelegramError> {
        self.0.find_sent(comment).await
    }

    async fn look(&self, group: PeerId, ids: &[MessageId]) -> Result<Vec<Look>, TelegramError> {
        self.0.look(group, ids).await
    }

    async fn updates(&self) -> Result<Box<dyn Updates>, TelegramError> {
        match self.0.line.ended() {
            Some(why) => Err(why),
            None => Ok(Box::new(Stream::open(self.0.clone()).await)),
        }
    }
}
