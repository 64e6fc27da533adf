//! Opening the Store as it is configured: the database, and the vault for the secrets in it.

use persistence::Store;
use persistence::vault::Vault;

use crate::config::Config;
use crate::error::AppError;

/// The Store of a command that needs accounts' or proxies' secrets, or may come to.
///
/// # Errors
/// When the database cannot be used, or holds secrets for which the right key was not given.
pub(crate) async fn open(config: &Config) -> Result<Store, AppError> {
    let vault = Vault::new(config.vault.all_keys()?);
    let opened = async { Store::open(&config.database.to_store()).await?.unlock(vault).await };
    opened.await.map_err(AppError::at(&config.database.url))
}
