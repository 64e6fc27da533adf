//! The queue's promises, each held against SQLite and PostgreSQL.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

mod asking;
mod claiming;
mod enqueueing;
mod lanes;
mod leases;
mod looking;
mod recovery;
mod waking;

use std::time::Duration;

use domain::id::{AccountId, CommentId, JobId};
use domain::job::{Job, JobKind};
use domain::time::Timestamp;
use persistence::Store;
use persistence::queue::{Claim, ClaimedJob, KindDepth, Lease, NewJob};

/// When the tests take place.
const NOW: Timestamp = Timestamp::from_secs(1_000_000);

/// How long claims in these tests hold.
const LEASE: Duration = Duration::from_secs(60);

fn noop(number: i64) -> Job {
    Job::Noop { number }
}

fn send(account: i64, comment: i64) -> Job {
    Job::SendComment { comment: CommentId(comment), account: AccountId(account) }
}

async fn enqueue(store: &Store, jobs: &[Job]) -> Vec<JobId> {
    let jobs: Vec<_> = jobs.iter().map(|&job| NewJob::at(job, NOW)).collect();
    store.enqueue(&jobs).await.unwrap().into_iter().map(Option::unwrap).collect()
}

async fn claim(store: &Store, node: &str, limit: u32, now: Timestamp) -> Vec<ClaimedJob> {
    store.claim(&Claim { node, limit, kinds: &[], lease: LEASE }, now).await.unwrap()
}

/// Claims the only job there is.
async fn claim_one(store: &Store, node: &str, now: Timestamp) -> ClaimedJob {
    let claimed = claim(store, node, 10, now).await;
    assert_eq!(claimed.len(), 1, "{claimed:?}");
    claimed[0]
}

fn jobs(claimed: &[ClaimedJob]) -> Vec<Job> {
    claimed.iter().map(|claimed| claimed.job).collect()
}

fn leases(claimed: &[ClaimedJob]) -> Vec<Lease> {
    claimed.iter().map(|claimed| claimed.lease).collect()
}

/// What the queue holds of one kind.
async fn depth(store: &Store, kind: JobKind, now: Timestamp) -> KindDepth {
    let depths = store.depths(now).await.unwrap();
    let none = KindDepth { kind, ready: 0, due: 0, running: 0, failed: 0, oldest_due: None };
    depths.into_iter().find(|depth| depth.kind == kind).unwrap_or(none)
}
