//! When a proxy works, when it is down, and when it is looked at again.
//!
//! One failure is a doubt, not a verdict: a proxy is down after three in a row, and up again after one success. What is in
//! doubt is looked at sooner, so that the verdict is not far.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Failures in a row after which a proxy is down.
const FAILURES_TO_BE_DOWN: u32 = 3;

/// How many looks at a proxy in doubt fit between two at one that works.
const LOOKS_IN_DOUBT: u32 = 5;

/// What is known of a proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It was not looked at, or did not answer yet.
    #[default]
    Unknown,
    /// Telegram answered behind it.
    Up,
    /// It failed too often in a row.
    Down,
}

/// A proxy's status, and how often it failed since it last worked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// The verdict.
    pub status: Status,
    /// Failures in a row.
    pub failures: u32,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Unknown, Self::Up, Self::Down];

    /// The name in tables and lists.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

impl Health {
    /// What is known after another look.
    #[must_use]
    pub const fn after(self, answered: bool) -> Self {
        if answered {
            return Self { status: Status::Up, failures: 0 };
        }
        let failures = self.failures.saturating_add(1);
        let status = if failures >= FAILURES_TO_BE_DOWN { Status::Down } else { self.status };
        Self { status, failures }
    }

    /// How long after a look the next one comes, where `every` lies between two looks at a proxy that works.
    #[must_use]
    pub fn look_again_after(self, every: Duration) -> Duration {
        let in_doubt = self.failures > 0 && self.status != Status::Down;
        if in_doubt { every / LOOKS_IN_DOUBT } else { every }
    }

    /// Whether an account may be sent here: it worked when it was last looked at.
    #[must_use]
    pub const fn works(self) -> bool {
        matches!(self.status, Status::Up) && self.failures == 0
    }
}
