//! Our queue at work, through the same calls that the product's dispatcher makes.
//!
//! Draining is done by a few feeds side by side. Each claims a batch, runs it, and completes it durably before it claims the
//! next; while one waits for the disk, the others claim ahead. A feed that died would leave its batch to its lease's end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use domain::job::Job;
use domain::time::Timestamp;
use persistence::queue::{Claim, ClaimedJob, Lease, NewJob};
use persistence::{DatabaseConfig, Durability, Store};

use crate::error::BenchError;

/// Jobs per claim and per completion.
pub(crate) const BATCH: usize = 500;

const FEEDS: usize = 3;
const NODE: &str = "bench";

/// Puts `jobs` no-op jobs into a new queue.
pub(crate) async fn fill(url: &str, jobs: usize) -> Result<(), BenchError> {
    let store = open(url).await?;
    let numbers: Vec<_> = (0..jobs as i64).collect();
    for numbers in numbers.chunks(5_000) {
        let new: Vec<_> =
            numbers.iter().map(|&number| NewJob::at(Job::Noop { number }, Timestamp::EPOCH)).collect();
        store.enqueue(&new).await?;
    }
    Ok(store.close().await?)
}

/// Drains the queue; the time until the last completion was durable.
pub(crate) async fn drain(url: &str, jobs: usize) -> Result<Duration, BenchError> {
    let store = open(url).await?;
    let drained = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let feeds: Vec<_> =
        (0..FEEDS).map(|_| tokio::spawn(feed(store.clone(), drained.clone(), began))).collect();
    for feed in feeds {
        feed.await??;
    }
    let wall = began.elapsed();
    store.close().await?;
    match drained.load(Ordering::Relaxed) {
        drained if drained == jobs => Ok(wall),
        drained => Err(BenchError::Dry { drained, jobs }),
    }
}

async fn feed(store: Store, drained: Arc<AtomicUsize>, began: Instant) -> Result<(), BenchError> {
    loop {
        let batch = store.claim(&claim(BATCH), since(began)).await?;
        if batch.is_empty() {
            return Ok(());
        }
        let mut leases = Vec::with_capacity(batch.len());
        for job in batch {
            leases.push(no_op(job).await);
        }
        let accepted = store.finish(NODE, &leases, since(began)).await?;
        drained.fetch_add(accepted.len(), Ordering::Relaxed);
    }
}

/// Enqueues `jobs` jobs, one every 10 ms, for an idle worker; how long each took from the call to its start.
pub(crate) async fn time_starts(url: &str, jobs: usize) -> Result<Vec<Duration>, BenchError> {
    let store = open(url).await?;
    let began = Instant::now();
    let worker = tokio::spawn(work(store.clone(), jobs, began));
    let mut enqueued = Vec::with_capacity(jobs);
    let mut every = tokio::time::interval(Duration::from_millis(10));
    for number in 0..jobs as i64 {
        every.tick().await;
        enqueued.push(Instant::now());
        store.enqueue(&[NewJob::at(Job::Noop { number }, since(began))]).await?;
    }
    let started = worker.await??;
    store.close().await?;
    Ok(enqueued.into_iter().zip(started).map(|(enqueued, started)| started - enqueued).collect())
}

/// A worker as the dispatcher is one: claims when woken, starts what it got, and completes beside the next claim.
async fn work(store: Store, jobs: usize, began: Instant) -> Result<Vec<Instant>, BenchError> {
    let mut wakes = store.wakes();
    let mut started = vec![began; jobs];
    let mut completions = tokio::task::JoinSet::new();
    let mut done = 0;
    while done < jobs {
        wakes.mark_unchanged();
        let batch = store.claim(&claim(BATCH), since(began)).await?;
        if batch.is_empty() {
            // The sender lives as long as the store, which this task holds.
            let _ = wakes.changed().await;
            continue;
        }
        done += batch.len();
        let mut leases = Vec::with_capacity(batch.len());
        for job in batch {
            if let Job::Noop { number } = job.job {
                started[number as usize] = Instant::now();
            }
            leases.push(no_op(job).await);
        }
        let store = store.clone();
        completions.spawn(async move { store.finish(NODE, &leases, since(began)).await });
    }
    while let Some(completed) = completions.join_next().await {
        completed??;
    }
    Ok(started)
}

async fn no_op(job: ClaimedJob) -> Lease {
    job.lease
}

fn claim(limit: usize) -> Claim<'static> {
    Claim { node: NODE, limit: limit as u32, kinds: &[], lease: Duration::from_secs(60) }
}

/// The queue's time in a measurement begins with it.
fn since(began: Instant) -> Timestamp {
    Timestamp::EPOCH + began.elapsed()
}

async fn open(url: &str) -> Result<Store, BenchError> {
    let config = DatabaseConfig { url: url.to_owned(), durability: Durability::Power, max_connections: 10 };
    let store = Store::connect(&config).await?;
    store.migrate().await?;
    Ok(store)
}
