//! What holds for webhooks: where they may lead, how they are signed, and what follows from an answer.
//!
//! They follow the Standard Webhooks specification (<https://www.standardwebhooks.com>), so that a receiver needs no code of
//! ours to check them: three headers, a thin payload, HMAC-SHA256 over both, and attempts that go on for days. Everything
//! here is pure; carrying a payload is the business of a courier, keeping count that of `persistence`.

mod address;
mod endpoint;
mod secret;
mod verdict;

pub use address::Reach;
pub use endpoint::{Endpoint, EndpointError};
pub use secret::{KEPT_AFTER_ROTATION, Secret};
pub use verdict::{ATTEMPTS, Answer, Fault, Verdict, judge};

use serde::{Deserialize, Serialize};

/// Whether an endpoint is told anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is told what happens from now on.
    Enabled,
    /// A person switched it off: it is told nothing, and will not be told later.
    Disabled,
    /// It answered 410 Gone, which means the same until a person enables it again.
    Gone,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Enabled, Self::Disabled, Self::Gone];

    /// The name in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Gone => "gone",
        }
    }
}

/// Where the delivery of one event to one endpoint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is attempted at its time.
    Pending,
    /// The endpoint took it.
    Delivered,
    /// The attempts are used up, or the endpoint was switched off.
    Failed,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Failed];

    /// The name in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}
