//! What stops and starts the work: of the whole system, a project, a campaign. Each takes effect before the next send,
//! because the last check reads these rows in the transaction that begins it.

use domain::id::{CampaignId, ProjectId};
use domain::policy::{CampaignStatus, ProjectStatus};
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::outbox::Actor;
use crate::store::Store;

impl Store {
    /// Pauses everything, or lets it go on.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn set_system_paused(&self, paused: bool, by: Actor, now: Timestamp) -> Result<(), StoreError> {
        todo!()
    }

    /// Changes whether a project works.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such project.
    pub async fn set_project_status(
        &self,
        project: ProjectId,
        status: ProjectStatus,
        by: Actor,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// Changes whether a campaign works. Switched on again, it forgets the attempts that may have paused it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such campaign.
    pub async fn set_campaign_status(
        &self,
        project: ProjectId,
        campaign: CampaignId,
        status: CampaignStatus,
        by: Actor,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// Writes a setting: a project's own, or with `None` the default of all.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn set_setting(
        &self,
        project: Option<ProjectId>,
        key: &str,
        value: &str,
        by: Actor,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// Reads a setting: the project's own, else the default of all, else `None`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn setting(&self, project: Option<ProjectId>, key: &str) -> Result<Option<String>, StoreError> {
        todo!()
    }
}
