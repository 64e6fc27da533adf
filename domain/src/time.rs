//! Instants and spans as the product counts them: microseconds of UTC, and nothing finer.
//!
//! A [`Timestamp`] is stored as a 64-bit integer in both databases, so ordering and arithmetic are the same everywhere.
//! Days and hours exist only in a project's own time zone ([`Zone`]); they are computed from a timestamp, never kept
//! beside it. [`Clock`] is only the interface; the one implementation that reads the machine's time lives in `actors`.

use std::ops::{Add, Sub};
use std::time::Duration;

use chrono::{DateTime, Datelike, NaiveDate, TimeZone, Timelike, Utc};
use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// From microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds since the epoch, Telegram's own unit.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds * 1_000_000)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// How long after `earlier` this is; zero if it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The next instant that is a whole multiple of `step` since the epoch; itself if it is one. A zero step changes nothing.
    #[must_use]
    pub fn round_up(self, step: Duration) -> Self {
        let step = i64::try_from(step.as_micros()).unwrap_or(i64::MAX);
        if step == 0 {
            return self;
        }
        let rest = self.0.rem_euclid(step);
        if rest == 0 { self } else { Self(self.0.saturating_add(step - rest)) }
    }

    /// RFC 3339 with microseconds and `Z`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.utc().to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
    }

    fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or(DateTime::UNIX_EPOCH)
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// A source of the current time. Injected; ask it once per decision and pass the answer on.
pub trait Clock: Send + Sync + 'static {
    /// The current time.
    fn now(&self) -> Timestamp;
}

/// A calendar day in some zone, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(pub i32);

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match NaiveDate::from_epoch_days(self.0) {
            Some(date) => date.fmt(f),
            None => write!(f, "day {}", self.0),
        }
    }
}

/// A time zone of the IANA database, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(chrono_tz::Tz);

/// The name is not in the IANA time zone database.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a time zone; use a name such as Europe/Moscow or UTC")]
pub struct UnknownZone(pub String);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(chrono_tz::UTC);

    /// The IANA name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The calendar day that `at` falls on here.
    #[must_use]
    pub fn day(self, at: Timestamp) -> Day {
        Day(self.local(at).date_naive().to_epoch_days())
    }

    /// Minutes since local midnight, 0 to 1439.
    #[must_use]
    pub fn minute_of_day(self, at: Timestamp) -> u16 {
        let local = self.local(at);
        u16::try_from(local.hour() * 60 + local.minute()).unwrap_or(0)
    }

    /// The first instant at or after `at` whose local minute of the day is `minute` (0 to 1439). A local time that a
    /// change of the clocks leaves out counts as the first instant after the gap; one that it repeats comes twice.
    #[must_use]
    pub fn next_minute_of_day(self, at: Timestamp, minute: u16) -> Timestamp {
        let local = self.local(at);
        (0..=2)
            .filter_map(|ahead| self.at_minute(local.date_naive() + chrono::Days::new(ahead), minute))
            .flat_map(|(first, again)| [first, again])
            .find(|candidate| *candidate >= at)
            .unwrap_or(at)
    }

    /// When it is `minute` on `date`, twice if the clocks go back then. No gap of the IANA database that leaves a day its
    /// date is longer than three hours.
    fn at_minute(self, date: NaiveDate, minute: u16) -> Option<(Timestamp, Timestamp)> {
        (0..=180).find_map(|later| {
            let minute = u32::from(minute) + later;
            let date = date + chrono::Days::new(u64::from(minute / 1440));
            let (hour, minute) = (minute % 1440 / 60, minute % 60);
            let local = self.0.with_ymd_and_hms(date.year(), date.month(), date.day(), hour, minute, 0);
            let instant = |local: DateTime<chrono_tz::Tz>| Timestamp(local.timestamp_micros());
            Some((instant(local.earliest()?), instant(local.latest()?)))
        })
    }

    fn local(self, at: Timestamp) -> DateTime<chrono_tz::Tz> {
        at.utc().with_timezone(&self.0)
    }
}

impl std::str::FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        name.parse().map(Self).map_err(|_| UnknownZone(name.to_owned()))
    }
}

impl TryFrom<String> for Zone {
    type Error = UnknownZone;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros())
    }

    #[test]
    fn days_change_at_local_midnight() {
        let moscow: Zone = "Europe/Moscow".parse().unwrap();
        let before = at("2026-03-01T20:59:59Z");
        assert_eq!(moscow.day(before).to_string(), "2026-03-01");
        assert_eq!(moscow.day(before + Duration::from_secs(1)).to_string(), "2026-03-02");
        assert_eq!(moscow.minute_of_day(before), 1439);
    }

    #[test]
    fn a_local_time_that_a_clock_change_skips_is_the_end_of_the_gap() {
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        let evening = at("2026-03-28T20:00:00Z");
        assert_eq!(berlin.next_minute_of_day(evening, 150), at("2026-03-29T01:00:00Z"));
        assert_eq!(berlin.next_minute_of_day(evening, 130), at("2026-03-29T01:00:00Z"));
    }

    #[test]
    fn a_local_time_that_a_clock_change_repeats_comes_twice() {
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        let first = at("2026-10-25T00:30:00Z");
        assert_eq!(berlin.next_minute_of_day(at("2026-10-24T20:00:00Z"), 150), first);
        assert_eq!(
            berlin.next_minute_of_day(first + Duration::from_secs(1), 150),
            at("2026-10-25T01:30:00Z")
        );
    }

    #[test]
    fn rounding_up_reaches_the_next_multiple_and_stays_on_one() {
        let step = Duration::from_secs(60);
        assert_eq!(Timestamp::from_secs(61).round_up(step), Timestamp::from_secs(120));
        assert_eq!(Timestamp::from_secs(120).round_up(step), Timestamp::from_secs(120));
        assert_eq!(Timestamp::from_secs(-61).round_up(step), Timestamp::from_secs(-60));
    }

    #[test]
    fn an_unknown_zone_names_what_was_given() {
        assert_eq!("Mars/Olympus".parse::<Zone>().unwrap_err(), UnknownZone("Mars/Olympus".into()));
    }
}
