//! The traits an adapter implements.

use async_trait::async_trait;
use domain::id::{AccountId, MessageId, PeerId};
use domain::link::ChatLink;

use crate::{
    Found, HistorySlot, Identity, LoginLine, Look, Outgoing, Probe, ProbeError, Rights, Route, SentMessage,
    SignedIn, TelegramError, Thread, Update,
};

/// What Telegram gave an account at login, opaque to everyone but the adapter. Does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Session(Vec<u8>);

impl Session {
    /// Wraps the adapter's own bytes.
    #[must_use]
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The adapter's own bytes.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(..)")
    }
}

/// A way to Telegram.
#[async_trait]
pub trait Telegram: Send + Sync + 'static {
    /// Opens the one connection of an account. A second connection of the same account closes the first.
    ///
    /// # Errors
    /// `Unauthorized` and its like when the session does not count any more, `Disconnected` when nothing answers.
    async fn connect(
        &self,
        account: AccountId,
        session: &Session,
        route: &Route,
    ) -> Result<Box<dyn Connection>, TelegramError>;
}

/// A way to new sessions.
#[async_trait]
pub trait Logins: Send + Sync + 'static {
    /// Opens a line for logging an account in.
    ///
    /// # Errors
    /// `Disconnected` when nothing answers.
    async fn log_in(&self, route: &Route) -> Result<Box<dyn LoginLine>, TelegramError>;

    /// Whose session this is: connects with it, asks `users.getFullUser(self)` and closes the connection. For a session that
    /// was made elsewhere and belongs to no account here yet; what comes back is the session to keep.
    ///
    /// # Errors
    /// `Unauthorized` and its like when the session does not count (any more), `Disconnected` when nothing answers.
    async fn recognise(&self, session: &Session, route: &Route) -> Result<SignedIn, TelegramError>;
}

/// Looks whether a route leads to Telegram.
#[async_trait]
pub trait Probes: Send + Sync + 'static {
    /// Whether Telegram answers at the end of a route, and how fast. Needs no account.
    ///
    /// # Errors
    /// Where the route ends before it gets there.
    async fn probe(&self, route: &Route) -> Result<Probe, ProbeError>;
}

/// An account's connection. Dropping it closes it.
#[async_trait]
pub trait Connection: Send + Sync {
    /// Who the account is: `users.getFullUser(self)`.
    async fn identify(&self) -> Result<Identity, TelegramError>;

    /// What a link leads to: `contacts.resolveUsername`, `messages.checkChatInvite`, `channels.getFullChannel`.
    ///
    /// # Errors
    /// `PeerInvalid` when it leads nowhere, `ChannelPrivate` when the account may not look inside.
    async fn resolve(&self, link: &ChatLink) -> Result<Found, TelegramError>;

    /// What the account may do in a channel: `channels.getParticipant`, `channels.getSendAs`.
    async fn rights(&self, channel: PeerId) -> Result<Rights, TelegramError>;

    /// Joins a channel or group: `channels.joinChannel`. Joining twice is no error.
    ///
    /// # Errors
    /// `JoinRequested` when an administrator must agree first.
    async fn join(&self, chat: PeerId) -> Result<(), TelegramError>;

    /// The newest message id of each channel, in the order asked; at most 100 channels (`messages.getPeerDialogs`).
    async fn newest(&self, channels: &[PeerId]) -> Result<Vec<MessageId>, TelegramError>;

    /// What stands at these ids of a channel, in the order asked; at most 100 ids (`channels.getMessages`).
    async fn history(&self, channel: PeerId, ids: &[MessageId]) -> Result<Vec<HistorySlot>, TelegramError>;

    /// Where the comments of a post are: `messages.getDiscussionMessage`.
    ///
    /// # Errors
    /// `NoThread` when comments are off, the post is gone or not forwarded to the group yet.
    async fn thread(&self, channel: PeerId, post: MessageId) -> Result<Thread, TelegramError>;

    /// Writes a comment: `messages.sendMessage` with `reply_to.top_msg_id`.
    ///
    /// # Errors
    /// Any. After `UnknownOutcome` and `RandomIdDuplicate` ask [`Connection::find_sent`].
    async fn comment(&self, comment: &Outgoing) -> Result<SentMessage, TelegramError>;

    /// The account's own message in a thread that was sent with this `random_id`, if it stands there: reconciliation after an
    /// unknown outcome. Adapters that cannot ask by `random_id` compare text and message answered.
    async fn find_sent(&self, comment: &Outgoing) -> Result<Option<SentMessage>, TelegramError>;

    /// What became of messages in a group, in the order asked; at most 100 ids (`channels.getMessages`).
    async fn look(&self, group: PeerId, ids: &[MessageId]) -> Result<Vec<Look>, TelegramError>;

    /// The stream of what happens. One stream per connection; asking again replaces it.
    async fn updates(&self) -> Result<Box<dyn Updates>, TelegramError>;
}

/// A stream of updates. Not cancel-safe: give it a task of its own.
#[async_trait]
pub trait Updates: Send {
    /// Waits for the next update.
    ///
    /// # Errors
    /// `Disconnected` when the connection is gone: connect again. `Unauthorized` and its like end the account's work.
    async fn next(&mut self) -> Result<Update, TelegramError>;

    /// What came together with the update that [`Updates::next`] answered last, oldest first: whatever can be had without
    /// waiting. What is taken together is written down together.
    fn at_hand(&mut self) -> Vec<Update> {
        Vec::new()
    }
}
