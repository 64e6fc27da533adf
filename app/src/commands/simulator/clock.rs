//! The machine's time, ahead by what somebody let pass.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use actors::clock::SystemClock;
use domain::time::{Clock, Timestamp};
use tokio::sync::Notify;

/// The clock.
#[derive(Debug)]
pub(super) struct AheadClock {
    ahead_us: AtomicI64,
    moved: Notify,
}

impl AheadClock {
    /// The machine's time, or `at` if that is later: a world never goes back.
    pub(super) fn from(at: Timestamp) -> Self {
        let ahead = at.micros().saturating_sub(SystemClock.now().micros()).max(0);
        Self { ahead_us: AtomicI64::new(ahead), moved: Notify::new() }
    }

    /// Lets time pass.
    pub(super) fn pass(&self, span: Duration) {
        let span = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        self.ahead_us.fetch_add(span, Ordering::SeqCst);
        self.moved.notify_one();
    }

    /// Waits until somebody let time pass.
    pub(super) async fn moved(&self) {
        self.moved.notified().await;
    }

    /// When the machine's clock shows what this one shows at `at`.
    pub(super) fn on_the_machine(&self, at: Timestamp) -> Timestamp {
        Timestamp::from_micros(at.micros().saturating_sub(self.ahead_us.load(Ordering::SeqCst)))
    }
}

impl Clock for AheadClock {
    fn now(&self) -> Timestamp {
        let ahead = self.ahead_us.load(Ordering::SeqCst);
        Timestamp::from_micros(SystemClock.now().micros().saturating_add(ahead))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_goes_back_and_jumps_ahead() {
        let later = SystemClock.now() + Duration::from_secs(1_000);
        let clock = AheadClock::from(later);
        assert!(clock.now() >= later);
        clock.pass(Duration::from_secs(60));
        let at = later + Duration::from_secs(60);
        assert!(clock.now() >= at);
        assert!(clock.on_the_machine(at) < later);
        assert!(AheadClock::from(Timestamp::EPOCH).now() >= SystemClock.now() - Duration::from_secs(5));
    }
}
