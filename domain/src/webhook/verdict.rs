//! What follows from one attempt: it is done, comes again at a time, or has failed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::DeliveryId;
use crate::seed::Seed;
use crate::time::Timestamp;

/// The wait after each failed attempt; all together a little over three days. After the last one the delivery has failed.
const WAITS_S: [u64; 9] =
    [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600];

/// How often a delivery is attempted at most, unless a person asks for it again.
#[expect(clippy::cast_possible_truncation, reason = "nine waits fit")]
pub const ATTEMPTS: u16 = WAITS_S.len() as u16 + 1;

/// Every wait is longer by up to this share of itself, so that what failed together does not come back together.
const JITTER: f64 = 0.2;

/// Why an endpoint gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Its name leads to no address.
    Unresolved,
    /// Its name leads only to addresses that are out of reach, such as private ones.
    Forbidden,
    /// Nobody accepts the connection, or what it says is no TLS that could be trusted.
    Unconnected,
    /// It took longer than an attempt may take.
    TimedOut,
    /// The connection broke before there was an answer.
    Broken,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 5] =
        [Self::Unresolved, Self::Forbidden, Self::Unconnected, Self::TimedOut, Self::Broken];
}

/// What came of an attempt: the status that the endpoint answered with, or why there was none.
pub type Answer = Result<u16, Fault>;

/// What follows from an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The endpoint took it.
    Delivered,
    /// It is attempted again then.
    Again(Timestamp),
    /// It is not attempted again by itself.
    Failed,
    /// The endpoint wants nothing any more.
    Gone,
}

/// Judges the attempt number `attempt` (from 1) that ended at `now`. Success is 2xx alone: a redirect is followed by nobody,
/// so it is a failure like any other.
#[must_use]
pub fn judge(answer: Answer, delivery: DeliveryId, attempt: u16, now: Timestamp, seed: Seed) -> Verdict {
    match answer {
        Ok(200..=299) => Verdict::Delivered,
        Ok(410) => Verdict::Gone,
        Ok(_) | Err(_) => {
            let wait = WAITS_S.get(usize::from(attempt.saturating_sub(1)));
            wait.map_or(Verdict::Failed, |seconds| {
                let chance = seed.derive("webhook", delivery.get()).derive("attempt", i64::from(attempt));
                let stretch = 1.0 + JITTER * chance.fraction();
                Verdict::Again(now + Duration::from_secs(*seconds).mul_f64(stretch))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_secs(1_780_000_000);

    fn of(answer: Answer, attempt: u16) -> Verdict {
        judge(answer, DeliveryId(7), attempt, NOW, Seed(1))
    }

    #[test]
    fn only_2xx_is_success_and_410_ends_the_endpoint() {
        assert_eq!([200, 204, 299].map(|status| of(Ok(status), 1)), [Verdict::Delivered; 3]);
        assert_eq!(of(Ok(410), 1), Verdict::Gone);
        for answer in [Ok(100), Ok(301), Ok(302), Ok(400), Ok(404), Ok(429), Ok(500), Err(Fault::TimedOut)] {
            assert!(matches!(of(answer, 1), Verdict::Again(_)), "{answer:?}");
            assert_eq!(of(answer, ATTEMPTS), Verdict::Failed, "{answer:?}");
        }
    }

    #[test]
    fn attempts_go_on_for_three_days_and_come_less_and_less_often() {
        let mut now = NOW;
        let mut waits = Vec::new();
        for attempt in 1..ATTEMPTS {
            let Verdict::Again(at) = judge(Ok(500), DeliveryId(7), attempt, now, Seed(1)) else {
                panic!("attempt {attempt} is not the last");
            };
            waits.push(at.since(now));
            now = at;
        }
        assert!(waits.is_sorted(), "{waits:?}");
        let whole = now.since(NOW).as_secs();
        assert!((3 * 86_400..4 * 86_400).contains(&whole), "{whole} s");
    }

    proptest! {
        #[test]
        fn a_wait_is_never_shorter_than_its_place_in_the_schedule_and_at_most_a_fifth_longer(
            attempt in 1..ATTEMPTS, delivery in any::<i64>(), seed in any::<u64>(),
        ) {
            let verdict = judge(Err(Fault::Broken), DeliveryId(delivery), attempt, NOW, Seed(seed));
            let Verdict::Again(at) = verdict else { panic!("{verdict:?}") };
            let whole = Duration::from_secs(WAITS_S[usize::from(attempt) - 1]);
            prop_assert!(at >= NOW + whole && at <= NOW + whole.mul_f64(1.0 + JITTER));
        }
    }
}
