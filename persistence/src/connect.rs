//! Opening the database: which addresses are accepted, and how each connection is set up.
//!
//! SQLite runs in WAL mode with foreign keys on: one connection writes, a few read, and none ever blocks the other. Its
//! pages are cached, not mapped, so that the file's size does not show as the process's memory. PostgreSQL has one pool.

use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DatabaseConnection};

use crate::error::StoreError;
use crate::rows::Dialect;

/// What a commit survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// A power cut (`synchronous = FULL`).
    #[default]
    Power,
    /// A killed process, but not a power cut (`synchronous = NORMAL` in WAL mode, `synchronous_commit = off`).
    Process,
}

/// Where the database is and how it is used.
#[derive(Clone)]
pub struct DatabaseConfig {
    /// `sqlite://path?mode=rwc` or `postgres://user:password@host:port/name`.
    pub url: String,
    /// What a commit survives.
    pub durability: Durability,
    /// How many connections to open at most: to PostgreSQL, or for reading SQLite beside the one that writes.
    pub max_connections: u32,
}

impl std::fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseConfig")
            .field("url", &without_password(&self.url))
            .field("durability", &self.durability)
            .field("max_connections", &self.max_connections)
            .finish()
    }
}

const OPENING: &str = "open the database";

/// How long a caller waits for a connection, or SQLite for another process's lock.
const PATIENCE: Duration = Duration::from_secs(10);

/// Prepared statements kept per connection: more than there are in this crate.
const STATEMENTS: usize = 512;

/// How PostgreSQL plans. A plan that it made and kept while a table was empty reads the whole table for every row once the
/// table has grown, until statistics are gathered a minute or more later: a claim from 300,000 jobs took 27 s instead of
/// 7 ms. Planned with the parameters at hand, statements see how large the tables are; that costs a tenth to half of a
/// millisecond each. Statements here read a few rows in an index's order: a bitmap would collect and sort what is due first.
const PLANS: [(&str, &str); 3] =
    [("plan_cache_mode", "force_custom_plan"), ("enable_bitmapscan", "off"), ("jit", "off")];

pub(crate) async fn connect(
    config: &DatabaseConfig,
) -> Result<(Dialect, DatabaseConnection, DatabaseConnection), StoreError> {
    match dialect_of(&config.url)? {
        Dialect::Sqlite => {
            let writer = sqlite(config, true).await?;
            let readers = sqlite(config, false).await?;
            Ok((Dialect::Sqlite, writer, readers))
        }
        Dialect::Postgres => {
            let pool = postgres(config).await?;
            Ok((Dialect::Postgres, pool.clone(), pool))
        }
    }
}

fn dialect_of(url: &str) -> Result<Dialect, StoreError> {
    let refuse = |reason| StoreError::Address { address: without_password(url), reason };
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Dialect::Postgres);
    }
    let Some(path) = url.strip_prefix("sqlite:") else {
        return Err(refuse("write sqlite://path?mode=rwc or postgres://user@host/name"));
    };
    if path.contains(":memory:") || path.contains("mode=memory") {
        return Err(refuse("a database in memory is lost with its connection; name a file"));
    }
    if path.trim_start_matches('/').split('?').next().is_none_or(str::is_empty) {
        return Err(refuse("the file's path is missing; write sqlite://path?mode=rwc"));
    }
    Ok(Dialect::Sqlite)
}

async fn sqlite(config: &DatabaseConfig, writes: bool) -> Result<DatabaseConnection, StoreError> {
    let synchronous = match config.durability {
        Durability::Power => "FULL",
        Durability::Process => "NORMAL",
    };
    let mut options = base(&config.url);
    options.max_connections(if writes { 1 } else { config.max_connections.clamp(1, 4) });
    options.map_sqlx_sqlite_opts(move |sqlite| {
        let sqlite = sqlite
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            .statement_cache_capacity(STATEMENTS)
            .row_buffer_size(1024)
            .pragma("temp_store", "MEMORY");
        if writes {
            sqlite
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", synchronous)
                .pragma("cache_size", "-65536")
                .pragma("wal_autocheckpoint", "16000")
        } else {
            sqlite.pragma("query_only", "ON").pragma("cache_size", "-4096")
        }
    });
    Database::connect(options).await.map_err(|source| StoreError::sort(OPENING, source))
}

async fn postgres(config: &DatabaseConfig) -> Result<DatabaseConnection, StoreError> {
    let synchronous = match config.durability {
        Durability::Power => "on",
        Durability::Process => "off",
    };
    let mut options = base(&config.url);
    options.max_connections(config.max_connections.max(2));
    options.map_sqlx_postgres_opts(move |postgres| {
        postgres
            .statement_cache_capacity(STATEMENTS)
            .options([("synchronous_commit", synchronous)])
            .options(PLANS)
    });
    Database::connect(options).await.map_err(|source| StoreError::sort(OPENING, source))
}

fn base(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    options
}

/// The address as it may be shown.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    match authority.rsplit_once('@') {
        Some((user, host)) => {
            let name = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{name}@{host}{}", &rest[authority.len()..])
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_and_servers_are_addresses() {
        assert_eq!(dialect_of("sqlite://a/b.db?mode=rwc").unwrap(), Dialect::Sqlite);
        assert_eq!(dialect_of("postgres://a@b/c").unwrap(), Dialect::Postgres);
        for refused in ["sqlite::memory:", "sqlite://?mode=rwc", "mysql://a/b", "beseda.db", ""] {
            assert!(matches!(dialect_of(refused), Err(StoreError::Address { .. })), "{refused}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(without_password("postgres://a:p@ss@b:1/c?d"), "postgres://a@b:1/c?d");
        assert_eq!(without_password("sqlite://x.db"), "sqlite://x.db");
    }
}
