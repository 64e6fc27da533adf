//! What Telegram pushes, put in order, and read as the port's updates.
//!
//! grammers' message boxes know what is missing (gaps in `pts`); this stream asks for it. It replaces grammers' own driver of
//! the boxes, which reconnects unseen, has no time-outs, and loses posts without a word where Telegram says that there are too
//! many to tell: here that is an [`Update::TooLong`], and the audits read what was jumped over.
//!
//! A stream ends with the first error that is not a single channel's: the caller decides what follows.

mod news;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::id::PeerId;
use grammers_session::types::UpdatesState;
use grammers_session::updates::{MessageBoxes, PrematureEndReason, UpdateAndPeers, UpdatesLike};
use grammers_tl_types::{enums, functions, types};
use tokio::sync::mpsc;
use tokio::time::timeout_at;

use super::account::Account;
use super::read::{self, PER_QUESTION};
use crate::{TelegramError, Update, Updates};

/// How often it is kept how far updates were read, if they were. What is read twice after a crash does no harm.
const SAVED_EVERY: Duration = Duration::from_secs(15 * 60);

/// The updates of an account's line.
pub(super) struct Stream {
    account: Arc<Account>,
    pushed: mpsc::Receiver<UpdatesLike>,
    boxes: MessageBoxes,
    ready: VecDeque<Update>,
    saved: (Instant, UpdatesState),
}

impl Stream {
    /// A stream from where the account's updates were read up to. It replaces the one before.
    pub(super) async fn open(account: Arc<Account>) -> Self {
        let pushed = account.line.listen();
        let before = account.progress();
        let progress = account.standing_of_all(before.clone()).await;
        if progress != before {
            account.save(progress.clone()).await;
        }
        let boxes = MessageBoxes::load(progress.clone());
        Self { account, pushed, boxes, ready: VecDeque::new(), saved: (Instant::now(), progress) }
    }

    /// Asks what happened to the account since the last update, and yields it.
    async fn catch_up(&mut self, request: &functions::updates::GetDifference) -> Result<(), TelegramError> {
        use enums::updates::Difference as D;
        let mut difference = self.account.line.ask(request).await?;
        match &mut difference {
            D::Difference(all) => self.keep_place(&mut all.other_updates),
            D::Slice(some) => self.keep_place(&mut some.other_updates),
            D::TooLong(_) => self.ready.push_back(Update::TooLong),
            D::Empty(_) => {}
        }
        let news = self.boxes.apply_difference(difference);
        self.take(news).await
    }

    /// Asks what happened in a channel. What only this channel suffers from is left to its audits.
    async fn catch_up_channel(&mut self, channel: PeerId, pts: i32) -> Result<(), TelegramError> {
        let bot = self.account.me.bot;
        let answer = self.account.ask_about(channel, |address| read::difference(address, pts, bot)).await;
        use TelegramError as E;
        let difference = match answer {
            Ok(difference) => difference,
            Err(E::ChannelPrivate | E::PeerInvalid) => {
                self.boxes.end_channel_difference(PrematureEndReason::Banned);
                return Ok(());
            }
            Err(E::Lagging | E::UnknownOutcome) => {
                self.boxes.end_channel_difference(PrematureEndReason::TemporaryServerIssues);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        if let enums::updates::ChannelDifference::TooLong(jump) = &difference {
            self.ready.push_back(Update::TooLong);
            if !matches!(&jump.dialog, enums::Dialog::Dialog(dialog) if dialog.pts.is_some()) {
                self.boxes.end_channel_difference(PrematureEndReason::TemporaryServerIssues);
                return Ok(());
            }
        }
        let news = self.boxes.apply_channel_difference(difference);
        self.take(news).await
    }

    /// Puts what was pushed in order.
    async fn receive(&mut self, mut pushed: UpdatesLike) -> Result<(), TelegramError> {
        self.keep_place(inside_mut(&mut pushed));
        // A gap is asked for in the next round.
        match self.boxes.process_updates(pushed) {
            Ok(news) => self.take(news).await,
            Err(_) => Ok(()),
        }
    }

    /// Where Telegram only says that much happened in a channel, the boxes would believe its `pts` and ask for what comes after
    /// it, but what is missing came before: they ask from where they are. Where they are nowhere, only an audit helps.
    fn keep_place(&mut self, updates: &mut [enums::Update]) {
        for update in updates {
            if let enums::Update::ChannelTooLong(jump) = update {
                let mut known = self.boxes.session_state().channels.into_iter();
                if known.any(|channel| channel.id == jump.channel_id) {
                    jump.pts = None;
                } else {
                    self.ready.push_back(Update::TooLong);
                }
            }
        }
    }

    async fn take(&mut self, (updates, _, chats): UpdateAndPeers) -> Result<(), TelegramError> {
        let updates: Vec<_> = updates.into_iter().map(|(update, _)| update).collect();
        self.ready.extend(self.account.news(&updates, &chats).await?);
        Ok(())
    }

    async fn save(&mut self) {
        if self.saved.0.elapsed() < SAVED_EVERY {
            return;
        }
        let progress = self.boxes.session_state();
        if progress != self.saved.1 {
            self.account.save(progress.clone()).await;
        }
        self.saved = (Instant::now(), progress);
    }

    /// Asks for what is missing, or waits for what is pushed.
    async fn go_on(&mut self) -> Result<(), TelegramError> {
        self.save().await;
        let deadline = self.boxes.check_deadlines();
        if let Some(request) = self.boxes.get_difference() {
            return self.catch_up(&request).await;
        }
        if let Some((channel, pts)) = self.boxes.get_channel_difference().and_then(|gap| which(&gap)) {
            return self.catch_up_channel(channel, pts).await;
        }
        match timeout_at(deadline.into(), self.pushed.recv()).await {
            Ok(Some(pushed)) => self.receive(pushed).await,
            Ok(None) => Err(self.account.line.ended().unwrap_or(TelegramError::Disconnected)),
            Err(_) => Ok(()), // a deadline: the boxes want to know whether anything happened
        }
    }
}

#[async_trait]
impl Updates for Stream {
    async fn next(&mut self) -> Result<Update, TelegramError> {
        loop {
            if let Some(update) = self.ready.pop_front() {
                return Ok(update);
            }
            if let Err(error) = self.go_on().await {
                // Without its updates a connection is half of one; but a stream that was replaced leaves it alone.
                if !self.pushed.is_closed() {
                    self.account.line.end(TelegramError::Disconnected);
                }
                let unanswered = matches!(error, TelegramError::UnknownOutcome | TelegramError::Lagging);
                return Err(if unanswered { TelegramError::Disconnected } else { error });
            }
        }
    }
}

impl Account {
    /// Adds where the channels stand that the account met but never read: else what happens in them before their first update
    /// would go unnoticed, and channels it did not join would never be polled. Bots cannot ask; their channels' first updates
    /// tell.
    async fn standing_of_all(&self, mut progress: UpdatesState) -> UpdatesState {
        let known = |chat: &PeerId| progress.channels.iter().any(|channel| channel.id == chat.get());
        let new: Vec<_> = self.peers.all().into_iter().filter(|chat| !known(chat)).collect();
        for chats in new.chunks(PER_QUESTION).take_while(|_| !self.me.bot) {
            match self.standings(chats).await {
                Ok(found) => progress.channels.extend(found.into_iter().filter_map(|found| {
                    let (id, pts) = (found.chat.get(), found.pts?);
                    Some(grammers_session::types::ChannelState { id, pts })
                })),
                Err(error) => {
                    tracing::debug!(account = %self.id, %error, "where channels stand is not known")
                }
            }
        }
        progress
    }
}

/// Which channel a gap is in, and where it begins.
const fn which(gap: &functions::updates::GetChannelDifference) -> Option<(PeerId, i32)> {
    match &gap.channel {
        enums::InputChannel::Channel(channel) => Some((PeerId(channel.channel_id), gap.pts)),
        enums::InputChannel::Empty | enums::InputChannel::FromMessage(_) => None,
    }
}

/// The updates in what Telegram pushed.
pub(super) fn inside(pushed: &UpdatesLike) -> &[enums::Update] {
    match pushed {
        UpdatesLike::Updates(updates) => of(updates),
        UpdatesLike::ChatInviteJoinResult(joined) => of(&joined.updates),
        UpdatesLike::ShortSentMessage { .. }
        | UpdatesLike::AffectedMessages(_)
        | UpdatesLike::AffectedChannelMessages { .. }
        | UpdatesLike::InvitedUsers(_)
        | UpdatesLike::ConnectionClosed
        | UpdatesLike::MalformedUpdates => &[],
    }
}

fn inside_mut(pushed: &mut UpdatesLike) -> &mut [enums::Update] {
    let UpdatesLike::Updates(updates) = pushed else { return &mut [] };
    match updates {
        enums::Updates::Updates(all) => &mut all.updates,
        enums::Updates::Combined(all) => &mut all.updates,
        enums::Updates::UpdateShort(one) => std::slice::from_mut(&mut one.update),
        enums::Updates::TooLong
        | enums::Updates::UpdateShortMessage(_)
        | enums::Updates::UpdateShortChatMessage(_)
        | enums::Updates::UpdateShortSentMessage(_) => &mut [],
    }
}

/// The updates in an answer.
pub(super) fn of(updates: &enums::Updates) -> &[enums::Update] {
    match updates {
        enums::Updates::Updates(all) => &all.updates,
        enums::Updates::Combined(all) => &all.updates,
        enums::Updates::UpdateShort(one) => std::slice::from_ref(&one.update),
        enums::Updates::TooLong
        | enums::Updates::UpdateShortMessage(_)
        | enums::Updates::UpdateShortChatMessage(_)
        | enums::Updates::UpdateShortSentMessage(_) => &[],
    }
}

/// When the updates of an answer happened.
pub(super) const fn date(updates: &enums::Updates) -> Option<i32> {
    match updates {
        enums::Updates::Updates(types::Updates { date, .. })
        | enums::Updates::Combined(types::UpdatesCombined { date, .. })
        | enums::Updates::UpdateShort(types::UpdateShort { date, .. })
        | enums::Updates::UpdateShortMessage(types::UpdateShortMessage { date, .. })
        | enums::Updates::UpdateShortChatMessage(types::UpdateShortChatMessage { date, .. })
        | enums::Updates::UpdateShortSentMessage(types::UpdateShortSentMessage { date, .. }) => Some(*date),
        enums::Updates::TooLong => None,
    }
}

/// The message that an update brings, if it is a channel's or a group's.
pub(super) const fn message(update: &enums::Update) -> Option<&enums::Message> {
    if let enums::Update::NewChannelMessage(new) = update {
        Some(&new.message)
    } else if let enums::Update::EditChannelMessage(edited) = update {
        Some(&edited.message)
    } else {
        None
    }
}
