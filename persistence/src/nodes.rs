//! Which process may connect accounts: at most one at any time, also across restarts.
//!
//! A process enters under a node's name before it connects anything, and what keeps others out ends with the process itself,
//! however that ends. On SQLite it is an exclusive lock on a file beside the database, so a second process stays outside
//! whatever it calls itself. On PostgreSQL it is a lock on the name, held by a connection of its own; several nodes share the
//! database, and each account is leased to one of them. A lease counts as long as its node's word that it is alive: a node
//! that cannot give its word in time must have let go of its accounts by then, and others take them over. Every entry makes
//! a new node row, and every lease a new fence, so what a node writes for an account that it lost is refused.

use std::collections::HashSet;
use std::fs::{File, TryLockError};
use std::path::PathBuf;

use domain::id::AccountId;
use domain::time::Timestamp;
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::{self, Connection as _};
use sea_orm::{DbErr, RuntimeErr};
use serde::Serialize;
use tokio::sync::Mutex;

use crate::error::StoreError;
use crate::rows::{Dialect, Sql, rows};
use crate::store::{Run as _, Store, Tx};

const ENTERING: &str = "enter as a node";
const STAYING: &str = "say that the node is alive";

/// Waits for the end of a connection whose process was just killed, but not for one that lives.
const PATIENCE: &str = "SET lock_timeout = '5s'";

const LOCK: &str = "SELECT pg_advisory_lock(hashtextextended('beseda node ' || $1, 0))";

/// What an earlier process of this name held is free.
const FORGET: &str = "DELETE FROM nodes WHERE name = $1";

const ENTER: &str = "INSERT INTO nodes (name, heartbeat_at, until) VALUES ($1, $2, $3) RETURNING id";

const STAY: &str = "UPDATE nodes SET heartbeat_at = $2, until = $3 WHERE id = $1";

/// Accounts that nobody holds, or whose node gave its word until a time that has passed.
static CLAIM: Sql = Sql::new(
    "INSERT INTO account_leases AS mine (account_id, node_id, fence)
     SELECT a.id, $1, 1 FROM accounts a
     LEFT JOIN account_leases l ON l.account_id = a.id
     LEFT JOIN nodes n ON n.id = l.node_id
     WHERE a.status <> 'dead' AND (CAST($3 AS BIGINT) IS NULL OR a.id = $3)
         AND (l.account_id IS NULL OR (n.until <= $2 AND n.id <> $1))
     ON CONFLICT (account_id) DO UPDATE SET node_id = excluded.node_id, fence = mine.fence + 1
         WHERE (SELECT n.until FROM nodes n WHERE n.id = mine.node_id) <= $2
     RETURNING account_id, fence",
);

static HELD: Sql = Sql::new(
    "SELECT 1 FROM account_leases WHERE account_id = $1 AND node_id = $2 AND fence = $3 {FOR SHARE}",
);

/// Which of these leases still are what they were.
static STILL_HELD: Sql = Sql::new(
    "SELECT l.account_id, l.node_id, l.fence FROM rows($1: account_id bigint, node_id bigint, fence bigint) r
     JOIN account_leases l ON l.account_id = r.account_id AND l.node_id = r.node_id AND l.fence = r.fence
     {FOR SHARE OF l}",
);

/// This process's place among those that share the database. Dropping it gives the place up.
#[derive(Debug)]
pub struct Presence {
    node: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// The only process of this file.
    Sole { _lock: File },
    /// One of several nodes; the connection holds the lock on the name.
    Shared { id: i64, connection: Box<Mutex<PgConnection>> },
}

/// The right to connect an account and to write what happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hold {
    /// The account.
    pub account: AccountId,
    /// Which node's lease of it this is; `None` where one process has them all.
    lease: Option<(i64, i64)>,
}

impl Hold {
    /// The right of an account's owner, who asks no node.
    pub(crate) const fn of_owner(account: AccountId) -> Self {
        Self { account, lease: None }
    }
}

impl Presence {
    /// The name it entered under.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.node
    }

    /// The right to any account, if this is the only process there can be.
    #[must_use]
    pub fn sole(&self, account: AccountId) -> Option<Hold> {
        match self.place {
            Place::Sole { .. } => Some(Hold { account, lease: None }),
            Place::Shared { .. } => None,
        }
    }

    /// Whether accounts are leased to nodes one by one, and the node has to say that it is alive.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        matches!(self.place, Place::Shared { .. })
    }
}

impl Store {
    /// Enters as `node`, alive until `until`. What an earlier process of this name held is free from now on.
    ///
    /// # Errors
    /// [`StoreError::Occupied`] when another process has the database, or on PostgreSQL the name.
    pub async fn enter(&self, node: &str, now: Timestamp, until: Timestamp) -> Result<Presence, StoreError> {
        let place = match self.dialect() {
            Dialect::Sqlite => Place::Sole { _lock: lock_beside(&self.file())? },
            Dialect::Postgres => self.enter_shared(node, now, until).await?,
        };
        Ok(Presence { node: node.to_owned(), place })
    }

    /// Says that the node is alive until `until`. Where one process has everything, nothing needs to be said.
    ///
    /// # Errors
    /// [`StoreError::Occupied`] when another process has entered under this name since; the database's own when it cannot be
    /// said now.
    pub async fn stay(
        &self,
        presence: &Presence,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let Place::Shared { id, connection } = &presence.place else { return Ok(()) };
        let mut connection = connection.lock().await;
        let said = sqlx::query(STAY).bind(id).bind(now.micros()).bind(until.micros());
        let said = said.execute(&mut *connection).await.map_err(|source| sort(STAYING, source))?;
        if said.rows_affected() == 0 { Err(occupied_name()) } else { Ok(()) }
    }

    /// Takes what nobody holds: `only` this account, or all there are. Returns what was taken now; where one process has
    /// everything, that is nothing, see [`Presence::sole`].
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn take_accounts(
        &self,
        presence: &Presence,
        only: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Vec<Hold>, StoreError> {
        let Place::Shared { id, .. } = &presence.place else { return Ok(Vec::new()) };
        let values = [(*id).into(), now.micros().into(), only.map(AccountId::get).into()];
        let taken = self.at_once("take accounts over").rows(&CLAIM, values).await?;
        let hold = |row: &crate::row::Row| {
            Ok(Hold { account: row.get("account_id")?, lease: Some((*id, row.get("fence")?)) })
        };
        taken.iter().map(hold).collect()
    }

    /// Gives the place up, and every account with it.
    ///
    /// # Errors
    /// The database's own; the place is given up all the same.
    pub async fn leave(&self, presence: Presence) -> Result<(), StoreError> {
        match presence.place {
            Place::Sole { .. } => Ok(()),
            Place::Shared { connection, .. } => {
                let operation = "leave as a node";
                let mut connection = connection.into_inner();
                let forgotten = sqlx::query(FORGET).bind(&presence.node).execute(&mut connection).await;
                let closed = connection.close().await;
                forgotten.map(drop).and(closed).map_err(|source| sort(operation, source))
            }
        }
    }

    async fn enter_shared(&self, node: &str, now: Timestamp, until: Timestamp) -> Result<Place, StoreError> {
        let options = self.writer().get_postgres_connection_pool().connect_options();
        let entered = async {
            let mut connection = PgConnection::connect_with(&options).await?;
            sqlx::query(PATIENCE).execute(&mut connection).await?;
            sqlx::query(LOCK).bind(node).execute(&mut connection).await?;
            sqlx::query(FORGET).bind(node).execute(&mut connection).await?;
            let id = sqlx::query_scalar::<_, i64>(ENTER).bind(node).bind(now.micros()).bind(until.micros());
            let id = id.fetch_one(&mut connection).await?;
            Ok(Place::Shared { id, connection: Box::new(Mutex::new(connection)) })
        };
        entered.await.map_err(|source| {
            let refused = sort(ENTERING, source);
            if matches!(refused, StoreError::Busy { .. }) { occupied_name() } else { refused }
        })
    }

    /// The database's own file.
    fn file(&self) -> PathBuf {
        self.writer().get_sqlite_connection_pool().connect_options().get_filename().to_owned()
    }
}

/// Refuses what a node writes for an account that it does not hold any more.
pub(crate) async fn require(tx: &Tx, hold: Hold) -> Result<(), StoreError> {
    let Some((node, fence)) = hold.lease else { return Ok(()) };
    match tx.row(&HELD, [hold.account.get().into(), node.into(), fence.into()]).await? {
        Some(_) => Ok(()),
        None => Err(StoreError::NotHeld { operation: tx.operation() }),
    }
}

/// Those of `holds` that count still.
pub(crate) async fn still_held(tx: &Tx, holds: &[Hold]) -> Result<HashSet<Hold>, StoreError> {
    #[derive(Serialize)]
    struct LeaseRow {
        account_id: AccountId,
        node_id: i64,
        fence: i64,
    }
    let (leased, free): (Vec<_>, Vec<_>) = holds.iter().copied().partition(|hold| hold.lease.is_some());
    let mut held: HashSet<_> = free.into_iter().collect();
    let row = |hold: &Hold| {
        let (node_id, fence) = hold.lease?;
        Some(LeaseRow { account_id: hold.account, node_id, fence })
    };
    let leases: Vec<_> = leased.iter().filter_map(row).collect();
    if leases.is_empty() {
        return Ok(held);
    }
    for row in &tx.rows(&STILL_HELD, [rows(tx.operation(), &leases)?]).await? {
        let lease = Some((row.get("node_id")?, row.get("fence")?));
        held.insert(Hold { account: row.get("account_id")?, lease });
    }
    Ok(held)
}

/// Locks `FILE.lock`. The database's own file will not do: closing any handle of it would drop SQLite's locks.
fn lock_beside(file: &std::path::Path) -> Result<File, StoreError> {
    let mut name = file.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let locked = File::options().create(true).append(true).open(&path);
    let lock = locked.map_err(|source| StoreError::Lock { path: path.clone(), source })?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StoreError::Occupied {
            advice: "one process at a time works with a SQLite file: stop the other one",
        }),
        Err(TryLockError::Error(source)) => Err(StoreError::Lock { path, source }),
    }
}

fn occupied_name() -> StoreError {
    StoreError::Occupied { advice: "it has the same node.name: stop it, or give this one a name of its own" }
}

fn sort(operation: &'static str, source: sqlx::Error) -> StoreError {
    StoreError::sort(operation, DbErr::Query(RuntimeErr::SqlxError(source.into())))
}
