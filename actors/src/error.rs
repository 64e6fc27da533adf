//! What can go wrong in the tree, by what was being attempted.

use std::time::Duration;

use domain::consent::Scope;
use domain::id::{AccountId, ChannelId};
use domain::link::LinkError;
use domain::login;
use persistence::StoreError;
use telegram::TelegramError;
use telegram::import::ImportError;

/// A failure of the tree or of one message in it.
#[derive(Debug, thiserror::Error)]
pub enum ActorError {
    /// The actor that should have had the message is not there (any more).
    #[error("the actor is gone")]
    Gone,
    /// The actor had the message and did not answer: its handler failed.
    #[error("the actor did not answer")]
    Unanswered,
    /// An actor could not be started.
    #[error("an actor did not start: {0}")]
    Start(String),
    /// The Store refused or did not answer.
    #[error("the store did not do it")]
    Store(#[from] StoreError),
    /// A login was told something that does not fit where it is.
    #[error(transparent)]
    Login(#[from] login::Illegal),
}

/// Why a login cannot be begun, found or continued. Why one failed that was begun, its own state tells.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Sessions could not be kept.
    #[error("there is no key to seal sessions with; make one with `beseda vault new-key`")]
    NoVault,
    /// Every place is taken.
    #[error("too many logins are going on; try again in some minutes")]
    Busy,
    /// It was never begun, or is forgotten by now.
    #[error("there is no such login (any more); start it again")]
    Unknown,
    /// It is not at this step.
    #[error(transparent)]
    OutOfTurn(#[from] login::Illegal),
    /// It may not be; nothing was changed.
    #[error(transparent)]
    Failed(login::Failure),
    /// What was given is no session.
    #[error(transparent)]
    Session(#[from] ImportError),
    /// The tree or the Store does not answer.
    #[error(transparent)]
    Tree(#[from] ActorError),
}

/// Why an errand came to nothing, in words that say what to do. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum ErrandError {
    /// The text is no link.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// No account can ask.
    #[error(
        "no account of the project can ask Telegram now; `beseda account list` says why, `beseda account login` connects one"
    )]
    NobodyToAsk,
    /// Every account has as many channels as it may have.
    #[error("every account of the project has as many channels as it may have; connect another account")]
    NoRoom,
    /// The link leads nowhere.
    #[error("Telegram knows nobody there; compare the link with the one that the channel shows")]
    LeadsNowhere,
    /// The link leads to a group, a person or a bot.
    #[error("the link leads to {what}, and only channels can be watched; give the channel's own link")]
    NotAChannel {
        /// What it leads to.
        what: &'static str,
    },
    /// No account of the project can look inside.
    #[error(
        "the channel is private, and no account of the project is in it; let one of them join it in Telegram, then try again"
    )]
    Private,
    /// It cannot be commented.
    #[error(
        "the channel has no comments; link a discussion group in its settings, or watch it without commenting (--read-only)"
    )]
    NoComments,
    /// The project watches it already.
    #[error("the project watches this channel already, as channel {0}")]
    AlreadyWatched(ChannelId),
    /// There is no proof.
    #[error(
        "no account of the project administers the channel; make one an administrator, or get a code for its description with \
         `beseda channel verify {channel} --scope {scope} --code`"
    )]
    NotProven {
        /// The channel.
        channel: ChannelId,
        /// What was to be proven.
        scope: Scope,
    },
    /// The code is not there.
    #[error(
        "the code does not stand in the channel's description (yet); Telegram may show a change a minute late, then try again"
    )]
    CodeAbsent,
    /// Telegram asked the account to wait.
    #[error("Telegram asks account {account} to wait {} s; try again then", .wait.as_secs())]
    Wait {
        /// The account.
        account: AccountId,
        /// How long.
        wait: Duration,
    },
    /// Telegram refused, or did not answer.
    #[error("Telegram did not answer account {account}")]
    Telegram {
        /// The account that asked.
        account: AccountId,
        /// What it said instead.
        source: TelegramError,
    },
    /// A question of another version.
    #[error("the service does not understand the question; it may be of another version than this command")]
    Unreadable(#[source] serde_json::Error),
    /// The Store refused or did not answer.
    #[error("the store did not do it")]
    Store(#[from] StoreError),
}

impl ErrandError {
    /// What an account was told when it asked.
    pub(crate) fn told(account: AccountId, source: TelegramError) -> Self {
        if let TelegramError::Wait { wait, .. } = source {
            Self::Wait { account, wait }
        } else if source == TelegramError::PeerInvalid {
            Self::LeadsNowhere
        } else if source == TelegramError::ChannelPrivate {
            Self::Private
        } else {
            Self::Telegram { account, source }
        }
    }
}

/// An error with all its causes on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        line.push_str(": ");
        line.push_str(&inner.to_string());
        cause = inner.source();
    }
    line
}
