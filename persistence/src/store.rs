//! The Store: one handle to the database, with one method per use case in the modules beside this one.
//!
//! Writing goes through a [`Tx`]: it is begun for a named operation, collects the events it has to tell, and on commit
//! appends them last and wakes whoever waits for jobs. Dropped uncommitted, it rolls back. Reading goes through a [`Session`]
//! that never waits for a writer. On SQLite there is one writing connection, so that writers queue up in this process
//! instead of failing on each other's locks.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use domain::comment::StateName;
use domain::id::{AccountId, ChannelId, CommentId};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait, Value,
};
use secrecy::SecretSlice;
use tokio::sync::watch;

use crate::access::memory::Memory;
use crate::connect;
use crate::drafting::{self, SeededDraft};
use crate::error::StoreError;
use crate::gather::Gather;
use crate::health::{self, Checkup};
use crate::nodes::Hold;
use crate::observing::{self, Observation, ObservationTarget};
use crate::outbox::{self, NewEvent};
use crate::peers::{self, Kept, PeerRow};
use crate::queue::{Bells, Lease, Listener, bump};
use crate::round::{Round, Stage};
use crate::row::Row;
use crate::rows::{self, Dialect, Sql};
use crate::sending::{self, Aim, Begun, SendOutcome};
use crate::vault::Vault;
use crate::watching::{
    self, AuditDone, ChannelCursor, Gone, RecordMessages, RecordPosts, Recorded, RecordedMessages,
};

pub use crate::connect::{DatabaseConfig, Durability};

/// The database. Cheap to clone; all clones share connections.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
    /// What opens the secrets in it, where they were asked for.
    vault: Option<Vault>,
}

#[derive(Debug)]
struct Inner {
    dialect: Dialect,
    writer: DatabaseConnection,
    readers: DatabaseConnection,
    bells: Bells,
    /// Hears of other processes' commits, once somebody waits for them.
    listener: OnceLock<Listener>,
    gathers: Gathers,
    memory: Memory,
}

/// Where callers that come one at a time meet.
#[derive(Debug)]
pub(crate) struct Gathers {
    pub(crate) posts: Arc<Gather<RecordPosts, Recorded>>,
    pub(crate) messages: Arc<Gather<RecordMessages, RecordedMessages>>,
    pub(crate) deleted_posts: Arc<Gather<Gone, bool>>,
    pub(crate) deleted_messages: Arc<Gather<Gone, bool>>,
    pub(crate) aims: Arc<Gather<Aim, bool>>,
    pub(crate) begins: Arc<Gather<(Lease, CommentId), Begun>>,
    pub(crate) finishes: Arc<Gather<SendOutcome, Option<StateName>>>,
    pub(crate) cursors: Arc<Gather<ChannelId, Option<ChannelCursor>>>,
    pub(crate) audits: Arc<Gather<AuditDone, bool>>,
    pub(crate) targets: Arc<Gather<CommentId, Option<ObservationTarget>>>,
    pub(crate) looks: Arc<Gather<Observation, Option<StateName>>>,
    pub(crate) drafts: Arc<Gather<SeededDraft, Option<StateName>>>,
    pub(crate) sessions: Arc<Gather<(Hold, SecretSlice<u8>), Kept>>,
    pub(crate) peers: Arc<Gather<(AccountId, PeerRow), ()>>,
    pub(crate) checkups: Arc<Gather<(Hold, Checkup), ()>>,
}

impl Gathers {
    /// On SQLite all that write share rounds; on PostgreSQL each operation has its own.
    fn new(dialect: Dialect) -> Self {
        let shared = Round::new();
        let round = || match dialect {
            Dialect::Sqlite => shared.clone(),
            Dialect::Postgres => Round::new(),
        };
        Self {
            posts: watching::gather_posts(&round()),
            messages: watching::gather_messages(&round()),
            deleted_posts: watching::gather_deleted_posts(&round()),
            deleted_messages: watching::gather_deleted_messages(&round()),
            aims: sending::gather_aims(&round()),
            begins: sending::gather_begins(&round()),
            finishes: sending::gather_finishes(&round()),
            cursors: watching::gather_cursors(),
            audits: watching::gather_audits(&round()),
            targets: observing::gather_targets(),
            looks: observing::gather_looks(&round()),
            drafts: drafting::gather_drafts(&round()),
            sessions: peers::gather_sessions(&round()),
            peers: peers::gather_peers(&round()),
            checkups: health::gather_checkups(&round()),
        }
    }
}

impl Store {
    /// Connects, whatever the schema: for migrating. Everything else uses [`Store::open`].
    ///
    /// # Errors
    /// [`StoreError::Address`], [`StoreError::Unreachable`], [`StoreError::ReadOnly`].
    pub async fn connect(config: &DatabaseConfig) -> Result<Self, StoreError> {
        let (dialect, writer, readers) = connect::connect(config).await?;
        let gathers = Gathers::new(dialect);
        let (bells, listener) = (Bells::default(), OnceLock::new());
        let memory = Memory::new();
        let inner = Inner { dialect, writer, readers, bells, listener, gathers, memory };
        Ok(Self { inner: Arc::new(inner), vault: None })
    }

    /// Connects to a database whose schema is exactly this version's.
    ///
    /// # Errors
    /// Those of [`Store::connect`], [`StoreError::NotMigrated`] and [`StoreError::Newer`].
    pub async fn open(config: &DatabaseConfig) -> Result<Self, StoreError> {
        let store = Self::connect(config).await?;
        match store.pending().await? {
            missing if missing.is_empty() => Ok(store),
            missing => Err(StoreError::NotMigrated { missing }),
        }
    }

    /// Closes all connections. Operations begun later fail as unreachable.
    ///
    /// # Errors
    /// When SQLite cannot write its last pages back.
    pub async fn close(&self) -> Result<(), StoreError> {
        let closed = async {
            self.inner.readers.close_by_ref().await?;
            self.inner.writer.close_by_ref().await
        };
        closed.await.map_err(|source| StoreError::sort("close the database", source))
    }

    /// Which database it is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.inner.dialect
    }

    /// Changes after every commit that made jobs due or due earlier: of this process, and on PostgreSQL of all. It is a
    /// hint and may change for nothing. The first call needs a tokio runtime.
    #[must_use]
    pub fn wakes(&self) -> watch::Receiver<u64> {
        self.listening().jobs.subscribe()
    }

    /// Changes after every commit that told events: of this process, and on PostgreSQL of all. It is a hint and may change
    /// for nothing. The first call needs a tokio runtime.
    #[must_use]
    pub fn tells(&self) -> watch::Receiver<u64> {
        self.listening().events.subscribe()
    }

    /// What rings for other processes too, from now on.
    fn listening(&self) -> &Bells {
        let bells = &self.inner.bells;
        if self.dialect() == Dialect::Postgres {
            let pool = self.inner.writer.get_postgres_connection_pool();
            self.inner.listener.get_or_init(|| Listener::start(pool, bells.clone()));
        }
        bells
    }

    pub(crate) fn with_vault(self, vault: Vault) -> Self {
        Self { vault: Some(vault), ..self }
    }

    pub(crate) const fn vault(&self) -> Option<&Vault> {
        self.vault.as_ref()
    }

    /// What was just found out about who may what.
    pub(crate) fn memory(&self) -> &Memory {
        &self.inner.memory
    }

    pub(crate) fn gathers(&self) -> &Gathers {
        &self.inner.gathers
    }

    pub(crate) fn wake(&self) {
        bump(&self.inner.bells.jobs);
    }

    /// Lets those look again who wait for events.
    pub(crate) fn ring(&self) {
        bump(&self.inner.bells.events);
    }

    /// The connection that writes, for what does not run in a [`Tx`].
    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.inner.writer
    }

    /// Reads for `operation` (a verb phrase: "list posts"); each statement sees what was committed before it.
    pub(crate) fn read(&self, operation: &'static str) -> Session<'_> {
        Session { connection: &self.inner.readers, dialect: self.inner.dialect, operation }
    }

    /// Writes for `operation` with single statements, each of which is its own transaction.
    pub(crate) fn at_once(&self, operation: &'static str) -> Session<'_> {
        Session { connection: &self.inner.writer, dialect: self.inner.dialect, operation }
    }

    /// Begins a transaction for `operation` (a verb phrase: "record posts").
    pub(crate) async fn begin(&self, operation: &'static str) -> Result<Tx, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = match self.dialect() {
            Dialect::Sqlite => self.inner.writer.begin_with_options(options).await,
            // sqlx forgets a `BEGIN` whose caller goes away before it is answered: the connection comes back to the pool
            // inside a transaction, and what is written there next is never committed. So nobody goes away.
            Dialect::Postgres => {
                let writer = self.inner.writer.clone();
                let beginning = tokio::spawn(async move { writer.begin_with_options(options).await });
                beginning.await.map_err(|_| StoreError::Abandoned { operation })?
            }
        };
        let transaction = transaction.map_err(|source| StoreError::sort(operation, source))?;
        let store = self.clone();
        let (wakes, last) = (AtomicBool::new(false), Mutex::default());
        Ok(Tx { transaction, store, operation, wakes, last, events: Vec::new() })
    }
}

/// Something that runs statements on behalf of a named operation.
pub(crate) trait Run: Sync {
    fn connection(&self) -> &(impl ConnectionTrait + 'static);
    fn dialect(&self) -> Dialect;
    fn operation(&self) -> &'static str;

    /// Runs a statement and returns its rows.
    fn rows<const N: usize>(
        &self,
        sql: &Sql,
        values: [Value; N],
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send {
        let statement = sql.bind(self.dialect(), values);
        async move {
            let rows = self.connection().query_all_raw(statement).await;
            let rows = rows.map_err(|source| StoreError::sort(self.operation(), source))?;
            Ok(rows.into_iter().map(|cells| Row::new(cells, self.operation())).collect())
        }
    }

    /// Runs a statement and returns its first row.
    fn row<const N: usize>(
        &self,
        sql: &Sql,
        values: [Value; N],
    ) -> impl Future<Output = Result<Option<Row>, StoreError>> + Send {
        let rows = self.rows(sql, values);
        async move { Ok(rows.await?.into_iter().next()) }
    }

    /// Runs a statement and returns how many rows it changed.
    fn run<const N: usize>(
        &self,
        sql: &Sql,
        values: [Value; N],
    ) -> impl Future<Output = Result<u64, StoreError>> + Send {
        let statement = sql.bind(self.dialect(), values);
        async move {
            let done = self.connection().execute_raw(statement).await;
            Ok(done.map_err(|source| StoreError::sort(self.operation(), source))?.rows_affected())
        }
    }
}

/// Statements outside a transaction.
pub(crate) struct Session<'a> {
    connection: &'a DatabaseConnection,
    dialect: Dialect,
    operation: &'static str,
}

impl Run for Session<'_> {
    fn connection(&self) -> &(impl ConnectionTrait + 'static) {
        self.connection
    }

    fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn operation(&self) -> &'static str {
        self.operation
    }
}

/// A transaction of one operation.
pub(crate) struct Tx {
    transaction: DatabaseTransaction,
    store: Store,
    operation: &'static str,
    wakes: AtomicBool,
    last: Mutex<Vec<(&'static Sql, Vec<Value>)>>,
    events: Vec<NewEvent>,
}

impl Tx {
    /// Runs a statement right before the commit, after all that were run at once and in the order given. For whatever
    /// nothing in this transaction reads: SQLite takes all of these in one go, which spares a way to its thread for each.
    pub(crate) fn at_commit<const N: usize>(&self, sql: &'static Sql, values: [Value; N]) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.push((sql, values.into()));
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    /// Says that this transaction makes jobs due, so that its commit wakes those who claim.
    pub(crate) fn wake_on_commit(&self) {
        self.wakes.store(true, Ordering::Relaxed);
    }

    /// From here on it is for another caller.
    pub(crate) fn on_behalf_of(&mut self, stage: &Stage) {
        self.store = stage.store.clone();
        self.operation = stage.operation;
    }

    /// Tells an event with the commit.
    pub(crate) fn tell(&mut self, event: NewEvent) {
        self.events.push(event);
    }

    /// Makes everything since `begin` durable, at once or not at all. Events are appended last, because on PostgreSQL that
    /// takes the outbox's lock.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        let told = std::mem::take(&mut self.events);
        outbox::append(&self, &told)?;
        self.run_last().await?;
        let Self { transaction, store, operation, wakes, last: _, events: _ } = self;
        transaction.commit().await.map_err(|source| StoreError::sort(operation, source))?;
        if wakes.into_inner() {
            store.wake();
        }
        if !told.is_empty() {
            store.ring();
        }
        Ok(())
    }
}

impl Tx {
    /// Runs what was kept for the commit; what is told still waits for it.
    pub(crate) async fn run_last(&mut self) -> Result<(), StoreError> {
        let last = std::mem::take(self.last.get_mut().unwrap_or_else(PoisonError::into_inner));
        let dialect = self.dialect();
        let statements = match dialect {
            Dialect::Sqlite if last.is_empty() => Vec::new(),
            Dialect::Sqlite => vec![rows::in_one_go(last)],
            Dialect::Postgres => last.into_iter().map(|(sql, values)| sql.bind(dialect, values)).collect(),
        };
        for statement in statements {
            let done = self.transaction.execute_raw(statement).await;
            done.map_err(|source| StoreError::sort(self.operation, source))?;
        }
        Ok(())
    }
}

impl Run for Tx {
    fn connection(&self) -> &(impl ConnectionTrait + 'static) {
        &self.transaction
    }

    fn dialect(&self) -> Dialect {
        self.store.dialect()
    }

    fn operation(&self) -> &'static str {
        self.operation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::{Locale, NewUser, Role};
    use domain::time::{Timestamp, Zone};

    #[tokio::test]
    async fn a_full_disk_is_said_to_be_full_and_takes_nothing_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("full.db").display());
        let config = DatabaseConfig { url, durability: Durability::Process, max_connections: 1 };
        let store = Store::connect(&config).await.unwrap();
        store.migrate().await.unwrap();
        store.writer().execute_unprepared("PRAGMA max_page_count = 200").await.unwrap();
        let user = |number: u32| NewUser {
            telegram_id: None,
            username: Some(format!("user{number}")),
            display_name: "x".repeat(4000),
            role: Role::Member,
            locale: Locale::Ru,
            zone: Zone::UTC,
        };
        let mut written = 0;
        let refused = loop {
            match store.create_user(&user(written), Timestamp::EPOCH).await {
                Ok(_) => written += 1,
                Err(error) => break error,
            }
            assert!(written < 1000, "the disk never filled up");
        };
        assert!(matches!(refused, StoreError::DiskFull { .. }), "{refused:?}");
        store.writer().execute_unprepared("PRAGMA max_page_count = 100000").await.unwrap();
        let id = store.create_user(&user(written), Timestamp::EPOCH).await.unwrap();
        assert_eq!(id.get(), i64::from(written) + 1, "everything before it is there");
    }
}
