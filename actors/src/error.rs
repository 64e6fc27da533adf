//! What can go wrong in the tree, by what was being attempted.

use domain::login;
use persistence::StoreError;

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
    /// The tree or the Store does not answer.
    #[error(transparent)]
    Tree(#[from] ActorError),
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
