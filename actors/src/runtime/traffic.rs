//! How much is going on: one count of all messages, timers and hand-overs that are not finished.
//!
//! A [`Flight`] is counted from the moment it departs until it is dropped, wherever that happens: in a handler that ended,
//! in a mailbox that died with its actor, in a task that was aborted. So the count cannot leak.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::Notify;

/// The count.
#[derive(Debug, Default)]
pub struct Traffic {
    in_flight: AtomicUsize,
    departed: AtomicU64,
    quiet: Notify,
}

/// Something that is going on until this is dropped.
#[derive(Debug)]
pub struct Flight(Arc<Traffic>);

impl Traffic {
    /// Nothing is going on yet.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Counts something that begins.
    #[must_use]
    pub fn depart(self: &Arc<Self>) -> Flight {
        self.in_flight.fetch_add(1, Ordering::SeqCst);
        self.departed.fetch_add(1, Ordering::SeqCst);
        Flight(self.clone())
    }

    /// How much is going on.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::SeqCst)
    }

    /// How much ever began: two equal answers with nothing in flight between them mean that nothing happened.
    #[must_use]
    pub fn departed(&self) -> u64 {
        self.departed.load(Ordering::SeqCst)
    }

    /// Waits until nothing is going on.
    pub async fn quiet(&self) {
        loop {
            let notified = self.quiet.notified();
            tokio::pin!(notified);
            notified.as_mut().enable();
            if self.in_flight() == 0 {
                return;
            }
            notified.await;
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if self.0.in_flight.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.quiet.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn quiet_comes_when_the_last_flight_is_dropped() {
        let traffic = Traffic::new();
        let (first, second) = (traffic.depart(), traffic.depart());
        let waiting = tokio::spawn({
            let traffic = traffic.clone();
            async move { traffic.quiet().await }
        });
        drop(first);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(second);
        waiting.await.unwrap();
        assert_eq!((traffic.in_flight(), traffic.departed()), (0, 2));
    }
}
