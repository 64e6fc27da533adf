//! `awa` at work, set up as its own quick start does: default pool, default queue, default client.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use awa::{Client, InsertOpts, InsertParams, JobArgs, JobResult, QueueConfig};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use tokio::sync::Notify;

use crate::error::BenchError;

const QUEUE: &str = "bench";

#[derive(Debug, Serialize, Deserialize, JobArgs)]
struct Noop {
    number: usize,
}

/// When each job began, how many have, and who waits for the last.
struct Starts {
    at: Mutex<Vec<Option<Instant>>>,
    missing: AtomicUsize,
    complete: Notify,
}

impl Starts {
    fn of(jobs: usize) -> Arc<Self> {
        let at = Mutex::new(vec![None; jobs]);
        Arc::new(Self { at, missing: AtomicUsize::new(jobs), complete: Notify::new() })
    }

    fn note(&self, number: usize) {
        let first =
            self.at.lock().unwrap_or_else(PoisonError::into_inner)[number].replace(Instant::now()).is_none();
        if first && self.missing.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.complete.notify_one();
        }
    }
}

/// Puts `jobs` no-op jobs into a new queue.
pub(crate) async fn fill(url: &str, jobs: usize) -> Result<(), BenchError> {
    let pool = open(url).await?;
    // A first start settles which storage engine the fresh schema uses; only then does filling go to the right tables.
    let starts = Starts::of(1);
    let client = start(&pool, &starts).await?;
    awa::insert_with(&pool, &Noop { number: 0 }, options()).await?;
    starts.complete.notified().await;
    client.shutdown(Duration::from_secs(10)).await;
    let new: Result<Vec<InsertParams>, _> =
        (0..jobs).map(|number| awa::model::insert::params_with(&Noop { number }, options())).collect();
    for new in new?.chunks(5_000) {
        awa::insert_many_copy_from_pool(&pool, new).await?;
    }
    pool.close().await;
    Ok(())
}

/// Drains the queue; the time until the last handler ran.
pub(crate) async fn drain(url: &str, jobs: usize) -> Result<Duration, BenchError> {
    let pool = open(url).await?;
    let starts = Starts::of(jobs);
    let began = Instant::now();
    let client = start(&pool, &starts).await?;
    starts.complete.notified().await;
    let wall = began.elapsed();
    client.shutdown(Duration::from_secs(10)).await;
    pool.close().await;
    Ok(wall)
}

/// Enqueues `jobs` jobs, one every 10 ms, for an idle worker; how long each took from the call to its start.
pub(crate) async fn time_starts(url: &str, jobs: usize) -> Result<Vec<Duration>, BenchError> {
    let pool = open(url).await?;
    let starts = Starts::of(jobs);
    let client = start(&pool, &starts).await?;
    let mut enqueued = Vec::with_capacity(jobs);
    let mut every = tokio::time::interval(Duration::from_millis(10));
    for number in 0..jobs {
        every.tick().await;
        enqueued.push(Instant::now());
        awa::insert_with(&pool, &Noop { number }, options()).await?;
    }
    starts.complete.notified().await;
    client.shutdown(Duration::from_secs(10)).await;
    pool.close().await;
    let started = starts.at.lock().unwrap_or_else(PoisonError::into_inner);
    let pairs = enqueued.into_iter().zip(started.iter());
    Ok(pairs.filter_map(|(enqueued, started)| Some((*started)? - enqueued)).collect())
}

async fn start(pool: &PgPool, starts: &Arc<Starts>) -> Result<Client, BenchError> {
    let starts = starts.clone();
    let client = Client::builder(pool.clone())
        .queue(QUEUE, QueueConfig::default())
        .register::<Noop, _, _>(move |job: Noop, _context| {
            starts.note(job.number);
            async { Ok(JobResult::Completed) }
        })
        .build()?;
    client.start().await?;
    Ok(client)
}

fn options() -> InsertOpts {
    InsertOpts { queue: QUEUE.to_owned(), ..InsertOpts::default() }
}

async fn open(url: &str) -> Result<PgPool, BenchError> {
    let pool = PgPool::connect(url).await;
    let pool = pool.map_err(|source| BenchError::Server { operation: "be reached", source })?;
    awa::model::migrations::run(&pool).await?;
    Ok(pool)
}
