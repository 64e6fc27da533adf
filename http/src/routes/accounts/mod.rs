//! The accounts that speak for a project: what they are and may, how they come in, where they are kept out, and which way they
//! go. A file for each part, with the schemas it answers with.

mod account;
mod blocks;
mod desk;
mod login;
mod logins;
mod picture;
mod proxies;
mod proxy;
mod way;

use actors::{ActorError, LoginError};
use blocks::BlocksApi;
use desk::AccountsApi;
use logins::LoginsApi;
use proxies::ProxiesApi;
use way::WayApi;

use crate::problem::{Failure, Kind};
use crate::routes::people::field;

/// All of it.
pub(crate) type AccountsApis = (AccountsApi, BlocksApi, WayApi, LoginsApi, ProxiesApi);

/// All of it, to be served.
pub(crate) const ACCOUNTS: AccountsApis = (AccountsApi, BlocksApi, WayApi, LoginsApi, ProxiesApi);

/// What is answered when the tree did not do what it was asked.
pub(super) fn refused(error: ActorError) -> Failure {
    match error {
        ActorError::Store(error) => error.into(),
        ActorError::Login(illegal) => Failure::wrong_state(illegal.to_string()),
        ActorError::Gone | ActorError::Unanswered | ActorError::Start(_) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "a part of the tree does not answer");
            Failure::of(Kind::Unavailable, None)
        }
    }
}

/// What is answered when a login could not be begun or continued.
fn not_logged_in(error: LoginError) -> Failure {
    match error {
        LoginError::Tree(error) => refused(error),
        LoginError::Unknown => Failure::unknown("login"),
        LoginError::Busy => Failure::of(Kind::Unavailable, error.to_string()),
        LoginError::Session(wrong) => field("/session", &wrong),
        LoginError::NoVault | LoginError::OutOfTurn(_) | LoginError::Failed(_) => {
            Failure::wrong_state(error.to_string())
        }
    }
}
