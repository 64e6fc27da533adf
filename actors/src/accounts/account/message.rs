//! What an account's actor is told and asked.

use domain::id::{MessageId, PeerId};
use domain::link::ChatLink;
use telegram::{Found, HistorySlot, Look, Rights, TelegramError};

use crate::queue::Work;
use crate::runtime::{Named, Reply};

/// An answer of Telegram's, passed on.
pub(crate) type Answer<T> = Reply<Result<T, TelegramError>>;

/// What an account's actor is told and asked.
pub(crate) enum AccountMessage {
    /// Open the connection, unless it is open, as soon as it is this account's turn.
    Connect,
    /// Its turn has come: open the connection, unless it is open.
    Dial,
    /// This process holds the account no longer: close the connection.
    LetGo,
    /// Look how the account fares, and keep what was found. Whoever waits is told whether there was a connection to ask.
    Check(Option<Reply<bool>>),
    /// The account goes through another proxy from now on: connect anew.
    Reroute,
    /// The stream of updates ended.
    Disconnected {
        /// Which connection it belonged to.
        line: u64,
        /// How it ended.
        error: TelegramError,
    },
    /// Telegram says that there were more updates than it kept.
    MissedUpdates,
    /// A wait that Telegram asked for may be over.
    WaitOver,
    /// Send these comments.
    Send(Work),
    /// What became of these messages?
    Look {
        /// The group they are in.
        group: PeerId,
        /// Their ids, at most 100.
        ids: Vec<MessageId>,
        /// Where the answer goes.
        reply: Answer<Vec<Look>>,
    },
    /// What does a link lead to?
    Resolve {
        /// The link's chat.
        link: ChatLink,
        /// Where the answer goes.
        reply: Answer<Found>,
    },
    /// What may the account do in a channel?
    Rights {
        /// The channel.
        channel: PeerId,
        /// Where the answer goes.
        reply: Answer<Rights>,
    },
    /// What are the newest messages of these channels?
    Newest {
        /// At most 100 channels.
        channels: Vec<PeerId>,
        /// Where the answer goes.
        reply: Answer<Vec<MessageId>>,
    },
    /// What stands at these ids?
    History {
        /// The channel.
        channel: PeerId,
        /// At most 100 ids.
        ids: Vec<MessageId>,
        /// Where the answer goes.
        reply: Answer<Vec<HistorySlot>>,
    },
}

impl Named for AccountMessage {
    fn name(&self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Dial => "dial",
            Self::LetGo => "let_go",
            Self::Check(_) => "check",
            Self::Reroute => "reroute",
            Self::Disconnected { .. } => "disconnected",
            Self::MissedUpdates => "missed_updates",
            Self::WaitOver => "wait_over",
            Self::Send(_) => "send",
            Self::Look { .. } => "look",
            Self::Resolve { .. } => "resolve",
            Self::Rights { .. } => "rights",
            Self::Newest { .. } => "newest",
            Self::History { .. } => "history",
        }
    }
}
