//! What a planner is told.

use crate::queue::Work;
use crate::runtime::Named;

/// What a planner is told.
pub(crate) enum PlannerMessage {
    /// Decide about these posts and readers' messages.
    Plan(Work),
}

impl Named for PlannerMessage {
    fn name(&self) -> &'static str {
        match self {
            Self::Plan(_) => "plan",
        }
    }
}
