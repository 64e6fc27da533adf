//! What the deliverer is told.

use domain::id::WebhookId;

use crate::runtime::{Named, Reply};

/// What the deliverer is told.
pub(crate) enum DelivererMessage {
    /// There may be new events, or deliveries that are due.
    Look(Reply<()>),
    /// An endpoint's attempt has ended, in whichever way.
    Free(WebhookId),
}

impl Named for DelivererMessage {
    fn name(&self) -> &'static str {
        match self {
            Self::Look(_) => "look",
            Self::Free(_) => "free",
        }
    }
}
