//! The schema, as the steps that build it; the same on SQLite and PostgreSQL.
//!
//! One file per area of the model. A migration that was released is never edited: the next change is a new file at the end
//! of [`Migrator::migrations`]. Lists in CHECKs are written out, because a migration is history and must not move with the
//! enum it once mirrored; a test in `persistence` compares them with the enums of today.

use sea_orm_migration::prelude::*;

mod dialect;

/// All migrations, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![]
    }
}
