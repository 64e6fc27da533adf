//! What somebody asks for who brings an account.

use domain::id::{AccountId, ProjectId, ProxyId, UserId};
use secrecy::SecretString;
use telegram::{Route, Session};

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
