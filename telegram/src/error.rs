//! Every way in which Telegram says no, one variant per reaction that the product has.
//!
//! Names and codes are Telegram's (core.telegram.org/api/errors and the method pages). An adapter maps what it receives to
//! these and keeps what it does not know in [`TelegramError::Other`], which fails the work and never the process.

use std::time::Duration;

/// What a wait covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitScope {
    /// The account, for this method: `FLOOD_WAIT_X`.
    Account,
    /// This chat only: `SLOWMODE_WAIT_X`.
    Chat,
    /// Transfers of files only: `FLOOD_PREMIUM_WAIT_X`.
    Transfers,
}

/// A refusal, or the lack of an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TelegramError {
    /// `FLOOD_WAIT_X`, `SLOWMODE_WAIT_X`, `FLOOD_PREMIUM_WAIT_X` (420).
    #[error("Telegram asks to wait {} s", .wait.as_secs())]
    Wait {
        /// What must wait.
        scope: WaitScope,
        /// For how long.
        wait: Duration,
    },
    /// `FROZEN_METHOD_INVALID` (420), `FROZEN_PARTICIPANT_MISSING` (400).
    #[error("Telegram froze the account")]
    Frozen,
    /// `PEER_FLOOD` (400).
    #[error("Telegram limited the account: too many messages")]
    PeerFlood,
    /// `USER_BANNED_IN_CHANNEL` (400).
    #[error("the account may not write in groups")]
    BannedInChannel,
    /// `AUTH_KEY_DUPLICATED` (406): the session was used twice; its key is worthless now.
    #[error("the session was used in two places and is void")]
    SessionDuplicated,
    /// `AUTH_KEY_UNREGISTERED`, `SESSION_REVOKED`, `SESSION_EXPIRED` (401).
    #[error("the session is no longer authorized")]
    Unauthorized,
    /// `USER_DEACTIVATED`, `USER_DEACTIVATED_BAN` (401).
    #[error("the account is gone")]
    Deactivated,
    /// `CHAT_WRITE_FORBIDDEN`, `CHAT_SEND_PLAIN_FORBIDDEN`, `CHAT_ADMIN_REQUIRED` (403), `CHAT_RESTRICTED` (400), by name.
    #[error("the account may not write here ({0})")]
    WriteForbidden(&'static str),
    /// `CHAT_GUEST_SEND_FORBIDDEN` (403).
    #[error("the group must be joined before writing")]
    JoinRequired,
    /// `INVITE_REQUEST_SENT` (400).
    #[error("the request to join awaits an administrator")]
    JoinRequested,
    /// `MSG_ID_INVALID` (400) on `messages.getDiscussionMessage`.
    #[error("the post has no thread")]
    NoThread,
    /// `REPLY_MESSAGE_ID_INVALID` (400).
    #[error("the message answered is gone")]
    ReplyGone,
    /// `SEND_AS_PEER_INVALID` (400).
    #[error("the account may not speak as the channel")]
    SendAsInvalid,
    /// `ALLOW_PAYMENT_REQUIRED_X` (403).
    #[error("the group takes {stars} stars for a message")]
    PaymentRequired {
        /// What it would cost.
        stars: u32,
    },
    /// `CHANNEL_PRIVATE` (400, 406).
    #[error("the channel is private, or the account was removed from it")]
    ChannelPrivate,
    /// `CHANNEL_INVALID`, `PEER_ID_INVALID` (400), and a username that nobody has.
    #[error("Telegram does not know this chat")]
    PeerInvalid,
    /// The call was written and no answer came: a time-out, 500, -503.
    #[error("the call was made but its answer is missing")]
    UnknownOutcome,
    /// `RANDOM_ID_DUPLICATE` (500): a message with this id was sent before.
    #[error("a message with this random_id was sent before")]
    RandomIdDuplicate,
    /// Any other 406: the explanation follows in `updateServiceNotification`.
    #[error("Telegram refuses: {0}")]
    NotAcceptable(String),
    /// `PERSISTENT_TIMESTAMP_OUTDATED` (500).
    #[error("Telegram lags behind itself")]
    Lagging,
    /// The connection is down and the call was not written: nothing happened.
    #[error("not connected to Telegram")]
    Disconnected,
    /// An error that has no reaction of its own, as `CODE NAME`.
    #[error("Telegram answered {0}")]
    Other(String),
}

impl TelegramError {
    /// A stable name for tables, metrics and filters: Telegram's own where there is one.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::Wait { scope: WaitScope::Account, .. } => "FLOOD_WAIT".into(),
            Self::Wait { scope: WaitScope::Chat, .. } => "SLOWMODE_WAIT".into(),
            Self::Wait { scope: WaitScope::Transfers, .. } => "FLOOD_PREMIUM_WAIT".into(),
            Self::Frozen => "FROZEN_METHOD_INVALID".into(),
            Self::PeerFlood => "PEER_FLOOD".into(),
            Self::BannedInChannel => "USER_BANNED_IN_CHANNEL".into(),
            Self::SessionDuplicated => "AUTH_KEY_DUPLICATED".into(),
            Self::Unauthorized => "AUTH_KEY_UNREGISTERED".into(),
            Self::Deactivated => "USER_DEACTIVATED".into(),
            Self::WriteForbidden(name) => (*name).into(),
            Self::JoinRequired => "CHAT_GUEST_SEND_FORBIDDEN".into(),
            Self::JoinRequested => "INVITE_REQUEST_SENT".into(),
            Self::NoThread => "MSG_ID_INVALID".into(),
            Self::ReplyGone => "REPLY_MESSAGE_ID_INVALID".into(),
            Self::SendAsInvalid => "SEND_AS_PEER_INVALID".into(),
            Self::PaymentRequired { .. } => "ALLOW_PAYMENT_REQUIRED".into(),
            Self::ChannelPrivate => "CHANNEL_PRIVATE".into(),
            Self::PeerInvalid => "PEER_ID_INVALID".into(),
            Self::UnknownOutcome => "UNKNOWN_OUTCOME".into(),
            Self::RandomIdDuplicate => "RANDOM_ID_DUPLICATE".into(),
            Self::NotAcceptable(_) => "NOT_ACCEPTABLE".into(),
            Self::Lagging => "PERSISTENT_TIMESTAMP_OUTDATED".into(),
            Self::Disconnected => "DISCONNECTED".into(),
            Self::Other(name) => name.clone(),
        }
    }
}
