//! Claimed jobs on their way through an actor, counted so that the dispatcher never claims more than can be worked on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use persistence::queue::ClaimedJob;
use tokio::sync::Notify;

/// Jobs handed to one actor in one message. Dropping it says that they are done with, one way or the other: whatever was
/// not finished in the Store comes back when its lease ends.
pub(crate) struct Work {
    pub(crate) jobs: Vec<ClaimedJob>,
    outstanding: Arc<Outstanding>,
}

/// How many claimed jobs are out.
#[derive(Debug, Default)]
pub(crate) struct Outstanding {
    count: AtomicUsize,
    starved: AtomicBool,
    freed: Notify,
}

impl Work {
    pub(crate) fn new(jobs: Vec<ClaimedJob>, outstanding: &Arc<Outstanding>) -> Self {
        outstanding.count.fetch_add(jobs.len(), Ordering::SeqCst);
        Self { jobs, outstanding: outstanding.clone() }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.outstanding.count.fetch_sub(self.jobs.len(), Ordering::SeqCst);
        if self.outstanding.starved.swap(false, Ordering::SeqCst) {
            self.outstanding.freed.notify_one();
        }
    }
}

impl Outstanding {
    /// How many more may go out, of at most `limit`. None: the dispatcher will be told through [`Self::freed`].
    pub(crate) fn room(&self, limit: usize) -> usize {
        let room = limit.saturating_sub(self.count.load(Ordering::SeqCst));
        if room == 0 {
            self.starved.store(true, Ordering::SeqCst);
        }
        limit.saturating_sub(self.count.load(Ordering::SeqCst))
    }

    /// Waits until work came back after there was no room.
    pub(crate) async fn freed(&self) {
        self.freed.notified().await;
    }
}
