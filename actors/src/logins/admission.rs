//! The end of a login: what Telegram gave is stored. That an account may work now is an event of that transaction, and whoever
//! runs the accounts follows it, in whichever process. And what Telegram's refusals mean for a login.

use domain::account::Kind;
use domain::id::{AccountId, ProjectId, ProxyId, UserId};
use domain::login::{Failure, Welcome};
use persistence::StoreError;
use persistence::logins::{Login, Way};
use secrecy::SecretString;
use telegram::{SignedIn, TelegramError};

use crate::deps::Deps;

/// For whom an account comes in, and how.
pub(super) struct Ticket {
    pub(super) project: ProjectId,
    pub(super) by: UserId,
    pub(super) way: Way,
    pub(super) for_account: Option<AccountId>,
    pub(super) phone: Option<SecretString>,
    pub(super) proxy: Option<ProxyId>,
}

impl Ticket {
    /// With what Telegram gave.
    pub(super) fn with(self, signed_in: SignedIn) -> Login {
        let SignedIn { session, identity } = signed_in;
        Login {
            project: self.project,
            by: self.by,
            way: self.way,
            for_account: self.for_account,
            kind: if identity.is_bot { Kind::Bot } else { Kind::Person },
            telegram_id: identity.id,
            username: identity.username,
            display_name: identity.display_name,
            about: identity.about,
            session: session.reveal().to_vec().into(),
            phone: self.phone,
            proxy: self.proxy,
        }
    }
}

/// Whether an account may come in. Asked as long as the login can be taken back.
pub(super) async fn may_enter(deps: &Deps, login: &Login) -> Result<(), Failure> {
    deps.store.admits(login).await.unwrap_or_else(|error| Err(not_kept(&error)))
}

/// Stores the account of a login. From then on its actor may connect with the session: nobody else may use it any more.
pub(super) async fn admit(deps: &Deps, login: &Login) -> Result<Welcome, Failure> {
    deps.store.admit(login, deps.now()).await.unwrap_or_else(|error| Err(not_kept(&error)))
}

fn not_kept(error: &StoreError) -> Failure {
    tracing::warn!(error = %crate::error::chain(error), "a login could not be stored");
    Failure::NotKept
}

/// Why a login ends when Telegram answers like this to something that is asked of anybody. A wait is no end; it is told apart
/// before.
pub(super) fn failure(error: &TelegramError) -> Failure {
    match error {
        TelegramError::Disconnected | TelegramError::UnknownOutcome | TelegramError::Lagging => {
            Failure::Unreachable
        }
        TelegramError::Unauthorized | TelegramError::SessionDuplicated => Failure::SessionVoid,
        TelegramError::Deactivated => Failure::Deactivated,
        TelegramError::Wait { .. }
        | TelegramError::Frozen
        | TelegramError::PeerFlood
        | TelegramError::BannedInChannel
        | TelegramError::WriteForbidden(_)
        | TelegramError::JoinRequired
        | TelegramError::JoinRequested
        | TelegramError::NoThread
        | TelegramError::ReplyGone
        | TelegramError::SendAsInvalid
        | TelegramError::PaymentRequired { .. }
        | TelegramError::ChannelPrivate
        | TelegramError::PeerInvalid
        | TelegramError::RandomIdDuplicate
        | TelegramError::NotAcceptable(_)
        | TelegramError::Other(_) => Failure::Refused(error.to_string()),
    }
}
