//! `beseda vault`: the keys that the secrets in the database are sealed with.
//!
//! Nothing here prints a secret but `new-key`, whose purpose it is, and only where it was not given a file.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use actors::clock::SystemClock;
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use domain::time::Clock as _;
use persistence::Store;
use persistence::vault::{Sealing, Vault, VaultKey};
use secrecy::ExposeSecret as _;

use crate::cli::VaultCommand;
use crate::config::{Config, read_keys};
use crate::console;
use crate::error::{AppError, KeyFileError};

/// Carries out one of the vault's commands.
pub(crate) async fn run(command: &VaultCommand, config: &Config) -> Result<(), AppError> {
    match command {
        VaultCommand::NewKey { out } => new_key(out.as_deref()),
        VaultCommand::Status => status(config).await,
        VaultCommand::Rotate { to } => rotate(to, config).await,
        VaultCommand::Forget { .. } => forget(config).await,
    }
}

/// Makes a key, and writes it into a new file that only its owner may read, or prints it.
fn new_key(out: Option<&Path>) -> Result<(), AppError> {
    let key = VaultKey::generate().map_err(AppError::NewKey)?;
    let Some(path) = out else { return console::say(key.digits().expose_secret()) };
    let written = || {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        writeln!(file, "{}", key.digits().expose_secret())?;
        file.sync_all()
    };
    written().map_err(|source| KeyFileError::Write { path: path.to_owned(), source })?;
    console::say(&format!(
        "the key {} is in {}; keep a copy apart from the database",
        key.id(),
        path.display()
    ))
}

/// Tells which keys are in use, and which of them were given.
async fn status(config: &Config) -> Result<(), AppError> {
    let given: Vec<_> = config.vault.all_keys()?.iter().map(VaultKey::id).collect();
    let store = Store::open(&config.database.to_store()).await.map_err(AppError::at(&config.database.url))?;
    let Sealing { key: sealing, values } = store.sealing().await.map_err(AppError::Vault)?;
    store.close().await.map_err(AppError::Vault)?;
    let idle = sealing.filter(|key| values.iter().all(|(id, _)| id != key)).map(|key| (key, 0));
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["key", "seals", "secrets", "given"]);
    let keys: Vec<_> = values.into_iter().chain(idle).collect();
    if keys.is_empty() {
        return console::say("nothing was ever sealed here");
    }
    let word = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    for (id, secrets) in keys {
        let (seals, given) = (word(sealing == Some(id)), word(given.contains(&id)));
        table.add_row([id.to_string(), seals, secrets.to_string(), given]);
    }
    console::say(&table.to_string())
}

/// Seals everything with the first key of a file. The keys in use until now are those of the configuration.
async fn rotate(to: &Path, config: &Config) -> Result<(), AppError> {
    let new = read_keys(to)?;
    let target = new[0].id();
    let keys = config.vault.all_keys()?.into_iter().chain(new).collect();
    let opened = async { Store::open(&config.database.to_store()).await?.unlock(Vault::new(keys)).await };
    let store = opened.await.map_err(AppError::at(&config.database.url))?;
    let rotated = store.rotate(target, SystemClock.now()).await.map_err(AppError::Vault)?;
    store.close().await.map_err(AppError::Vault)?;
    let (amount, file) = (rotated.values, to.display());
    console::say(&format!(
        "{amount} secrets were sealed again; from now on the key {target} counts, give {file} in place of the old one"
    ))
}

/// Empties what nobody can open any more.
async fn forget(config: &Config) -> Result<(), AppError> {
    let store = Store::open(&config.database.to_store()).await.map_err(AppError::at(&config.database.url))?;
    let amount = store.forget_secrets(SystemClock.now()).await.map_err(AppError::Vault)?;
    store.close().await.map_err(AppError::Vault)?;
    console::say(&format!("{amount} secrets are gone; every account has to be logged in again"))
}
