//! What the inspector is told.

use crate::runtime::Named;

/// What the inspector is told.
pub(crate) enum InspectorMessage {
    /// It is time to look.
    Tick,
}

impl Named for InspectorMessage {
    fn name(&self) -> &'static str {
        match self {
            Self::Tick => "tick",
        }
    }
}
