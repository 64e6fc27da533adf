//! What the clerk is told.

use crate::runtime::Named;

/// What the clerk is told.
pub(crate) enum ClerkMessage {
    /// It is time to look for errands.
    Tick,
}

impl Named for ClerkMessage {
    fn name(&self) -> &'static str {
        match self {
            Self::Tick => "tick",
        }
    }
}
