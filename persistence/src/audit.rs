//! Reading the audit log: who did what, newest first, in a project or in the whole installation.
//!
//! A detail is JSON where it says what became different, and plain words where it says why; entries of earlier versions have
//! words alone.

use domain::id::{ProjectId, UserId};
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::outbox::{Actor, AuditEntry};
use crate::row::Row;
use crate::rows::Sql;
use crate::store::{Run as _, Store};

macro_rules! entries {
    ($condition:literal) => {
        concat!(
            "SELECT l.id, l.user_id, u.username, l.project_id, l.action, l.subject, l.detail, l.at
             FROM audit_log l LEFT JOIN users u ON u.id = l.user_id
             WHERE ",
            $condition,
            " AND l.id < $2 AND $3 IN (0, l.user_id) AND $4 IN ('', l.subject)
                 AND ($5 = '' OR l.action = $5 OR substr(l.action, 1, length($5) + 1) = $5 || '.')
                 AND l.at >= $6 AND l.at < $7
             ORDER BY l.id DESC LIMIT $8"
        )
    };
}

static OF_PROJECT: Sql = Sql::new(entries!("l.project_id = $1"));

/// Project 0 stands for all of them.
static OF_ALL: Sql = Sql::new(entries!("$1 = 0"));

/// An entry of the audit log with its place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedEntry {
    /// Its place: later entries have greater ones.
    pub id: i64,
    /// The username of whoever did it, if it was a person who has one.
    pub username: Option<String>,
    /// What was done.
    pub entry: AuditEntry,
}

/// Which entries are listed.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Those of this person.
    pub user: Option<UserId>,
    /// Those about this, such as `account:7`.
    pub subject: Option<String>,
    /// Those of this action, such as `account.login`, or of this family of actions, such as `account`.
    pub action: Option<String>,
    /// Those from then on.
    pub since: Option<Timestamp>,
    /// Those before then.
    pub until: Option<Timestamp>,
}

impl Store {
    /// The audit log of a project, or with `None` of the whole installation; newest first, below `before`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list_audit(
        &self,
        project: Option<ProjectId>,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<ListedEntry>, StoreError> {
        let values = [
            project.map_or(0, ProjectId::get).into(),
            before.unwrap_or(i64::MAX).into(),
            filter.user.map_or(0, UserId::get).into(),
            filter.subject.clone().unwrap_or_default().into(),
            filter.action.clone().unwrap_or_default().into(),
            filter.since.map_or(i64::MIN, Timestamp::micros).into(),
            filter.until.map_or(i64::MAX, Timestamp::micros).into(),
            i64::from(limit).into(),
        ];
        let sql = if project.is_some() { &OF_PROJECT } else { &OF_ALL };
        self.read("list the audit log").rows(sql, values).await?.iter().map(read_entry).collect()
    }
}

fn read_entry(row: &Row) -> Result<ListedEntry, StoreError> {
    Ok(ListedEntry {
        id: row.get("id")?,
        username: row.maybe("username")?,
        entry: AuditEntry {
            actor: row.maybe::<UserId>("user_id")?.map_or(Actor::System, Actor::User),
            project: row.maybe("project_id")?,
            action: row.get("action")?,
            subject: row.get("subject")?,
            detail: row.get("detail")?,
            at: row.get("at")?,
        },
    })
}
