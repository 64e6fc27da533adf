//! When an account may speak: its limits, what it has promised already, and where in a window the next comment goes.
//!
//! The plan made here is a promise, not a permission: before each send [`crate::gate`] checks the same limits against what
//! really happened.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::time::{Day, Timestamp, Zone};

/// What an account may do at most, whatever a campaign asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Messages per calendar day of the project.
    pub daily: u32,
    /// The least time between two messages.
    pub gap: Duration,
}

/// From when to when a comment may leave; `from < to`, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The earliest moment.
    pub from: Timestamp,
    /// The latest moment; after it the comment expires.
    pub to: Timestamp,
}

/// The moments that one account has already promised or used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    moments: BTreeSet<Timestamp>,
    by_day: BTreeMap<Day, u32>,
}
