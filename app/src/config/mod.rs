//! What the product is told before it starts: a few typed structs, filled once and never changed.
//!
//! Three layers, the later one wins: the defaults below, a TOML file, `BESEDA_*` variables. Every setting is a row of the
//! table in [`settings`], which knows its key, the form it accepts and where its value goes; a file and the environment
//! are only two ways of naming a row. Loading stops at the first value that does not fit, with an error that names the
//! key, the place it was given at (`file:line` or the variable) and the accepted form. Nothing is started before that.

mod database_url;
mod secret;
mod settings;
mod source;
mod telegram;
mod vault;

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::Path;

pub(crate) use database_url::DatabaseUrl;
use domain::webhook::Reach;
use persistence::{DatabaseConfig, Durability};
use secret::Secret;
pub(crate) use telegram::Telegram;
pub(crate) use vault::{Vault, read_keys};

use crate::error::ConfigError;

/// What is told unless one asks for more: the product's own news, and of its libraries only what is wrong.
const FILTER: &str = "info,sea_orm_migration=warn,poem=warn,grammers_mtproto=warn,grammers_mtsender=warn,grammers_session=warn";

/// Read when no file is named and it exists.
pub(crate) const DEFAULT_FILE: &str = "beseda.toml";

/// Everything that can be configured.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Where everything is kept.
    pub(crate) database: Database,
    /// The gateway.
    pub(crate) http: Http,
    /// Who administers the installation from its first day on.
    pub(crate) admin: Admin,
    /// What is told on standard error.
    pub(crate) log: Log,
    /// This process among those that share a database.
    pub(crate) node: Node,
    /// What is removed when.
    pub(crate) retention: Retention,
    /// What this installation is to Telegram.
    pub(crate) telegram: Telegram,
    /// What the secrets in the database are sealed with.
    pub(crate) vault: Vault,
    /// Who outside is told what happens.
    pub(crate) webhooks: Webhooks,
}

/// Where everything is kept.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    /// One SQLite file or one PostgreSQL database.
    pub(crate) url: DatabaseUrl,
    /// What a committed change survives.
    pub(crate) durability: Durability,
    /// The most connections held at a time.
    pub(crate) max_connections: u32,
}

/// The gateway.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    /// The address it is bound to; loopback unless told otherwise.
    pub(crate) listen: SocketAddr,
    /// Where browsers find it.
    pub(crate) public_url: Option<String>,
    /// The origins of other sites whose pages may ask with a token.
    pub(crate) origins: Vec<String>,
    /// Requests a second of one token, on average.
    pub(crate) requests_per_second: NonZeroU32,
}

/// Who administers the installation from its first day on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Admin {
    /// Their Telegram username, without `@`.
    pub(crate) username: Option<String>,
}

/// What is told on standard error.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    /// How a line looks.
    pub(crate) format: LogFormat,
    /// Which lines there are, in the language of `tracing`'s filters; checked when it was read.
    pub(crate) filter: String,
}

/// This process among those that share a database.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Unique among them: what it claims is released when a process of the same name starts.
    pub(crate) name: String,
}

/// What is removed when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retention {
    /// How long events, finished jobs and the audit log are kept.
    pub(crate) days: u32,
    /// How long the text of readers is kept.
    pub(crate) readers_text_days: u32,
}

/// Who outside is told what happens.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Webhooks {
    /// How far they are carried.
    pub(crate) reach: Reach,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For a person.
    Human,
    /// One JSON object a line.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database: Database {
                url: DatabaseUrl::default(),
                durability: Durability::Power,
                max_connections: 10,
            },
            http: Http {
                listen: (Ipv4Addr::LOCALHOST, 8080).into(),
                public_url: None,
                origins: Vec::new(),
                requests_per_second: http::Settings::default().requests_per_second,
            },
            admin: Admin::default(),
            log: Log { format: LogFormat::Human, filter: FILTER.into() },
            node: Node { name: "local".into() },
            retention: Retention { days: 7, readers_text_days: 30 },
            telegram: Telegram::default(),
            vault: Vault::default(),
            webhooks: Webhooks::default(),
        }
    }
}

impl Config {
    /// The defaults, then the file, then the variables. Without `file`, [`DEFAULT_FILE`] is read if it exists.
    ///
    /// # Errors
    /// [`ConfigError`]: an unreadable file, an unknown key, a value in a form that is not accepted.
    pub(crate) fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        let fallback = Path::new(DEFAULT_FILE);
        if let Some(path) = file.or_else(|| fallback.is_file().then_some(fallback)) {
            let text = std::fs::read_to_string(path)
                .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
            source::apply_file(&mut config, path, &text)?;
        }
        source::apply_environment(&mut config, environment)?;
        Ok(config)
    }
}

impl Config {
    /// How the gateway is to serve.
    pub(crate) fn gateway(&self) -> http::Settings {
        http::Settings {
            public_url: self.http.public_url.clone(),
            origins: self.http.origins.clone(),
            requests_per_second: self.http.requests_per_second,
            bot: self.telegram.bot.clone(),
        }
    }
}

impl Database {
    /// As the Store wants it.
    pub(crate) fn to_store(&self) -> DatabaseConfig {
        DatabaseConfig {
            url: self.url.expose().to_owned(),
            durability: self.durability,
            max_connections: self.max_connections,
        }
    }
}

#[cfg(test)]
mod tests;
