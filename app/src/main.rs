//! The binary `beseda`: reads the command line and the configuration, starts what is asked for, and tells in one line and
//! an exit code what went wrong. The only place that reads the environment.

mod adapter;
mod cli;
mod commands;
mod config;
mod console;
mod demo;
mod descriptors;
mod error;
mod logging;
mod signals;
mod store;
mod terminal;

use std::process::ExitCode;

use clap::Parser as _;

/// Of all memory, SQLite's included: it gives back what thousands of connections took, and costs two threads that hand
/// memory to each other less than the C library's.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match commands::run(cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console::complain(&error);
            error.exit_code()
        }
    }
}
