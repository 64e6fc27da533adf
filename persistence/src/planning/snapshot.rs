//! Reading what planning decides on.

use domain::id::{AccountId, PostId, ProjectId, ThreadMessageId};
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::planning::PlanningSnapshot;
use crate::store::Store;

impl Store {
    /// Everything that deciding on these posts and messages of `project` at `now` takes.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such project.
    pub async fn planning_snapshot(
        &self,
        project: ProjectId,
        posts: &[PostId],
        messages: &[ThreadMessageId],
        now: Timestamp,
    ) -> Result<PlanningSnapshot, StoreError> {
        todo!()
    }

    /// The moments promised or used since `since` by the project's accounts, in no order: what a planner rebuilds its
    /// ledgers from.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn bookings(
        &self,
        project: ProjectId,
        since: Timestamp,
    ) -> Result<Vec<(AccountId, Timestamp)>, StoreError> {
        todo!()
    }
}
