//! What stops and starts the work: of the whole system, a project, a campaign. Each takes effect before the next send,
//! because the last check reads these rows in the transaction that begins it.

use domain::event::EventType;
use domain::id::{CampaignId, ProjectId};
use domain::policy::{CampaignStatus, ProjectStatus};
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::outbox::{Actor, AuditEntry, NewEvent, Subject, audit};
use crate::rows::{Sql, name_of};
use crate::store::{Run as _, Store, Tx};

static SET: Sql = Sql::new(
    "INSERT INTO settings (project_id, key, value) VALUES ($1, $2, $3)
     ON CONFLICT (coalesce(project_id, 0), key) DO UPDATE SET value = excluded.value",
);

/// A project's own value stands before the default.
static GET: Sql = Sql::new(
    "SELECT value FROM settings WHERE key = $2 AND coalesce(project_id, 0) IN (0, $1)
     ORDER BY coalesce(project_id, 0) DESC LIMIT 1",
);

static PROJECT: Sql =
    Sql::new("UPDATE projects SET status = $2, version = version + 1 WHERE id = $1 AND deleted_at IS NULL");

static CAMPAIGN: Sql = Sql::new(
    "UPDATE campaigns SET status = $3, recent = CASE WHEN $3 = 'on' THEN '' ELSE recent END, version = version + 1
     WHERE id = $2 AND project_id = $1",
);

/// The setting that stops everything; the last check before a send reads it.
pub(crate) const SYSTEM_PAUSED: &str = "system.paused";

impl Store {
    /// Pauses everything, or lets it go on.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn set_system_paused(&self, paused: bool, by: Actor, now: Timestamp) -> Result<(), StoreError> {
        self.set_setting(None, SYSTEM_PAUSED, if paused { "true" } else { "false" }, by, now).await
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
        let tx = self.begin("change a project's status").await?;
        let name = name_of(status);
        if tx.run(&PROJECT, [project.get().into(), name.as_str().into()]).await? == 0 {
            return Err(StoreError::NotFound { operation: tx.operation(), what: "project" });
        }
        let subject = format!("project:{project}");
        log(&tx, by, Some(project), "project.status", subject, name, now).await?;
        tx.commit().await
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
        let mut tx = self.begin("change a campaign's status").await?;
        let name = name_of(status);
        let values = [project.get().into(), campaign.get().into(), name.as_str().into()];
        if tx.run(&CAMPAIGN, values).await? == 0 {
            return Err(StoreError::NotFound { operation: tx.operation(), what: "campaign" });
        }
        if status == CampaignStatus::Paused {
            let subject = Subject { campaign: Some(campaign), ..Subject::default() };
            tx.tell(NewEvent { project: Some(project), kind: EventType::CampaignPaused, subject, at: now });
        }
        let subject = format!("campaign:{campaign}");
        log(&tx, by, Some(project), "campaign.status", subject, name, now).await?;
        tx.commit().await
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
        let tx = self.begin("change a setting").await?;
        tx.run(&SET, [project.map(ProjectId::get).into(), key.into(), value.into()]).await?;
        log(&tx, by, project, "setting", format!("setting:{key}"), value.to_owned(), now).await?;
        tx.commit().await
    }

    /// Reads a setting: the project's own, else the default of all, else `None`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn setting(&self, project: Option<ProjectId>, key: &str) -> Result<Option<String>, StoreError> {
        let read = self.read("read a setting");
        let row = read.row(&GET, [project.map_or(0, ProjectId::get).into(), key.into()]).await?;
        row.map(|row| row.get("value")).transpose()
    }
}

async fn log(
    tx: &Tx,
    actor: Actor,
    project: Option<ProjectId>,
    action: &str,
    subject: String,
    detail: String,
    at: Timestamp,
) -> Result<(), StoreError> {
    let action = action.to_owned();
    audit(tx, &AuditEntry { actor, project, action, subject, detail, at }).await
}
