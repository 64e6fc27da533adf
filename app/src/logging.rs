//! The log: lines on standard error, so that standard output holds only what a command was asked for.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Log, LogFormat};
use crate::error::AppError;

/// Starts the log of this process.
///
/// # Errors
/// [`AppError::Log`] if there is one already.
pub(crate) fn start(log: &Log) -> Result<(), AppError> {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&log.filter))
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match log.format {
        LogFormat::Human => builder.finish().try_init(),
        LogFormat::Json => builder.json().flatten_event(true).finish().try_init(),
    }
    .map_err(AppError::Log)
}
