//! The end of a login: what Telegram gave is stored, and the account begins to work. And what Telegram's refusals mean for a
//! login.

use domain::account::Kind;
use domain::id::{AccountId, ProjectId, UserId};
use domain::login::{Failure, Welcome};
use persistence::logins::Way;
use secrecy::SecretString;
use telegram::{SignedIn, TelegramError};

use crate::accounts::AccountMessage;
use crate::deps::Deps;
use crate::runtime::Kind as Role;

/// For whom an account comes in, and how.
pub(super) struct Ticket {
    pub(super) project: ProjectId,
    pub(super) by: UserId,
    pub(super) way: Way,
    pub(super) for_account: Option<AccountId>,
    pub(super) phone: Option<SecretString>,
}

/// Stores the account of a login, unless it is not the one, or not one of this project's.
pub(super) async fn admit(deps: &Deps, ticket: Ticket, signed_in: SignedIn) -> Result<Welcome, Failure> {
    let SignedIn { session, identity } = signed_in;
    let login = persistence::logins::Login {
        project: ticket.project,
        by: ticket.by,
        way: ticket.way,
        for_account: ticket.for_account,
        kind: if identity.is_bot { Kind::Bot } else { Kind::Person },
        telegram_id: identity.id,
        username: identity.username,
        display_name: identity.display_name,
        about: identity.about,
        session: session.reveal().to_vec().into(),
        phone: ticket.phone,
    };
    match deps.store.admit(&login, deps.now()).await {
        Ok(admitted) => admitted,
        Err(error) => {
            tracing::warn!(error = %crate::error::chain(&error), "a login could not be stored");
            Err(Failure::NotKept)
        }
    }
}

/// Lets an account that was admitted work: begins its actor, or tells it to connect. Only once nobody else uses its session.
pub(super) async fn put_to_work(deps: &Deps, account: AccountId) {
    if let Some(accounts) = deps.directory.group(Role::Accounts) {
        accounts.enrol().await;
    }
    if let Some(actor) = deps.directory.accounts.find(account) {
        // An actor that is gone connects by itself when it is back.
        drop(actor.cast(AccountMessage::Connect));
    }
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
