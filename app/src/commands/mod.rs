//! One file a command. Each takes its arguments and the configuration, and returns when it is done.

mod completions;
mod migrate;
mod openapi;
mod serve;
mod status;

use crate::cli::{Cli, Command};
use crate::config::Config;
use crate::error::AppError;
use crate::{demo, logging};

/// Carries out what the command line asks for.
pub(crate) fn run(cli: Cli) -> Result<(), AppError> {
    let config = Config::load(cli.config.as_deref(), std::env::vars_os())?;
    logging::start(&config.log)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(AppError::Runtime)?;
    runtime.block_on(async {
        match cli.command {
            Command::Demo(args) => demo::run(&args, &config).await,
            Command::Serve => serve::run(&config).await,
            Command::Migrate(args) => migrate::run(&args, &config).await,
            Command::Status => status::run(&config).await,
            Command::Openapi => openapi::run(),
            Command::Completions { shell } => completions::run(shell),
        }
    })
}
