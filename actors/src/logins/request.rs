//! What somebody asks for who brings an account.

use domain::id::{AccountId, LoginId, ProjectId, ProxyId, UserId};
use domain::login::{LIFETIME, State};
use domain::time::Timestamp;
use secrecy::SecretString;
use telegram::{Route, Session, import};

use crate::error::LoginError;

/// A login that somebody begins.
#[derive(Clone, Debug)]
pub struct StartLogin {
    /// The project that the account is to speak for.
    pub project: ProjectId,
    /// Who logs it in.
    pub by: UserId,
    /// By which way.
    pub method: Method,
    /// The account that is to come back; another one is refused then.
    pub for_account: Option<AccountId>,
    /// The proxy that the login goes through, and the account from then on. Without one, an account that comes back goes its
    /// own way, and a new one straight.
    pub proxy: Option<ProxyId>,
}

/// By which way an account is logged in.
#[derive(Clone, Debug)]
pub enum Method {
    /// By its phone number, in international form, and the code that Telegram sends.
    Phone(SecretString),
    /// By a QR code that is scanned in an application where the account is logged in.
    Qr,
}

/// A login that goes on or has just ended, without anything that its owner typed.
#[derive(Clone, Debug)]
pub struct OngoingLogin {
    /// Its number.
    pub id: LoginId,
    /// The project that the account is to speak for.
    pub project: ProjectId,
    /// Whether a QR code is shown; otherwise a code is sent.
    pub by_qr: bool,
    /// The account that is to come back, if it is to be a certain one.
    pub for_account: Option<AccountId>,
    /// When it expires unless it is done.
    pub expires_at: Timestamp,
    /// Where it is.
    pub state: State,
}

impl OngoingLogin {
    pub(super) fn of(id: LoginId, request: &StartLogin, now: Timestamp) -> Self {
        Self {
            id,
            project: request.project,
            by_qr: matches!(request.method, Method::Qr),
            for_account: request.for_account,
            expires_at: now + LIFETIME,
            state: State::Starting,
        }
    }
}

/// The string forms of sessions that are made elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionForm {
    /// Telethon's `StringSession`.
    Telethon,
    /// Pyrogram's `export_session_string`.
    Pyrogram,
}

/// Reads a session from its string.
///
/// # Errors
/// [`LoginError::Session`] says what is wrong with it, and shows nothing of it.
pub fn read_session(form: SessionForm, text: &SecretString) -> Result<Session, LoginError> {
    Ok(match form {
        SessionForm::Telethon => import::telethon(text)?,
        SessionForm::Pyrogram => import::pyrogram(text)?,
    })
}

/// A session that was made elsewhere, brought by a person who confirms that the account is theirs or their team's. There is
/// no import of several at once.
#[derive(Clone, Debug)]
pub struct ImportSession {
    /// The project that the account is to speak for.
    pub project: ProjectId,
    /// Who brings it and confirms whose it is; it is written down.
    pub confirmed_by: UserId,
    /// The session. It must not be used elsewhere any more: Telegram voids one that is used in two places.
    pub session: Session,
    /// The account that is to come back; another one is refused then.
    pub for_account: Option<AccountId>,
    /// The proxy that leads to Telegram, as in [`StartLogin::proxy`].
    pub proxy: Option<ProxyId>,
}

/// A login that may begin, with its way to Telegram.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) request: StartLogin,
    pub(crate) route: Route,
}
