//! The queue measured beside `awa`, a full job queue for PostgreSQL in Rust, on the same server in the same run.
//!
//! Two things are measured: how many no-op jobs per second are drained from a full queue, and how long one job takes from
//! the call that enqueues it to the start of its handler on an idle worker. A drained job counts when its completion is
//! durable for ours, and already when its handler returned for `awa`, whose completions follow in the background.
//! Rounds alternate between the contestants and begin with a fresh database; medians are reported.
//!
//! Arguments: the server's address (`benches/run.sh` starts one with default settings), how many jobs to drain (60000), how
//! many rounds (3).

mod error;
mod ours;
mod report;
mod server;
mod theirs;

use std::process::ExitCode;

use crate::error::BenchError;
use crate::report::{Drained, Report};
use crate::server::Server;

/// How many jobs are enqueued one by one for the time to start.
const SINGLE_JOBS: usize = 500;

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    match run().await {
        Ok(report) => {
            report.print();
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench: {}", error::chain(&error));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<Report, BenchError> {
    let address = std::env::args().nth(1).ok_or(BenchError::NoServer)?;
    let jobs = argument(2, 60_000)?;
    let rounds = argument(3, 3)?;
    let server = Server::connect(&address).await?;
    let mut report = Report::new(server.version().await?, jobs, rounds);
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        report.ours.push(drain_ours(&server, jobs).await?);
        report.theirs.push(drain_theirs(&server, jobs).await?);
        report.sqlite.push(drain_sqlite(jobs).await?);
        report.ours_starts.push(ours::time_starts(&server.fresh("ours").await?, SINGLE_JOBS).await?);
        report.theirs_starts.push(theirs::time_starts(&server.fresh("theirs").await?, SINGLE_JOBS).await?);
    }
    Ok(report)
}

async fn drain_ours(server: &Server, jobs: usize) -> Result<Drained, BenchError> {
    let url = server.fresh("ours").await?;
    ours::fill(&url, jobs).await?;
    server.settle("ours").await?;
    let before = server.counters("ours").await?;
    let wall = ours::drain(&url, jobs).await?;
    let after = server.counters("ours").await?;
    Ok(Drained::new(jobs, wall, after.commits - before.commits, after.wal_bytes - before.wal_bytes))
}

async fn drain_theirs(server: &Server, jobs: usize) -> Result<Drained, BenchError> {
    let url = server.fresh("theirs").await?;
    theirs::fill(&url, jobs).await?;
    server.settle("theirs").await?;
    let before = server.counters("theirs").await?;
    let wall = theirs::drain(&url, jobs).await?;
    let after = server.counters("theirs").await?;
    Ok(Drained::new(jobs, wall, after.commits - before.commits, after.wal_bytes - before.wal_bytes))
}

/// SQLite counts neither commits nor bytes: every batch is one claim and one completion, and the bytes are what the process
/// wrote, to the log and from there into the file.
async fn drain_sqlite(jobs: usize) -> Result<Drained, BenchError> {
    let folder = tempfile::tempdir().map_err(|source| BenchError::Files { source })?;
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("queue.db").display());
    ours::fill(&url, jobs).await?;
    let before = server::bytes_written()?;
    let wall = ours::drain(&url, jobs).await?;
    let commits = 2 * jobs.div_ceil(ours::BATCH);
    Ok(Drained::new(jobs, wall, commits as i64, server::bytes_written()? - before))
}

fn argument(position: usize, default: usize) -> Result<usize, BenchError> {
    match std::env::args().nth(position) {
        Some(text) => text.parse().map_err(|_| BenchError::Argument { text }),
        None => Ok(default),
    }
}
