//! The end of a project: it is gone for everybody at once, and its rows follow in bounded steps.
//!
//! What must not wait goes with the word itself, in one transaction: its members and tokens, its accounts' sessions and phone
//! numbers, its proxies' passwords, and all work. What is much goes afterwards, a bounded number of rows at a time, so that
//! nobody waits long for the database; the project's own row goes last. Where a step was broken off, the next one goes on.
//! Who deleted it stands in the audit log of the installation, because the project's own goes, too.

use domain::id::{AccountId, ProjectId, UserId};
use domain::time::Timestamp;
use serde::Serialize;

use super::projects::held;
use crate::error::StoreError;
use crate::outbox::{Actor, Deed};
use crate::rows::Sql;
use crate::store::{Run as _, Store};

/// Its name is free for another one.
static MARK: Sql = Sql::new(
    "UPDATE projects SET deleted_at = $2, status = 'archived', name = 'deleted project ' || id, version = version + 1
     WHERE id = $1",
);

/// Done with the mark. An account may be connected elsewhere from then on.
static AT_ONCE: [Sql; 5] = [
    Sql::new("DELETE FROM memberships WHERE project_id = $1"),
    Sql::new("DELETE FROM api_tokens WHERE project_id = $1"),
    Sql::new("UPDATE channels SET status = 'lost' WHERE project_id = $1"),
    Sql::new("UPDATE proxies SET username = NULL, password_sealed = NULL WHERE project_id = $1"),
    Sql::new("UPDATE campaigns SET status = 'off' WHERE project_id = $1"),
];

static LOCK_OUT: Sql = Sql::new(
    "UPDATE accounts SET status = 'needs_login', wait_until = NULL, session_sealed = NULL, phone_sealed = NULL,
         telegram_id = NULL
     WHERE project_id = $1 RETURNING id",
);

static MARKED: Sql =
    Sql::new("SELECT id FROM projects WHERE deleted_at IS NOT NULL ORDER BY deleted_at, id LIMIT 1");

/// What belongs to a project in great numbers, in an order in which no row takes many others along. Whatever is not named here
/// goes with the rows that it belongs to.
static STEPS: [Sql; 9] = [
    Sql::new(
        "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE project_id = $1 AND state <> 'running' ORDER BY id LIMIT $2)",
    ),
    Sql::new(
        "DELETE FROM comments WHERE id IN (SELECT id FROM comments WHERE project_id = $1 ORDER BY id LIMIT $2)",
    ),
    Sql::new(
        "DELETE FROM thread_messages WHERE id IN (SELECT m.id FROM posts p JOIN thread_messages m ON m.post_id = p.id
             WHERE p.project_id = $1 LIMIT $2)",
    ),
    Sql::new("DELETE FROM posts WHERE id IN (SELECT id FROM posts WHERE project_id = $1 ORDER BY id LIMIT $2)"),
    Sql::new(
        "DELETE FROM metrics_daily WHERE project_id = $1 AND day IN (SELECT DISTINCT d.day FROM metrics_daily d
             WHERE d.project_id = $1 ORDER BY d.day LIMIT 1 + $2 / 1000)",
    ),
    Sql::new("DELETE FROM events WHERE id IN (SELECT id FROM events WHERE project_id = $1 LIMIT $2)"),
    Sql::new(
        "DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log WHERE project_id = $1 ORDER BY id LIMIT $2)",
    ),
    Sql::new(
        "DELETE FROM accounts WHERE id IN (SELECT id FROM accounts WHERE project_id = $1 ORDER BY id LIMIT 1 + $2 / 100)",
    ),
    Sql::new(
        "DELETE FROM channels WHERE id IN (SELECT id FROM channels WHERE project_id = $1 ORDER BY id LIMIT 1 + $2 / 100)",
    ),
];

static LAST: Sql = Sql::new("DELETE FROM projects WHERE id = $1 AND deleted_at IS NOT NULL");

/// How far a deletion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erased {
    /// Rows of a project went, and there may be more.
    Rows(u64),
    /// The last of a project's rows went, its own.
    Project(ProjectId),
    /// No project is being deleted.
    Nothing,
}

#[derive(Serialize)]
struct Detail<'a> {
    name: &'a str,
}

impl Store {
    /// Deletes a project for everybody, once its name is repeated. Its rows follow with [`Store::erase_some`]. Returns its
    /// accounts, whose connections are to be closed: their sessions are gone.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such project, [`StoreError::NotConfirmed`] when it has another name; nothing
    /// is changed then.
    pub async fn delete_project(
        &self,
        project: ProjectId,
        name: &str,
        by: UserId,
        now: Timestamp,
    ) -> Result<Vec<AccountId>, StoreError> {
        let tx = self.begin("delete a project").await?;
        let found = held(&tx, by, project).await?;
        if found.name != name {
            return Err(StoreError::NotConfirmed { operation: tx.operation() });
        }
        tx.run(&MARK, [project.get().into(), now.micros().into()]).await?;
        for sql in &AT_ONCE {
            tx.run(sql, [project.get().into()]).await?;
        }
        let locked_out = tx.rows(&LOCK_OUT, [project.get().into()]).await?;
        let accounts = locked_out.iter().map(|row| row.get("id")).collect::<Result<_, _>>()?;
        let deed = Deed { by: Actor::User(by), project: None, at: now };
        deed.note(&tx, "project.deleted", format!("project:{project}"), &Detail { name }).await?;
        tx.commit().await?;
        self.access_changed();
        Ok(accounts)
    }

    /// Removes rows of the project that was deleted first, about `limit` at most: one step, which is a transaction of its own.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn erase_some(&self, limit: u32) -> Result<Erased, StoreError> {
        let run = self.at_once("remove what belonged to a deleted project");
        let Some(row) = run.row(&MARKED, []).await? else { return Ok(Erased::Nothing) };
        let project: ProjectId = row.get("id")?;
        for step in &STEPS {
            match run.run(step, [project.get().into(), i64::from(limit).into()]).await? {
                0 => {}
                rows => return Ok(Erased::Rows(rows)),
            }
        }
        run.run(&LAST, [project.get().into()]).await?;
        Ok(Erased::Project(project))
    }
}
