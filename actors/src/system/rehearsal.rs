//! The handle's part for trying a campaign out.

use domain::id::{CampaignId, ProjectId};
use persistence::StoreError;

use super::System;
use crate::rehearsal::{RehearsedComment, run};

impl System {
    /// What a campaign would have done about the latest `posts` posts of its channels and the readers' messages below them,
    /// oldest first, without a trace left. Messages that ask for nothing are left out.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such campaign, otherwise the database's own.
    pub async fn rehearse(
        &self,
        project: ProjectId,
        campaign: CampaignId,
        posts: u32,
    ) -> Result<Vec<RehearsedComment>, StoreError> {
        run(&self.deps.store, (project, campaign), posts, self.deps.now(), self.deps.settings.seed).await
    }
}
