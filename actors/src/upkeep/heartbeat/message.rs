//! What the heartbeat is told.

use crate::runtime::Named;

/// What the heartbeat is told.
pub(crate) enum HeartbeatMessage {
    /// It is time to say that the node is alive.
    Beat,
}

impl Named for HeartbeatMessage {
    fn name(&self) -> &'static str {
        match self {
            Self::Beat => "beat",
        }
    }
}
