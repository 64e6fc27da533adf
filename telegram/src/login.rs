//! Logging in: a conversation on a line that belongs to no account yet.
//!
//! The adapter only asks Telegram; how a login goes on, what its owner is told and when it expires is `actors`' business.
//! Phone numbers, codes and passwords pass through as secrets and are kept nowhere here.

use async_trait::async_trait;
pub use domain::login::{CodeRoute, CodeSent};
use domain::time::Timestamp;
use secrecy::SecretString;

use crate::{Identity, Session, TelegramError};

/// A line for logging in. Dropping it before the end leaves nothing behind but a key that Telegram forgets.
#[async_trait]
pub trait LoginLine: Send {
    /// Asks Telegram to send a code to the owner of a phone number: `auth.sendCode`.
    ///
    /// # Errors
    /// [`LoginError::PhoneInvalid`], [`LoginError::PhoneUnregistered`] and Telegram's own.
    async fn send_code(&mut self, phone: &SecretString) -> Result<CodeSent, LoginError>;

    /// Shows the code that the owner received: `auth.signIn`.
    ///
    /// # Errors
    /// [`LoginError::CodeInvalid`], [`LoginError::CodeExpired`] and Telegram's own.
    async fn submit_code(&mut self, code: &SecretString) -> Result<LoginStep, LoginError>;

    /// Shows the password of an account with two-step verification: `auth.checkPassword`, after SRP.
    ///
    /// # Errors
    /// [`LoginError::PasswordInvalid`] and Telegram's own.
    async fn submit_password(&mut self, password: &SecretString) -> Result<SignedIn, LoginError>;

    /// What to show as a QR code now: `auth.exportLoginToken`. Asked again after `expires_at`, or after somebody scanned it,
    /// it follows the account to its data centre by itself.
    ///
    /// # Errors
    /// Telegram's own.
    async fn qr(&mut self) -> Result<QrStep, LoginError>;

    /// Waits until somebody scanned the code: `updateLoginToken`. Then ask [`LoginLine::qr`] again, which tells the same if
    /// this was dropped before it answered.
    ///
    /// # Errors
    /// [`TelegramError::Disconnected`] when the line is gone.
    async fn scanned(&mut self) -> Result<(), LoginError>;

    /// Takes a login back that succeeded but is not wanted (it is another account's): `auth.logOut`. The session counts no
    /// more and disappears from the owner's list of devices.
    ///
    /// # Errors
    /// Telegram's own.
    async fn log_out(&mut self) -> Result<(), LoginError>;
}

/// What follows a code, or a scanned QR code.
#[derive(Debug)]
pub enum LoginStep {
    /// The account is logged in.
    Done(SignedIn),
    /// It has a password, too.
    PasswordNeeded {
        /// What its owner wrote down as a reminder.
        hint: Option<String>,
    },
}

/// What a QR code is at.
#[derive(Debug)]
pub enum QrStep {
    /// Show this.
    Show {
        /// `tg://login?token=...`
        url: SecretString,
        /// Until when it counts.
        expires_at: Timestamp,
    },
    /// It was scanned and accepted.
    Scanned(LoginStep),
}

/// A login that succeeded.
#[derive(Debug)]
pub struct SignedIn {
    /// What counts from now on.
    pub session: Session,
    /// Who logged in.
    pub identity: Identity,
}

/// Why a step of a login failed. None of these ends the line unless it says so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// `PHONE_NUMBER_INVALID`.
    #[error("Telegram does not know such a phone number; write it with its country code")]
    PhoneInvalid,
    /// `PHONE_NUMBER_UNOCCUPIED`, `auth.authorizationSignUpRequired`: there is no account, and none is made here.
    #[error("nobody has an account with this phone number")]
    PhoneUnregistered,
    /// `PHONE_NUMBER_BANNED`.
    #[error("Telegram banned this phone number")]
    PhoneBanned,
    /// `PHONE_CODE_INVALID`, `PHONE_CODE_EMPTY`.
    #[error("the code is wrong")]
    CodeInvalid,
    /// `PHONE_CODE_EXPIRED`: ask for another one.
    #[error("the code has expired")]
    CodeExpired,
    /// `PASSWORD_HASH_INVALID`.
    #[error("the password is wrong")]
    PasswordInvalid,
    /// Asked out of turn, say for a password before a code.
    #[error("the login is not at this step")]
    OutOfTurn,
    /// What Telegram answers to anything.
    #[error(transparent)]
    Telegram(#[from] TelegramError),
}
