//! `beseda migrate`: brings the schema up to this version, or only tells whether it is.

use persistence::Store;

use crate::cli::MigrateArgs;
use crate::config::Config;
use crate::console;
use crate::error::AppError;

/// Migrates, or with `--check` fails if there is something to migrate.
pub(crate) async fn run(args: &MigrateArgs, config: &Config) -> Result<(), AppError> {
    let url = &config.database.url;
    let opened = Store::connect(&config.database.to_store()).await;
    let store = opened.map_err(AppError::at(url))?;
    let names = if args.check {
        let missing = store.pending().await.map_err(AppError::Migrate)?;
        if !missing.is_empty() {
            return Err(AppError::Pending(missing));
        }
        missing
    } else {
        store.migrate().await.map_err(AppError::Migrate)?.names
    };
    for name in &names {
        console::say(&format!("applied {name}"))?;
    }
    console::say(&format!("{url} is up to date"))?;
    store.close().await.map_err(AppError::Migrate)
}
