//! What can go wrong in the tree, by what was being attempted.

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
