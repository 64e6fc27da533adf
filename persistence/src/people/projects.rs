//! Projects: who may see which, and what one is like.

use domain::access::ProjectRole;
use domain::disclosure::Label;
use domain::id::{ProjectId, UserId};
use domain::policy::{Approval, ProjectStatus};
use domain::setting::Setting;
use domain::time::{Timestamp, Zone};
use serde::Serialize;

use crate::error::StoreError;
use crate::outbox::{Actor, Deed};
use crate::row::Row;
use crate::rows::{Sql, name_of, storable};
use crate::settings::in_force;
use crate::setup::{NewProject, insert_project};
use crate::store::{Run as _, Store, Tx};

/// `$1` is whose role is told.
macro_rules! projects {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, p.owner_id, p.name, p.status, p.timezone, p.approval, p.label, p.version, p.created_at,
                 (SELECT m.role FROM memberships m WHERE m.project_id = p.id AND m.user_id = $1) AS role
             FROM projects p WHERE p.deleted_at IS NULL AND ",
            $rest
        )
    };
}

static ONE: Sql = Sql::new(projects!("p.id = $2"));

static HELD: Sql = Sql::new(projects!("p.id = $2 {FOR UPDATE OF p}"));

static ALL: Sql = Sql::new(projects!("p.id < $2 ORDER BY p.id DESC LIMIT $3"));

static MINE: Sql = Sql::new(projects!(
    "p.id < $2 AND p.id IN (SELECT n.project_id FROM memberships n WHERE n.user_id = $1) ORDER BY p.id DESC LIMIT $3"
));

static WRITE: Sql = Sql::new(
    "UPDATE projects SET name = $2, status = $3, timezone = $4, approval = $5, label = $6, version = version + 1
     WHERE id = $1",
);

/// Held, so that two of their projects do not take one free place.
static OWNER: Sql = Sql::new("SELECT project_quota FROM users WHERE id = $1 {FOR NO KEY UPDATE}");

static OWNED: Sql =
    Sql::new("SELECT count(*) AS owned FROM projects WHERE owner_id = $1 AND deleted_at IS NULL");

/// A project as somebody sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its row, which is also its place in the list.
    pub id: ProjectId,
    /// Who owns it.
    pub owner: UserId,
    /// Its name, unique for its owner.
    pub name: String,
    /// Whether it works.
    pub status: ProjectStatus,
    /// Where its days and quiet hours are.
    pub zone: Zone,
    /// Who approves its drafts.
    pub approval: Approval,
    /// The label of accounts and voices that have none of their own.
    pub label: Label,
    /// How often it was changed, from 1.
    pub version: i64,
    /// Since when there is one.
    pub created_at: Timestamp,
    /// What whoever asks is in it; `None` if nothing.
    pub role: Option<ProjectRole>,
}

/// What is to be different about a project. What is `None` stays.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ProjectChange {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it works.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ProjectStatus>,
    /// Where its days and quiet hours are.
    #[serde(rename = "timezone", skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// Who approves its drafts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// The label of accounts and voices that come later and have none of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
}

impl Store {
    /// The projects that `viewer` is a member of, or with `all` every project; latest first, below `before`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list_projects(
        &self,
        viewer: UserId,
        all: bool,
        before: Option<ProjectId>,
        limit: u32,
    ) -> Result<Vec<Project>, StoreError> {
        let values =
            [viewer.get().into(), before.map_or(i64::MAX, ProjectId::get).into(), i64::from(limit).into()];
        let sql = if all { &ALL } else { &MINE };
        self.read("list projects").rows(sql, values).await?.iter().map(read_project).collect()
    }

    /// A project as `viewer` sees it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such project.
    pub async fn project(&self, viewer: UserId, project: ProjectId) -> Result<Project, StoreError> {
        let read = self.read("read a project");
        let missing = StoreError::NotFound { operation: read.operation(), what: "project" };
        read_project(&read.row(&ONE, [viewer.get().into(), project.get().into()]).await?.ok_or(missing)?)
    }

    /// Adds an active project, because its owner or an administrator wants it.
    ///
    /// # Errors
    /// [`StoreError::QuotaReached`] when the owner has as many as they may have, [`StoreError::Taken`] when they have one of
    /// that name, [`StoreError::NotFound`] without the owner.
    pub async fn add_project(
        &self,
        project: &NewProject,
        by: Actor,
        now: Timestamp,
    ) -> Result<Project, StoreError> {
        let tx = self.begin("add a project").await?;
        keep_to_quota(&tx, project.owner).await?;
        let id = insert_project(&tx, project, now).await?;
        let added = held(&tx, project.owner, id).await?;
        let detail = ProjectChange {
            name: Some(added.name.clone()),
            label: Some(added.label.clone()),
            ..ProjectChange::default()
        };
        let deed = Deed { by, project: Some(id), at: now };
        deed.note(&tx, "project.added", format!("project:{id}"), &detail).await?;
        tx.commit().await?;
        Ok(added)
    }

    /// Changes a project; a change that names the version it was made on is refused when somebody else was faster. Returns it
    /// as `by` sees it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such project, [`StoreError::Stale`] when it has another version by now,
    /// [`StoreError::Taken`] when its owner has another one of that name.
    pub async fn update_project(
        &self,
        project: ProjectId,
        made_on: Option<i64>,
        change: &ProjectChange,
        by: UserId,
        now: Timestamp,
    ) -> Result<Project, StoreError> {
        let tx = self.begin("change a project").await?;
        let old = held(&tx, by, project).await?;
        if made_on.is_some_and(|seen| seen != old.version) {
            return Err(StoreError::Stale { operation: tx.operation() });
        }
        let new = changed(old, change);
        let values = [
            project.get().into(),
            storable(&new.name).into_owned().into(),
            name_of(new.status).into(),
            new.zone.name().into(),
            name_of(new.approval).into(),
            new.label.as_str().into(),
        ];
        tx.run(&WRITE, values).await?;
        let deed = Deed { by: Actor::User(by), project: Some(project), at: now };
        deed.note(&tx, "project.updated", format!("project:{project}"), change).await?;
        tx.commit().await?;
        Ok(new)
    }
}

/// A project as `viewer` sees it, held until the transaction ends.
pub(super) async fn held(tx: &Tx, viewer: UserId, project: ProjectId) -> Result<Project, StoreError> {
    let missing = StoreError::NotFound { operation: tx.operation(), what: "project" };
    read_project(&tx.row(&HELD, [viewer.get().into(), project.get().into()]).await?.ok_or(missing)?)
}

/// That a user may own one more project.
pub(super) async fn keep_to_quota(tx: &Tx, owner: UserId) -> Result<(), StoreError> {
    let operation = tx.operation();
    let row = tx.row(&OWNER, [owner.get().into()]).await?;
    let row = row.ok_or(StoreError::NotFound { operation, what: "user" })?;
    let limit = match row.maybe_small("project_quota")? {
        Some(own) => own,
        None => in_force(tx, None, Setting::ProjectsPerUser).await?.unwrap_or(u32::MAX),
    };
    let owned: u32 = match tx.row(&OWNED, [owner.get().into()]).await? {
        Some(row) => row.small("owned")?,
        None => 0,
    };
    if owned < limit {
        Ok(())
    } else {
        Err(StoreError::QuotaReached { operation, what: "projects of one owner", limit })
    }
}

fn changed(project: Project, change: &ProjectChange) -> Project {
    let change = change.clone();
    Project {
        name: change.name.unwrap_or(project.name),
        status: change.status.unwrap_or(project.status),
        zone: change.zone.unwrap_or(project.zone),
        approval: change.approval.unwrap_or(project.approval),
        label: change.label.unwrap_or(project.label),
        version: project.version + 1,
        ..project
    }
}

fn read_project(row: &Row) -> Result<Project, StoreError> {
    Ok(Project {
        id: row.get("id")?,
        owner: row.get("owner_id")?,
        name: row.get("name")?,
        status: row.named("status")?,
        zone: row.zone("timezone")?,
        approval: row.named("approval")?,
        label: row.named("label")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        role: row.maybe_named("role")?,
    })
}
