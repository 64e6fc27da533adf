//! `beseda demo`: the whole product on a simulated Telegram.

use crate::cli::DemoArgs;
use crate::config::Config;
use crate::error::AppError;

/// Runs the demo.
///
/// # Errors
/// [`AppError::DemoMissing`].
pub(crate) async fn run(_args: &DemoArgs, _config: &Config) -> Result<(), AppError> {
    Err(AppError::DemoMissing)
}
