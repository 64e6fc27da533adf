//! What a place for logins is told and asked, and which place a login has.

use std::sync::atomic::{AtomicI64, Ordering};

use domain::id::LoginId;
use domain::login::State;
use domain::time::Timestamp;
use secrecy::SecretString;
use telegram::LoginLine;
use tokio::sync::watch;

use crate::error::LoginError;
use crate::logins::{OngoingLogin, Wanted};
use crate::runtime::{Named, Reply};

/// Where a login is after what was asked.
pub(crate) type Answer = Reply<Result<State, LoginError>>;

/// What a place for logins is told and asked.
pub(crate) enum LoginMessage {
    /// Begin a login here; it comes back if another one is going on.
    Begin {
        /// Its number.
        id: LoginId,
        /// What is wanted.
        wanted: Box<Wanted>,
        /// Where it is answered.
        reply: Reply<Result<(), Box<Wanted>>>,
    },
    /// Open its line and ask for a code.
    Open(LoginId),
    /// The owner typed a code.
    Code {
        /// Of which login.
        id: LoginId,
        /// What was typed.
        code: SecretString,
        /// Where it is answered.
        reply: Answer,
    },
    /// The owner typed a password.
    Password {
        /// Of which login.
        id: LoginId,
        /// What was typed.
        password: SecretString,
        /// Where it is answered.
        reply: Answer,
    },
    /// Somebody scanned the QR code, its time is over, or the line is gone.
    QrOver {
        /// Of which login.
        id: LoginId,
        /// The line that was waited on.
        line: Box<dyn LoginLine>,
        /// How the wait ended.
        outcome: Result<(), telegram::LoginError>,
    },
    /// A wait that Telegram asked for is over.
    WaitOver(LoginId),
    /// A person gives it up.
    Cancel {
        /// Which login.
        id: LoginId,
        /// Where it is answered.
        reply: Answer,
    },
    /// Its time is over.
    Expire(LoginId),
    /// Whose is it, how did it begin, and where is it?
    Describe {
        /// Which login.
        id: LoginId,
        /// Where it is answered.
        reply: Reply<Result<OngoingLogin, LoginError>>,
    },
    /// Where is it, and where will it go?
    Follow {
        /// Which login.
        id: LoginId,
        /// Where it is answered.
        reply: Reply<Result<watch::Receiver<State>, LoginError>>,
    },
}

impl Named for LoginMessage {
    fn name(&self) -> &'static str {
        match self {
            Self::Begin { .. } => "begin",
            Self::Open(_) => "open",
            Self::Code { .. } => "code",
            Self::Password { .. } => "password",
            Self::QrOver { .. } => "qr_over",
            Self::WaitOver(_) => "wait_over",
            Self::Cancel { .. } => "cancel",
            Self::Expire(_) => "expire",
            Self::Describe { .. } => "describe",
            Self::Follow { .. } => "follow",
        }
    }
}

/// One of the places, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place(u16);

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The places there are. They take turns, so that a login that ended can be looked at for as long as possible.
#[derive(Debug)]
pub(crate) struct Places {
    count: u16,
    latest: AtomicI64,
}

impl Places {
    /// This many places. Numbers of logins begin with the time in microseconds, so that none comes back after a restart.
    pub(crate) fn new(count: u16, now: Timestamp) -> Self {
        Self { count: count.max(1), latest: AtomicI64::new(now.micros()) }
    }

    /// Every place.
    pub(crate) fn all(&self) -> impl Iterator<Item = Place> + use<> {
        (0..self.count).map(Place)
    }

    /// A number that no login had.
    pub(crate) fn next(&self) -> LoginId {
        LoginId(self.latest.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// The place of a login.
    pub(crate) fn of(&self, login: LoginId) -> Place {
        Place(u16::try_from(login.get().rem_euclid(i64::from(self.count))).unwrap_or(0))
    }
}
