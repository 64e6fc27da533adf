//! What tests of several crates stand on: a fresh database for each test, on either of the two kinds, bounded
//! waits, a small project to try things on ([`Scene`]), and hands that do its work step by step ([`Line`]).
//!
//! A PostgreSQL is named by `BESEDA_TEST_POSTGRES`; `make test` starts one. Everything here fails by panicking, with a line
//! that says what to do.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

mod database;
mod line;
mod scene;
mod wait;

pub use database::Database;
pub use line::Line;
pub use scene::{Scene, Sketch, seen_message, seen_post};
pub use wait::until;

#[doc(hidden)]
pub use tokio;

/// Runs each of the tests that follow on SQLite and on PostgreSQL, each time with a database of its own:
///
/// ```text
/// testkit::on_every_database! {
///     async fn a_claimed_job_is_not_claimed_again(db: &Database) {
///         // ...
///     }
/// }
/// ```
#[macro_export]
macro_rules! on_every_database {
    ($(async fn $name:ident($db:ident: &Database) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn test($db: &$crate::Database) $body

            #[test]
            fn on_sqlite() {
                $crate::Database::with_sqlite(async |database| test(database).await);
            }

            #[test]
            fn on_postgres() {
                $crate::Database::with_postgres(async |database| test(database).await);
            }
        }
    )+};
}
