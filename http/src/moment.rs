//! How an instant looks in JSON: RFC 3339 in UTC, described as `date-time`.

use chrono::{DateTime, Utc};
use domain::time::Timestamp;

/// An instant for readers. One beyond the calendar's end (the year 262142) becomes the epoch.
pub(crate) fn moment(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.micros()).unwrap_or_default()
}

/// The instant that a reader wrote, to the microsecond.
pub(crate) fn instant(at: DateTime<Utc>) -> Timestamp {
    Timestamp::from_micros(at.timestamp_micros())
}
