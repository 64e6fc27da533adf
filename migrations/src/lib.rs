//! The schema, as the steps that build it; the same on SQLite and PostgreSQL.
//!
//! One file per area of the model. A migration that was released is never edited: the next change is a new file at the end
//! of [`Migrator::migrations`]. Lists in CHECKs are written out, because a migration is history and must not move with the
//! enum it once mirrored; a test in `persistence` compares them with the enums of today.

use sea_orm_migration::prelude::*;

mod m0001_people;
mod m0002_channels;
mod m0003_accounts;
mod m0004_campaigns;
mod m0005_posts;
mod m0006_comments;
mod m0007_jobs;
mod m0008_records;
mod m0009_peers;
mod m0010_proxies;
mod m0011_unlabelled;
mod m0012_health;
mod m0013_aims;
mod m0014_access;
mod m0015_stewards;
mod m0016_catalogue;
mod m0017_review;
mod m0018_webhooks;
mod step;

use step::Step;

/// All steps, oldest first.
const STEPS: &[Step] = &[
    m0001_people::STEP,
    m0002_channels::STEP,
    m0003_accounts::STEP,
    m0004_campaigns::STEP,
    m0005_posts::STEP,
    m0006_comments::STEP,
    m0007_jobs::STEP,
    m0008_records::STEP,
    m0009_peers::STEP,
    m0010_proxies::STEP,
    m0011_unlabelled::STEP,
    m0012_health::STEP,
    m0013_aims::STEP,
    m0014_access::STEP,
    m0015_stewards::STEP,
    m0016_catalogue::STEP,
    m0017_review::STEP,
    m0018_webhooks::STEP,
];

/// All migrations, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        STEPS.iter().map(|step| Box::new(*step) as Box<dyn MigrationTrait>).collect()
    }
}

/// The text of every definition, in the order in which they are applied: for comparing the schema with what it mirrors.
pub fn definitions() -> impl Iterator<Item = &'static str> {
    STEPS.iter().flat_map(|step| step.definitions.iter().chain(step.on_postgres)).copied()
}
