//! Who is what in a project. It has exactly one owner, who leaves that to somebody else before anything can happen to them.

use domain::access::ProjectRole;
use domain::id::{ProjectId, UserId};
use domain::time::Timestamp;
use serde::Serialize;

use super::projects::{held, keep_to_quota};
use crate::error::StoreError;
use crate::outbox::{Actor, Deed};
use crate::row::Row;
use crate::rows::{Sql, name_of};
use crate::store::{Run, Store, Tx};

macro_rules! members {
    ($rest:literal) => {
        concat!(
            "SELECT m.user_id, m.role, u.username, u.display_name
             FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.project_id = $1 AND ",
            $rest
        )
    };
}

static ONE: Sql = Sql::new(members!("m.user_id = $2"));

static PAGE: Sql = Sql::new(members!("m.user_id > $2 ORDER BY m.user_id LIMIT $3"));

static BY_ID: Sql = Sql::new("SELECT id FROM users WHERE id = $1");

static BY_NAME: Sql = Sql::new("SELECT id FROM users WHERE lower(username) = lower($1)");

static INSERT: Sql = Sql::new("INSERT INTO memberships (project_id, user_id, role) VALUES ($1, $2, $3)");

static WRITE: Sql = Sql::new("UPDATE memberships SET role = $3 WHERE project_id = $1 AND user_id = $2");

static REMOVE: Sql = Sql::new("DELETE FROM memberships WHERE project_id = $1 AND user_id = $2");

static GIVE: Sql = Sql::new("UPDATE projects SET owner_id = $2, version = version + 1 WHERE id = $1");

/// A member of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who it is, which is also their place in the list.
    pub user: UserId,
    /// Their username without `@`.
    pub username: Option<String>,
    /// Their name as others see it.
    pub display_name: String,
    /// What they are in the project.
    pub role: ProjectRole,
}

/// Somebody, as whoever adds them knows them.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    /// By their row.
    User(UserId),
    /// By their username without `@`, however it is spelled.
    Named(&'a str),
}

#[derive(Serialize)]
struct Detail {
    user: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<ProjectRole>,
}

impl Store {
    /// The members of a project, in the order of their users' rows after `after`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list_members(
        &self,
        project: ProjectId,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<Member>, StoreError> {
        let values = [project.get().into(), after.map_or(0, UserId::get).into(), i64::from(limit).into()];
        self.read("list members").rows(&PAGE, values).await?.iter().map(read_member).collect()
    }

    /// A member of a project.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when they are none.
    pub async fn member(&self, project: ProjectId, user: UserId) -> Result<Member, StoreError> {
        find(&self.read("read a member"), project, user).await
    }

    /// Takes somebody into a project.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such user or project, [`StoreError::Taken`] when they are in it already,
    /// [`StoreError::Needed`] as its owner: a member is made that.
    pub async fn add_member(
        &self,
        project: ProjectId,
        who: Who<'_>,
        role: ProjectRole,
        by: UserId,
        now: Timestamp,
    ) -> Result<Member, StoreError> {
        let tx = self.begin("add a member").await?;
        let operation = tx.operation();
        held(&tx, by, project).await?;
        if role == ProjectRole::Owner {
            let why = "a project has one owner; add them as something else first, then make them its owner";
            return Err(StoreError::Needed { operation, why });
        }
        let found = match who {
            Who::User(id) => tx.row(&BY_ID, [id.get().into()]).await?,
            Who::Named(name) => tx.row(&BY_NAME, [name.into()]).await?,
        };
        let user: UserId = found.ok_or(StoreError::NotFound { operation, what: "user" })?.get("id")?;
        tx.run(&INSERT, [project.get().into(), user.get().into(), name_of(role).into()]).await?;
        let member = find(&tx, project, user).await?;
        note(&tx, "membership.added", project, user, Some(role), by, now).await?;
        tx.commit().await?;
        self.access_changed();
        Ok(member)
    }

    /// Makes a member something else. Made the owner, they own the project from now on, and whoever did becomes an editor.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when they are no member, [`StoreError::Needed`] for the owner, [`StoreError::QuotaReached`]
    /// and [`StoreError::Taken`] when the new owner has too many projects, or one of its name.
    pub async fn change_member(
        &self,
        project: ProjectId,
        user: UserId,
        role: ProjectRole,
        by: UserId,
        now: Timestamp,
    ) -> Result<Member, StoreError> {
        let tx = self.begin("change a member's role").await?;
        let owner = held(&tx, by, project).await?.owner;
        let member = find(&tx, project, user).await?;
        if member.role == role {
            return Ok(member);
        }
        keep_the_owner(&tx, member.role)?;
        if role == ProjectRole::Owner {
            keep_to_quota(&tx, user).await?;
            let editor = name_of(ProjectRole::Editor);
            tx.run(&WRITE, [project.get().into(), owner.get().into(), editor.into()]).await?;
            tx.run(&GIVE, [project.get().into(), user.get().into()]).await?;
        }
        tx.run(&WRITE, [project.get().into(), user.get().into(), name_of(role).into()]).await?;
        note(&tx, "membership.updated", project, user, Some(role), by, now).await?;
        tx.commit().await?;
        self.access_changed();
        Ok(Member { role, ..member })
    }

    /// Takes somebody out of a project.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when they are no member, [`StoreError::Needed`] for the owner.
    pub async fn remove_member(
        &self,
        project: ProjectId,
        user: UserId,
        by: UserId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tx = self.begin("remove a member").await?;
        held(&tx, by, project).await?;
        keep_the_owner(&tx, find(&tx, project, user).await?.role)?;
        tx.run(&REMOVE, [project.get().into(), user.get().into()]).await?;
        note(&tx, "membership.removed", project, user, None, by, now).await?;
        tx.commit().await?;
        self.access_changed();
        Ok(())
    }
}

async fn find(run: &impl Run, project: ProjectId, user: UserId) -> Result<Member, StoreError> {
    let missing = StoreError::NotFound { operation: run.operation(), what: "member" };
    read_member(&run.row(&ONE, [project.get().into(), user.get().into()]).await?.ok_or(missing)?)
}

fn keep_the_owner(tx: &Tx, role: ProjectRole) -> Result<(), StoreError> {
    let why = "they own the project; make another member its owner first";
    let owns = role == ProjectRole::Owner;
    if owns { Err(StoreError::Needed { operation: tx.operation(), why }) } else { Ok(()) }
}

async fn note(
    tx: &Tx,
    action: &str,
    project: ProjectId,
    user: UserId,
    role: Option<ProjectRole>,
    by: UserId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let deed = Deed { by: Actor::User(by), project: Some(project), at: now };
    deed.note(tx, action, format!("project:{project}"), &Detail { user, role }).await
}

fn read_member(row: &Row) -> Result<Member, StoreError> {
    Ok(Member {
        user: row.get("user_id")?,
        username: row.maybe("username")?,
        display_name: row.get("display_name")?,
        role: row.named("role")?,
    })
}
