//! Users and projects.

use domain::disclosure::Label;
use domain::id::{PeerId, ProjectId, UserId};
use domain::policy::Approval;
use domain::time::{Timestamp, Zone};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::store::Store;

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

impl Store {
    /// Creates a user.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the Telegram id or the username is in use.
    pub async fn create_user(&self, user: &NewUser, now: Timestamp) -> Result<UserId, StoreError> {
        todo!()
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
        todo!()
    }
}
