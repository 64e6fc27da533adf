//! What is measured in the process itself: how long a post waits, in real time, from its detection to its plan.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::id::PostId;
use hdrhistogram::Histogram;

/// Measurements since the tree started.
#[derive(Debug)]
pub struct Meters {
    detected: Mutex<HashMap<PostId, Instant>>,
    /// Microseconds, to three digits.
    waits: Mutex<Histogram<u64>>,
}

/// A share of the waits was at most this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Percentiles {
    /// Half of them.
    pub p50: Duration,
    /// 95 of 100.
    pub p95: Duration,
    /// 99 of 100.
    pub p99: Duration,
}

impl Default for Meters {
    fn default() -> Self {
        Self { detected: Mutex::default(), waits: Mutex::new(waits()) }
    }
}

/// From a microsecond to an hour; what waits longer counts as an hour.
fn waits() -> Histogram<u64> {
    const HOUR: u64 = 3_600_000_000;
    #[expect(clippy::expect_used, reason = "the bounds are constants that the library accepts")]
    Histogram::new_with_bounds(1, HOUR, 3).expect("1 < HOUR and 3 digits")
}

impl Meters {
    /// Posts were recorded just now.
    pub(crate) fn detected(&self, posts: impl Iterator<Item = PostId>) {
        let now = Instant::now();
        let mut detected = self.detected.lock().unwrap_or_else(PoisonError::into_inner);
        detected.extend(posts.map(|post| (post, now)));
    }

    /// Posts were planned just now.
    pub(crate) fn planned(&self, posts: impl Iterator<Item = PostId>) {
        let mut detected = self.detected.lock().unwrap_or_else(PoisonError::into_inner);
        let mut waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        for since in posts.filter_map(|post| detected.remove(&post)) {
            waits.saturating_record(u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX));
        }
    }

    /// How long posts waited from detection to plan; zero as long as none was planned.
    #[must_use]
    pub fn detect_to_plan(&self) -> Percentiles {
        let waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        let at = |share| Duration::from_micros(waits.value_at_quantile(share));
        Percentiles { p50: at(0.50), p95: at(0.95), p99: at(0.99) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_posts_that_were_detected_here_are_measured_and_each_once() {
        let meters = Meters::default();
        meters.detected([PostId(1)].into_iter());
        meters.planned([PostId(1), PostId(1), PostId(2)].into_iter());
        assert_eq!(meters.waits.lock().unwrap().len(), 1);
        assert!(meters.detected.lock().unwrap().is_empty());
    }
}
