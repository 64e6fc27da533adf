//! One file a command. Each takes its arguments and the configuration, and returns when it is done.

mod completions;

use crate::cli::{Cli, Command};
use crate::config::Config;
use crate::error::AppError;
use crate::{demo, logging};

/// Carries out what the command line asks for.
pub(crate) fn run(cli: Cli) -> Result<(), AppError> {
    let config = Config::load(cli.config.as_deref(), std::env::vars_os())?;
    match cli.command {
        Command::Completions { shell } => completions::run(shell),
        command => {
            logging::start(&config.log)?;
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
            runtime.map_err(AppError::Runtime)?.block_on(dispatch(command, &config))
        }
    }
}

async fn dispatch(command: Command, config: &Config) -> Result<(), AppError> {
    match command {
        Command::Demo(args) => demo::run(&args, config).await,
        _ => Err(AppError::DemoMissing),
    }
}
