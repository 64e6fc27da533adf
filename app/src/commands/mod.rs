//! One file a command. Each takes its arguments and the configuration, and returns when it is done.

mod account;
mod admin;
mod channel;
mod completions;
mod errand;
mod migrate;
mod openapi;
mod project;
mod proxy;
mod serve;
mod simulator;
mod status;
mod vault;

use std::path::Path;

use crate::cli::{Cli, Command};
use crate::config::Config;
use crate::error::AppError;
use crate::{demo, descriptors, logging};

/// Carries out what the command line asks for.
pub(crate) fn run(cli: Cli) -> Result<(), AppError> {
    let file = cli.config.as_deref();
    match cli.command {
        Command::Demo(args) => configured(file, async |config| demo::run(&args, config).await),
        Command::Serve => configured(file, serve::run),
        Command::Simulator(args) => configured(file, async |config| simulator::run(&args, config).await),
        Command::Migrate(args) => configured(file, async |config| migrate::run(&args, config).await),
        Command::Status => configured(file, status::run),
        Command::Project { command } => configured(file, async |config| project::run(&command, config).await),
        Command::Admin { command } => configured(file, async |config| admin::run(&command, config).await),
        Command::Proxy { command } => configured(file, async |config| proxy::run(&command, config).await),
        Command::Channel { command } => configured(file, async |config| channel::run(&command, config).await),
        Command::Account { command } => configured(file, async |config| account::run(&command, config).await),
        Command::Vault { command } => configured(file, async |config| vault::run(&command, config).await),
        Command::Openapi => openapi::run(),
        Command::Completions { shell } => completions::run(shell),
    }
}

/// Reads the configuration, starts what everything runs on, and does the work there.
fn configured(
    file: Option<&Path>,
    work: impl AsyncFnOnce(&Config) -> Result<(), AppError>,
) -> Result<(), AppError> {
    let config = Config::load(file, std::env::vars_os())?;
    logging::start(&config.log)?;
    descriptors::raise_limit();
    // SQLite works on a thread of its own: with as many workers as cores they would only be in each other's way.
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(cores.saturating_sub(1).max(1)).enable_all().build();
    let runtime = runtime.map_err(AppError::Runtime)?;
    runtime.block_on(work(&config))
}
