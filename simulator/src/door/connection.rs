//! One account's connection: each method of the port is one question to the world.

use std::sync::Arc;

use async_trait::async_trait;
use domain::id::{MessageId, PeerId};
use domain::link::ChatLink;
use domain::time::{Clock, Timestamp};
use telegram::{
    Connection, Found, HistorySlot, Identity, Look, Outgoing, Rights, SentMessage, TelegramError, Thread,
    Update, Updates,
};

use super::{Heard, Line};
use crate::world::{State, World};

/// The connection. Dropping it hangs up.
pub(super) struct InProcess {
    pub(super) world: Arc<World>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) account: u32,
    pub(super) line: Arc<Line>,
}

impl InProcess {
    /// Asks the world something, if the connection still stands once the world has caught up.
    fn ask<T>(
        &self,
        question: impl FnOnce(&mut State, Timestamp) -> Result<T, TelegramError>,
    ) -> Result<T, TelegramError> {
        let now = self.clock.now();
        self.world.with(now, |state| match self.line.ended() {
            Some(why) => Err(why),
            None => question(state, now),
        })
    }

    /// Asks a question that only reads, which Telegram sometimes finds too much.
    fn read<T>(
        &self,
        question: impl FnOnce(&State, Timestamp) -> Result<T, TelegramError>,
    ) -> Result<T, TelegramError> {
        self.ask(|state, now| {
            state.count_read(self.account)?;
            question(state, now)
        })
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        self.line.end(TelegramError::Disconnected);
    }
}

#[async_trait]
impl Connection for InProcess {
    async fn identify(&self) -> Result<Identity, TelegramError> {
        self.read(|state, _| Ok(state.identity(self.account)))
    }

    async fn resolve(&self, link: &ChatLink) -> Result<Found, TelegramError> {
        self.read(|state, _| state.resolve(self.account, link))
    }

    async fn rights(&self, channel: PeerId) -> Result<Rights, TelegramError> {
        self.read(|state, _| state.rights(self.account, channel))
    }

    async fn join(&self, chat: PeerId) -> Result<(), TelegramError> {
        self.ask(|state, now| state.join(self.account, chat, now))
    }

    async fn newest(&self, channels: &[PeerId]) -> Result<Vec<MessageId>, TelegramError> {
        self.read(|state, _| state.newest(self.account, channels))
    }

    async fn history(&self, channel: PeerId, ids: &[MessageId]) -> Result<Vec<HistorySlot>, TelegramError> {
        self.read(|state, now| state.history(self.account, channel, ids, now))
    }

    async fn thread(&self, channel: PeerId, post: MessageId) -> Result<Thread, TelegramError> {
        self.read(|state, now| state.thread(self.account, channel, post, now))
    }

    async fn comment(&self, comment: &Outgoing) -> Result<SentMessage, TelegramError> {
        self.ask(|state, now| state.comment(self.account, &comment.into(), now))
    }

    async fn find_sent(&self, comment: &Outgoing) -> Result<Option<SentMessage>, TelegramError> {
        self.read(|state, _| Ok(state.find_sent(self.account, comment.random_id)))
    }

    async fn look(&self, group: PeerId, ids: &[MessageId]) -> Result<Vec<Look>, TelegramError> {
        self.read(|state, now| state.look(self.account, group, ids, now))
    }

    async fn updates(&self) -> Result<Box<dyn Updates>, TelegramError> {
        self.ask(|_, _| Ok(()))?;
        Ok(Box::new(Stream { number: self.line.listen(), line: self.line.clone() }))
    }
}

/// The stream of updates of a connection.
struct Stream {
    line: Arc<Line>,
    number: u32,
}

#[async_trait]
impl Updates for Stream {
    async fn next(&mut self) -> Result<Update, TelegramError> {
        let heard = std::future::poll_fn(|context| self.line.poll_next(self.number, context)).await?;
        Ok(match heard {
            Heard::Told(told) => told.update,
            Heard::TooLong => Update::TooLong,
        })
    }

    fn at_hand(&mut self) -> Vec<Update> {
        self.line.take_at_hand(self.number).into_iter().map(|told| told.update).collect()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.line.stop_listening(self.number);
    }
}
