//! When a channel publishes: at random, with a daily rhythm.
//!
//! Publications are a Poisson process whose rate follows the hour of the channel's day: few at night, most in the late
//! afternoon. The next one comes when an exponentially distributed amount of "expected posts" has passed.

use std::time::Duration;

use domain::seed::Seed;
use domain::time::{Timestamp, Zone};

/// The share of a day's posts that falls into each local hour, in thousandths.
const HOURS: [u16; 24] =
    [12, 6, 4, 3, 3, 5, 15, 35, 55, 65, 65, 60, 60, 55, 50, 50, 55, 65, 75, 75, 70, 57, 40, 20];
const WHOLE: f64 = 1000.0;

/// The next publication after `after`, on a whole second; `None` if the channel never publishes.
pub(super) fn next(after: Timestamp, zone: Zone, per_day: f64, seed: Seed) -> Option<Timestamp> {
    // NaN and negative rates publish nothing either.
    if per_day.partial_cmp(&0.0) != Some(std::cmp::Ordering::Greater) {
        return None;
    }
    let days = -(1.0 - seed.fraction()).ln() / per_day;
    let minute = f64::from(zone.minute_of_day(after));
    let wait = Duration::try_from_secs_f64(span(minute / 60.0, days)).ok()?;
    Some((after + wait).round_up(Duration::from_secs(1)))
}

/// How many seconds hold `days` days' worth of posts, beginning at this hour of the day.
fn span(hour: f64, days: f64) -> f64 {
    let mut seconds = days.floor() * 86_400.0;
    let mut rest = days.fract() * WHOLE;
    let mut at = hour;
    // A day's worth is spent within 25 steps: the broken first hour, 23 whole ones, and the first one again.
    for share in HOURS.iter().cycle().skip(first_hour(hour)).take(25) {
        let (share, left) = (f64::from(*share), at.floor() + 1.0 - at);
        if rest <= share * left {
            return seconds + rest / share * 3_600.0;
        }
        rest -= share * left;
        seconds += left * 3_600.0;
        at = at.floor() + 1.0;
    }
    seconds
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an hour of the day is 0 to 23")]
fn first_hour(hour: f64) -> usize {
    hour as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_the_hours_are_a_whole_day() {
        assert_eq!(HOURS.iter().sum::<u16>(), 1000);
    }

    #[test]
    fn a_day_of_posts_takes_a_day_from_any_hour() {
        for hour in [0.0, 7.25, 23.9] {
            assert!((span(hour, 1.0) - 86_400.0).abs() < 1e-6);
            assert!((span(hour, 0.999_999_9) - 86_400.0).abs() < 60.0);
        }
    }

    #[test]
    fn a_channel_keeps_its_rate_and_sleeps_at_night() {
        let zone: Zone = "Asia/Tokyo".parse().unwrap();
        let mut at = Timestamp::EPOCH;
        let (mut posts, mut at_night) = (0, 0);
        while at < Timestamp::from_secs(100 * 86_400) {
            at = next(at, zone, 8.0, Seed(3).derive("n", posts)).unwrap();
            posts += 1;
            at_night += i64::from(zone.minute_of_day(at) < 6 * 60);
        }
        assert!((700..900).contains(&posts), "{posts}");
        assert!(at_night * 20 < posts, "{at_night} of {posts}");
        assert_eq!(next(at, zone, 0.0, Seed(1)), None);
    }
}
