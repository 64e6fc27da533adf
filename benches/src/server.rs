//! The PostgreSQL server as the measurement sees it: fresh databases, settled tables, and the server's own counters.

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Executor as _, Row as _};

use crate::error::BenchError;

/// The server, reached through its maintenance database.
pub(crate) struct Server {
    options: PgConnectOptions,
    admin: PgPool,
}

/// What one database has cost the server so far.
pub(crate) struct Counters {
    pub(crate) commits: i64,
    pub(crate) wal_bytes: i64,
}

impl Server {
    pub(crate) async fn connect(address: &str) -> Result<Self, BenchError> {
        let asked = |source| BenchError::Server { operation: "be reached", source };
        let options: PgConnectOptions = address.parse().map_err(asked)?;
        let admin =
            PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await.map_err(asked)?;
        Ok(Self { options, admin })
    }

    pub(crate) async fn version(&self) -> Result<String, BenchError> {
        let row = self.admin.fetch_one("SHOW server_version").await;
        Ok(row.map_err(|source| BenchError::Server { operation: "tell its version", source })?.get(0))
    }

    /// An empty database of this name; its address.
    pub(crate) async fn fresh(&self, name: &str) -> Result<String, BenchError> {
        self.run("drop a database", &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        self.run("create a database", &format!("CREATE DATABASE {name}")).await?;
        Ok(self.options.clone().database(name).to_url_lossy().to_string())
    }

    /// Tables analysed, visibility known, dirty pages written: every contestant starts from the same rest.
    pub(crate) async fn settle(&self, name: &str) -> Result<(), BenchError> {
        let pool =
            PgPoolOptions::new().max_connections(1).connect_with(self.options.clone().database(name)).await;
        let pool = pool.map_err(|source| BenchError::Server { operation: "be reached", source })?;
        let done = pool.execute("VACUUM ANALYZE").await;
        done.map_err(|source| BenchError::Server { operation: "analyse the tables", source })?;
        pool.close().await;
        self.run("write a checkpoint", "CHECKPOINT").await
    }

    /// The database's counters, once all its connections are gone and have told theirs.
    pub(crate) async fn counters(&self, name: &str) -> Result<Counters, BenchError> {
        let operation = "tell its counters";
        let gone = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}' AND backend_type = 'client backend'"
        );
        loop {
            let row = self.admin.fetch_one(gone.as_str()).await;
            if row.map_err(|source| BenchError::Server { operation, source })?.get::<i64, _>(0) == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let text = format!(
            "SELECT xact_commit, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint
             FROM pg_stat_database WHERE datname = '{name}'"
        );
        let row = self.admin.fetch_one(text.as_str()).await;
        let row = row.map_err(|source| BenchError::Server { operation, source })?;
        Ok(Counters { commits: row.get(0), wal_bytes: row.get(1) })
    }

    async fn run(&self, operation: &'static str, text: &str) -> Result<(), BenchError> {
        let done = self.admin.execute(text).await;
        done.map(|_| ()).map_err(|source| BenchError::Server { operation, source })
    }
}

/// How many bytes this process has written.
pub(crate) fn bytes_written() -> Result<i64, BenchError> {
    let counters = std::fs::read_to_string("/proc/self/io").map_err(|source| BenchError::Files { source })?;
    let written = counters.lines().find_map(|line| line.strip_prefix("wchar: "));
    Ok(written.and_then(|bytes| bytes.parse().ok()).unwrap_or(0))
}
