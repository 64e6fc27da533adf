//! The schema's version: what was applied, what is missing, and the refusal of a database that is ahead of this program.

use migrations::Migrator;
use sea_orm_migration::MigratorTrait as _;

use crate::error::StoreError;
use crate::rows::{Dialect, Sql};
use crate::store::{Run as _, Store};

const MIGRATING: &str = "migrate the database";

/// What [`Store::migrate`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The migrations applied now, oldest first; empty when the schema was current.
    pub names: Vec<String>,
}

impl Store {
    /// Brings the schema up to this version. Doing it again changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Newer`] when the database knows more than this version, otherwise the database's own.
    pub async fn migrate(&self) -> Result<Applied, StoreError> {
        let names = self.pending().await?;
        if !names.is_empty() {
            Migrator::up(self.writer(), None).await.map_err(|source| StoreError::sort(MIGRATING, source))?;
        }
        Ok(Applied { names })
    }

    /// The migrations that are still to be applied, oldest first. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::Newer`] when the database knows more than this version, otherwise the database's own.
    pub async fn pending(&self) -> Result<Vec<String>, StoreError> {
        let applied = self.applied().await?;
        let known: Vec<_> =
            Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
        let unknown: Vec<_> = applied.iter().filter(|name| !known.contains(name)).cloned().collect();
        if unknown.is_empty() {
            Ok(known.into_iter().filter(|name| !applied.contains(name)).collect())
        } else {
            Err(StoreError::Newer { unknown })
        }
    }

    async fn applied(&self) -> Result<Vec<String>, StoreError> {
        static SQLITE_TABLE: Sql = Sql::new("SELECT 1 FROM sqlite_schema WHERE name = 'seaql_migrations'");
        static POSTGRES_TABLE: Sql = Sql::new("SELECT 1 WHERE to_regclass('seaql_migrations') IS NOT NULL");
        static VERSIONS: Sql = Sql::new("SELECT version FROM seaql_migrations ORDER BY version");

        let reads = self.read(MIGRATING);
        let table = match self.dialect() {
            Dialect::Sqlite => &SQLITE_TABLE,
            Dialect::Postgres => &POSTGRES_TABLE,
        };
        if reads.row(table, []).await?.is_none() {
            return Ok(Vec::new());
        }
        reads.rows(&VERSIONS, []).await?.iter().map(|row| row.get("version")).collect()
    }
}
