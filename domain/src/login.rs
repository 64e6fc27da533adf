//! A login: which steps it has, and the only ways from one to the next.
//!
//! An account enters by its owner's own login, with a code and perhaps a password, or by a QR code that the owner scans.
//! [`step`] is the only authority; it answers with the new state and with what is to be done next. Telegram's waits and
//! refusals are states that the owner sees. A login that did not end well changed nothing. Nobody is registered here: a phone
//! number without an account ends the login.

#[cfg(test)]
mod tests;

use std::time::Duration;

use secrecy::SecretString;

use crate::account::StatusName;
use crate::disclosure::Label;
use crate::id::AccountId;
use crate::time::Timestamp;

/// After this long a login that is not done expires.
pub const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// How many codes, and how many passwords, may be typed before the login ends. Fewer than Telegram itself admits, so that
/// it does not lock the owner out of other applications.
pub const TRIES: u8 = 3;

/// Where Telegram sent a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeSent {
    /// How it went out.
    pub how: CodeRoute,
    /// How many digits it has, if Telegram says so.
    pub length: Option<u8>,
}

/// How a code reaches its owner: `auth.SentCodeType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeRoute {
    /// As a message in an application where the account is logged in.
    App,
    /// As a text message.
    Sms,
    /// By a phone call.
    Call,
    /// In another way.
    Other,
}

/// Where a login is.
#[derive(Clone, Debug)]
pub enum State {
    /// Telegram is asked for a code to send or to show.
    Starting,
    /// Telegram sent a code; its owner types it.
    CodeSent(CodeSent),
    /// The code was wrong; the owner types it again.
    CodeWrong {
        /// Where the right one is.
        sent: CodeSent,
        /// How many more codes may be typed.
        tries_left: u8,
    },
    /// The account has a password; its owner types it.
    PasswordNeeded {
        /// What the owner wrote down as a reminder.
        hint: Option<String>,
    },
    /// The password was wrong; the owner types it again.
    PasswordWrong {
        /// What the owner wrote down as a reminder.
        hint: Option<String>,
        /// How many more passwords may be typed.
        tries_left: u8,
    },
    /// A QR code is to be shown; its owner scans it in an application where the account is logged in.
    QrShown {
        /// `tg://login?token=...`, which counts as a key.
        url: SecretString,
        /// Until when it counts; another one follows.
        expires_at: Timestamp,
    },
    /// Telegram asked for a wait; the login goes on from `before` when it is over.
    Waiting {
        /// The end of the wait.
        until: Timestamp,
        /// Where the login was.
        before: Box<Self>,
    },
    /// The account is connected; final.
    Done(Welcome),
    /// It ended without a login, and nothing was changed; final.
    Failed(Failure),
    /// Its time is over; final.
    Expired,
    /// A person gave it up; final.
    Cancelled,
}

/// The account at the end of a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// Its row.
    pub account: AccountId,
    /// Whether it was not connected before.
    pub is_new: bool,
    /// What its owner must put into the profile text before it writes; `None` when nothing is missing.
    pub missing_label: Option<Label>,
}

/// Why a login ended without one. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Telegram knows no such number.
    #[error("Telegram does not know such a phone number; write it with its country code, such as +49 ...")]
    PhoneInvalid,
    /// Nobody has an account with the number, and none is made here.
    #[error(
        "nobody has an account with this phone number, and none is made here; register in an application of Telegram first"
    )]
    PhoneUnregistered,
    /// Telegram banned the number.
    #[error("Telegram banned this phone number; its owner can ask recover@telegram.org why")]
    PhoneBanned,
    /// The code came too late.
    #[error("the code has expired; start the login again for another one")]
    CodeExpired,
    /// Too many wrong codes.
    #[error("the code was wrong {TRIES} times; start the login again for another one")]
    TooManyCodes,
    /// Too many wrong passwords.
    #[error(
        "the password was wrong {TRIES} times; it is the one of two-step verification, set in Telegram's settings"
    )]
    TooManyPasswords,
    /// Somebody else's account logged in than the one that was to.
    #[error("this is another account than the one that was to log in; log in with that one")]
    AnotherAccount,
    /// The account belongs to another project.
    #[error("this account is connected to another project; it must be removed there first")]
    AnotherProject,
    /// The account is connected and its session counts.
    #[error("this account is connected already and is {0}; it needs no login")]
    NoLoginNeeded(StatusName),
    /// The project has as many accounts as it may have.
    #[error("the project has {0} accounts, and may have no more; an administrator can raise that")]
    TooManyAccounts(u32),
    /// The session does not count.
    #[error(
        "Telegram does not accept this session (any more); log in with the phone number or a QR code instead"
    )]
    SessionVoid,
    /// The account is gone.
    #[error("Telegram says that this account is deleted")]
    Deactivated,
    /// Nothing answers.
    #[error("Telegram cannot be reached; check the network or the proxy and try again")]
    Unreachable,
    /// Telegram answered something that has no meaning of its own here.
    #[error("Telegram refuses: {0}")]
    Refused(String),
    /// What the login gave could not be stored.
    #[error(
        "the account could not be stored; try again, and if Telegram's settings show a device that is left over, end it there"
    )]
    NotKept,
}

/// What can happen to a login.
#[derive(Clone, Debug)]
pub enum Event {
    /// Telegram sent a code.
    CodeSent(CodeSent),
    /// The owner typed a code.
    TypeCode,
    /// Telegram says that it is wrong.
    CodeWrong,
    /// Telegram wants the password, too.
    AskPassword {
        /// What the owner wrote down as a reminder.
        hint: Option<String>,
    },
    /// The owner typed a password.
    TypePassword,
    /// Telegram says that it is wrong.
    PasswordWrong,
    /// Telegram gave something to show as a QR code.
    Show {
        /// `tg://login?token=...`
        url: SecretString,
        /// Until when it counts.
        expires_at: Timestamp,
    },
    /// Somebody scanned the code, or its time is over.
    QrOver,
    /// Telegram asked for a wait until then.
    Flood(Timestamp),
    /// The wait is over.
    WaitOver,
    /// The account is logged in and stored.
    Admit(Welcome),
    /// It cannot go on.
    Fail(Failure),
    /// A person gives it up.
    Cancel,
    /// Its time is over.
    Expire,
}

/// What is to be done after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask Telegram for a code: to send, or to show.
    Ask,
    /// Show Telegram the code that was typed.
    CheckCode,
    /// Show Telegram the password that was typed.
    CheckPassword,
    /// Wait until the QR code is scanned, or until then.
    AwaitScan(Timestamp),
    /// Go on at this time.
    Resume(Timestamp),
    /// Let go of the line and of every secret.
    HangUp,
}

/// The event does not fit the state; nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a login that is {from} cannot {event}")]
pub struct Illegal {
    /// Where it is.
    pub from: &'static str,
    /// What was asked, as a verb.
    pub event: &'static str,
}

/// Applies one event; the test has the whole table.
///
/// # Errors
/// [`Illegal`] when the event does not fit.
pub fn step(state: &State, event: Event) -> Result<(State, Option<Effect>), Illegal> {
    use Event as E;
    use State as S;
    let illegal = Illegal { from: state.name(), event: event.verb() };
    if state.is_final() {
        return Err(illegal);
    }
    let next = match (state, event) {
        (_, E::Fail(failure)) => (S::Failed(failure), Some(Effect::HangUp)),
        (_, E::Cancel) => (S::Cancelled, Some(Effect::HangUp)),
        (_, E::Expire) => (S::Expired, Some(Effect::HangUp)),
        (S::Waiting { before, .. }, E::WaitOver) => {
            let asks = matches!(**before, S::Starting | S::QrShown { .. });
            ((**before).clone(), asks.then_some(Effect::Ask))
        }
        (S::Waiting { .. }, _) | (_, E::WaitOver) => return Err(illegal),
        (state, E::Flood(until)) => {
            (S::Waiting { until, before: Box::new(state.clone()) }, Some(Effect::Resume(until)))
        }
        (S::Starting, E::CodeSent(sent)) => (S::CodeSent(sent), None),
        (S::CodeSent(_) | S::CodeWrong { .. }, E::TypeCode) => (state.clone(), Some(Effect::CheckCode)),
        (S::CodeSent(sent), E::CodeWrong) => wrong_code(*sent, TRIES),
        (S::CodeWrong { sent, tries_left }, E::CodeWrong) => wrong_code(*sent, *tries_left),
        (S::Starting | S::QrShown { .. } | S::CodeSent(_) | S::CodeWrong { .. }, E::AskPassword { hint }) => {
            (S::PasswordNeeded { hint }, None)
        }
        (S::PasswordNeeded { .. } | S::PasswordWrong { .. }, E::TypePassword) => {
            (state.clone(), Some(Effect::CheckPassword))
        }
        (S::PasswordNeeded { hint }, E::PasswordWrong) => wrong_password(hint.clone(), TRIES),
        (S::PasswordWrong { hint, tries_left }, E::PasswordWrong) => {
            wrong_password(hint.clone(), *tries_left)
        }
        (S::Starting | S::QrShown { .. }, E::Show { url, expires_at }) => {
            (S::QrShown { url, expires_at }, Some(Effect::AwaitScan(expires_at)))
        }
        (S::QrShown { .. }, E::QrOver) => (state.clone(), Some(Effect::Ask)),
        (_, E::Admit(welcome)) => (S::Done(welcome), Some(Effect::HangUp)),
        (_, _) => return Err(illegal),
    };
    Ok(next)
}

fn wrong_code(sent: CodeSent, tries: u8) -> (State, Option<Effect>) {
    match tries.saturating_sub(1) {
        0 => (State::Failed(Failure::TooManyCodes), Some(Effect::HangUp)),
        tries_left => (State::CodeWrong { sent, tries_left }, None),
    }
}

fn wrong_password(hint: Option<String>, tries: u8) -> (State, Option<Effect>) {
    match tries.saturating_sub(1) {
        0 => (State::Failed(Failure::TooManyPasswords), Some(Effect::HangUp)),
        tries_left => (State::PasswordWrong { hint, tries_left }, None),
    }
}

impl State {
    /// The state's name, as people and programs are told it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::CodeSent(_) => "code_sent",
            Self::CodeWrong { .. } => "code_wrong",
            Self::PasswordNeeded { .. } => "password_needed",
            Self::PasswordWrong { .. } => "password_wrong",
            Self::QrShown { .. } => "qr_shown",
            Self::Waiting { .. } => "waiting",
            Self::Done(_) => "done",
            Self::Failed(_) => "failed",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing follows.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Failed(_) | Self::Expired | Self::Cancelled)
    }
}

impl Event {
    const fn verb(&self) -> &'static str {
        match self {
            Self::CodeSent(_) => "have a code sent",
            Self::TypeCode => "take a code",
            Self::CodeWrong => "refuse a code",
            Self::AskPassword { .. } => "ask for a password",
            Self::TypePassword => "take a password",
            Self::PasswordWrong => "refuse a password",
            Self::Show { .. } => "show a QR code",
            Self::QrOver => "show another QR code",
            Self::Flood(_) => "wait",
            Self::WaitOver => "end its wait",
            Self::Admit(_) => "be done",
            Self::Fail(_) => "fail",
            Self::Cancel => "be cancelled",
            Self::Expire => "expire",
        }
    }
}
