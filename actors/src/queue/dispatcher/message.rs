//! What the dispatcher is told.

use crate::runtime::{Named, Reply};

/// What the dispatcher is told.
pub(crate) enum DispatcherMessage {
    /// There may be due jobs: claim them, and say how many were handed out.
    Claim(Reply<usize>),
}

impl Named for DispatcherMessage {
    fn name(&self) -> &'static str {
        match self {
            Self::Claim(_) => "claim",
        }
    }
}
