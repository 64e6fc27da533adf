//! Writing decisions down: each is a row, planned or skipped with its reason.

use domain::id::{CommentId, ProjectId};
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::planning::PlanOutcome;
use crate::store::Store;

impl Store {
    /// Applies decisions and finishes their jobs. The answer has, in the order given, the comment of each decision: `None`
    /// where the lease was stale, the subject is gone, another comment holds its place, or the decision leaves no row (an
    /// answer skipped for what the reader's message is).
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn apply_plans(
        &self,
        node: &str,
        project: ProjectId,
        outcomes: &[PlanOutcome],
        now: Timestamp,
    ) -> Result<Vec<Option<CommentId>>, StoreError> {
        todo!()
    }
}
