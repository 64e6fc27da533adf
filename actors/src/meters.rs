//! What is measured in the process itself: how long a post waits, in real time, from its detection to its plan.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::id::PostId;

/// Measurements since the tree started.
#[derive(Debug, Default)]
pub struct Meters {
    detected: Mutex<HashMap<PostId, Instant>>,
    waits: Mutex<Waits>,
}

/// How long posts waited, kept as counts per bucket: buckets of 1/8 of a power of two of microseconds.
#[derive(Debug)]
struct Waits {
    buckets: [u64; BUCKETS],
    count: u64,
}

const BUCKETS: usize = 8 * 40;

impl Default for Waits {
    fn default() -> Self {
        Self { buckets: [0; BUCKETS], count: 0 }
    }
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
            waits.record(since.elapsed());
        }
    }

    /// How long posts waited from detection to plan; each figure is at most 9 % above the true one.
    #[must_use]
    pub fn detect_to_plan(&self) -> Percentiles {
        let waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        Percentiles { p50: waits.at(0.50), p95: waits.at(0.95), p99: waits.at(0.99) }
    }
}

impl Waits {
    fn record(&mut self, wait: Duration) {
        let micros = wait.as_secs_f64() * 1e6;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded right after")]
        let bucket = (micros.max(1.0).log2() * 8.0).ceil() as usize;
        self.buckets[bucket.min(BUCKETS - 1)] += 1;
        self.count += 1;
    }

    fn at(&self, share: f64) -> Duration {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a count")]
        let rank = (self.count as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= rank && seen > 0 {
                #[expect(clippy::cast_precision_loss, reason = "a small number")]
                return Duration::from_secs_f64((bucket as f64 / 8.0).exp2() / 1e6);
            }
        }
        Duration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_within_a_bucket_of_the_truth() {
        let mut waits = Waits::default();
        for millis in 1..=100 {
            waits.record(Duration::from_millis(millis));
        }
        for (share, truth) in [(0.5, 50.0), (0.95, 95.0), (0.99, 99.0)] {
            let said = waits.at(share).as_secs_f64() * 1e3;
            assert!(said >= truth && said <= truth * 1.1, "{share}: {said} ms");
        }
        assert_eq!(Waits::default().at(0.5), Duration::ZERO);
    }
}
