//! The installation as its administrators see it: whether all work is paused, and which processes work on this database.

use domain::id::UserId;
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::outbox::{Actor, AuditEntry, audit};
use crate::row::Row;
use crate::rows::{Dialect, Sql};
use crate::setup::SYSTEM_PAUSED;
use crate::store::{Run as _, Store};

static NODES: Sql = Sql::new(
    "SELECT n.name, n.heartbeat_at, n.until, (SELECT count(*) FROM account_leases l WHERE l.node_id = n.id) AS accounts
     FROM nodes n ORDER BY n.name",
);

/// A process among those that share the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedNode {
    /// Its name.
    pub name: String,
    /// When it last said that it is alive.
    pub heartbeat_at: Timestamp,
    /// Until when its word counts.
    pub until: Timestamp,
    /// How many accounts it holds.
    pub accounts: u64,
}

impl Store {
    /// Whether all work is paused.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn is_system_paused(&self) -> Result<bool, StoreError> {
        Ok(self.setting(None, SYSTEM_PAUSED).await?.as_deref() == Some("true"))
    }

    /// The processes that share the database, by their names. None on SQLite, where one process has everything.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list_nodes(&self) -> Result<Vec<ListedNode>, StoreError> {
        if self.dialect() == Dialect::Sqlite {
            return Ok(Vec::new());
        }
        let node = |row: &Row| {
            Ok(ListedNode {
                name: row.get("name")?,
                heartbeat_at: row.get("heartbeat_at")?,
                until: row.get("until")?,
                accounts: row.small("accounts")?,
            })
        };
        self.read("list the nodes").rows(&NODES, []).await?.iter().map(node).collect()
    }

    /// Writes down that somebody has an actor of a node started anew.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn audit_restart(
        &self,
        node: &str,
        actor: &str,
        by: UserId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let tx = self.begin("write a restart down").await?;
        let entry = AuditEntry {
            actor: Actor::User(by),
            project: None,
            action: "actor.restarted".to_owned(),
            subject: actor.to_owned(),
            detail: serde_json::json!({ "node": node }).to_string(),
            at,
        };
        audit(&tx, &entry).await?;
        tx.commit().await
    }
}
