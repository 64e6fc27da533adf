//! Why a measurement could not be made.

/// What went wrong while measuring.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    #[error("the server's address is missing; run benches/run.sh")]
    NoServer,
    #[error("{text:?} is not a number of jobs or rounds")]
    Argument { text: String },
    #[error("the server refused to {operation}")]
    Server { operation: &'static str, source: sqlx::Error },
    #[error("a temporary file cannot be used")]
    Files { source: std::io::Error },
    #[error("our queue failed")]
    Ours {
        #[from]
        source: persistence::StoreError,
    },
    #[error("awa failed")]
    Theirs {
        #[from]
        source: awa::AwaError,
    },
    #[error("awa's client cannot be built")]
    TheirClient {
        #[from]
        source: awa::BuildError,
    },
    #[error("a task of the measurement broke down")]
    Task {
        #[from]
        source: tokio::task::JoinError,
    },
    #[error("the queue ran dry after {drained} of {jobs} jobs")]
    Dry { drained: usize, jobs: usize },
}

/// An error with all its causes, on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text = format!("{text}: {source}");
        cause = source.source();
    }
    text
}
