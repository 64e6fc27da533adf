//! What this installation is to Telegram, and where Telegram is.

use std::net::SocketAddrV4;

use secrecy::SecretString;
use telegram::grammers::{Patience, Server, Settings};

use super::Secret;
use crate::error::ConfigError;

/// What this installation is to Telegram, and where Telegram is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Telegram {
    /// The application's number, from my.telegram.org.
    pub(crate) api_id: Option<i32>,
    /// The application's secret, from the same place.
    pub(crate) api_hash: Option<Secret>,
    /// The username of the bot that people log in through, without `@`.
    pub(crate) bot: Option<String>,
    /// Servers in place of Telegram's own: the number of a data centre, and where it listens.
    pub(crate) servers: Vec<(i32, SocketAddrV4)>,
    /// What new logins on those servers begin with.
    pub(crate) login_key: Option<Secret>,
}

impl Telegram {
    /// As the adapter wants it; `None` when nothing of it is configured.
    ///
    /// # Errors
    /// [`ConfigError::Incomplete`] when a part is there and another one is missing.
    pub(crate) fn to_adapter(&self) -> Result<Option<Settings>, ConfigError> {
        let (api_id, api_hash) = match (self.api_id, &self.api_hash) {
            (Some(id), Some(hash)) => (id, hash.expose().to_owned().into()),
            (None, None) if self.servers.is_empty() => return Ok(None),
            (None, _) => return Err(ConfigError::Incomplete("telegram.api_id")),
            (Some(_), None) => return Err(ConfigError::Incomplete("telegram.api_hash")),
        };
        let servers = if self.servers.is_empty() { None } else { Some(self.stand_ins()?) };
        Ok(Some(Settings { api_id, api_hash, servers, patience: Patience::default() }))
    }

    fn stand_ins(&self) -> Result<Vec<Server>, ConfigError> {
        let key = self.login_key.as_ref().ok_or(ConfigError::Incomplete("telegram.login_key"))?;
        let login_key = SecretString::from(key.expose());
        let server = |(dc, address): &(i32, SocketAddrV4)| Server {
            dc: *dc,
            address: *address,
            login_key: login_key.clone(),
        };
        Ok(self.servers.iter().map(server).collect())
    }
}

/// The servers in `text`: `2=127.0.0.1:4430`, several with commas between.
pub(super) fn parse_servers(text: &str) -> Option<Vec<(i32, SocketAddrV4)>> {
    let server = |part: &str| {
        let (dc, address) = part.trim().split_once('=')?;
        let dc = dc.parse().ok().filter(|dc| (1..=5).contains(dc))?;
        Some((dc, address.parse().ok()?))
    };
    text.split(',').map(server).collect()
}
