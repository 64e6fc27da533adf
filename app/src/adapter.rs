//! The way to Telegram as it is configured.

use std::net::SocketAddr;
use std::sync::Arc;

use actors::Records;
use actors::clock::SystemClock;
use telegram::grammers::Grammers;
use telegram::proxy::Prober;

use crate::config::Config;
use crate::error::AppError;

/// The adapter, if an application is configured; it keeps what it learns in these records.
///
/// # Errors
/// When a part of what it needs is configured and another one is missing.
pub(crate) fn configured(config: &Config, records: &Records) -> Result<Option<Arc<Grammers>>, AppError> {
    let Some(settings) = config.telegram.to_adapter()? else { return Ok(None) };
    Ok(Some(Arc::new(Grammers::new(settings, Arc::new(records.clone())))))
}

/// The adapter, for a command that can do nothing without.
///
/// # Errors
/// Those of [`configured`], and [`AppError::NoTelegram`] without an application.
pub(crate) fn required(config: &Config, records: &Records) -> Result<Arc<Grammers>, AppError> {
    configured(config, records)?.ok_or(AppError::NoTelegram)
}

/// What looks whether proxies lead to Telegram's servers, or to those in their place.
pub(crate) fn prober(config: &Config) -> Prober {
    if config.telegram.servers.is_empty() {
        return Prober::new(Arc::new(SystemClock));
    }
    let servers = config.telegram.servers.iter().map(|(_, address)| SocketAddr::from(*address));
    Prober::of(servers.collect(), Arc::new(SystemClock))
}
