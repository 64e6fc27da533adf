//! Users and projects.

use domain::disclosure::Label;
use domain::id::{PeerId, ProjectId, UserId};
use domain::policy::Approval;
use domain::time::{Timestamp, Zone};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::row::Row;
use crate::rows::{Sql, name_of, storable};
use crate::store::{Run, Store, Tx};

static USER: Sql = Sql::new(
    "INSERT INTO users (telegram_id, username, display_name, role, locale, timezone, status, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, 'active', $7) RETURNING id",
);

static PROJECT: Sql = Sql::new(
    "INSERT INTO projects (owner_id, name, status, timezone, approval, label, created_at)
     VALUES ($1, $2, 'active', $3, $4, $5, $6) RETURNING id",
);

static OWNER: Sql = Sql::new("INSERT INTO memberships (project_id, user_id, role) VALUES ($1, $2, 'owner')");

/// What a user may do to the whole installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything.
    Admin,
    /// What the memberships say.
    Member,
}

/// The language a user reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Locale {
    /// Russian.
    Ru,
    /// English.
    En,
}

/// A user to be created.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Their Telegram id, if known.
    pub telegram_id: Option<PeerId>,
    /// Their username without `@`.
    pub username: Option<String>,
    /// Their name as others see it.
    pub display_name: String,
    /// What they may do to the installation.
    pub role: Role,
    /// Which language they read.
    pub locale: Locale,
    /// Where their days are.
    pub zone: Zone,
}

/// A project to be created.
#[derive(Clone, Debug)]
pub struct NewProject {
    /// Who owns it.
    pub owner: UserId,
    /// Its name, unique for its owner.
    pub name: String,
    /// Where its days and quiet hours are.
    pub zone: Zone,
    /// Who approves its drafts.
    pub approval: Approval,
    /// The label of accounts and voices that have none of their own.
    pub label: Label,
}

/// A project as it is found by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundProject {
    /// Its row.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// Who owns it.
    pub owner: UserId,
    /// The label of accounts and voices that have none of their own.
    pub label: Label,
}

impl Store {
    /// The projects of this name, of all owners, or all projects; in the order of their ids.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn find_projects(&self, name: Option<&str>) -> Result<Vec<FoundProject>, StoreError> {
        static NAMED: Sql = Sql::new(
            "SELECT id, name, owner_id, label FROM projects
             WHERE name = coalesce($1, name) AND deleted_at IS NULL ORDER BY id",
        );
        let read = self.read("find a project");
        let project = |row: &Row| {
            Ok(FoundProject {
                id: row.get("id")?,
                name: row.get("name")?,
                owner: row.get("owner_id")?,
                label: row.named("label")?,
            })
        };
        read.rows(&NAMED, [name.map(str::to_owned).into()]).await?.iter().map(project).collect()
    }

    /// The user with this username, however it is spelled.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn find_user(&self, username: &str) -> Result<Option<UserId>, StoreError> {
        static NAMED: Sql = Sql::new("SELECT id FROM users WHERE lower(username) = lower($1)");
        let row = self.read("find a user").row(&NAMED, [username.into()]).await?;
        row.map(|row| row.get("id")).transpose()
    }

    /// Creates a user.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the Telegram id or the username is in use.
    pub async fn create_user(&self, user: &NewUser, now: Timestamp) -> Result<UserId, StoreError> {
        insert_user(&self.at_once("create a user"), user, now).await
    }

    /// Creates an active project with its owner's membership.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the owner has a project of that name, [`StoreError::Constraint`] without the owner.
    pub async fn create_project(
        &self,
        project: &NewProject,
        now: Timestamp,
    ) -> Result<ProjectId, StoreError> {
        let tx = self.begin("create a project").await?;
        let id = insert_project(&tx, project, now).await?;
        tx.commit().await?;
        Ok(id)
    }
}

/// [`Store::create_user`] on behalf of another operation.
pub(crate) async fn insert_user(
    run: &impl Run,
    user: &NewUser,
    now: Timestamp,
) -> Result<UserId, StoreError> {
    let values = [
        user.telegram_id.map(PeerId::get).into(),
        user.username.clone().into(),
        storable(&user.display_name).into_owned().into(),
        name_of(user.role).into(),
        name_of(user.locale).into(),
        user.zone.name().into(),
        now.micros().into(),
    ];
    let missing = StoreError::NotFound { operation: run.operation(), what: "user" };
    run.row(&USER, values).await?.ok_or(missing)?.get("id")
}

/// [`Store::create_project`] within a transaction.
pub(crate) async fn insert_project(
    tx: &Tx,
    project: &NewProject,
    now: Timestamp,
) -> Result<ProjectId, StoreError> {
    let values = [
        project.owner.get().into(),
        storable(&project.name).into_owned().into(),
        project.zone.name().into(),
        name_of(project.approval).into(),
        project.label.as_str().into(),
        now.micros().into(),
    ];
    let missing = StoreError::NotFound { operation: tx.operation(), what: "project" };
    let id: ProjectId = tx.row(&PROJECT, values).await?.ok_or(missing)?.get("id")?;
    tx.run(&OWNER, [id.get().into(), project.owner.get().into()]).await?;
    Ok(id)
}
