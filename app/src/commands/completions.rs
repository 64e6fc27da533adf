//! `beseda completions`: what the shell needs to complete our command line.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::console;
use crate::error::AppError;

/// Prints the completion script of `shell`.
pub(crate) fn run(shell: Shell) -> Result<(), AppError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "beseda", &mut script);
    console::say(String::from_utf8_lossy(&script).trim_end())
}
