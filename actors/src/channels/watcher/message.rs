//! What a channel's watcher is told.

use telegram::Update;

use crate::queue::Work;
use crate::runtime::Named;

/// What a channel's watcher is told.
pub(crate) enum WatcherMessage {
    /// An account was told this about the channel, oldest first.
    Seen(Vec<Update>),
    /// Fetch what the updates left out.
    Audit(Work),
}

impl Named for WatcherMessage {
    fn name(&self) -> &'static str {
        match self {
            Self::Seen(_) => "seen",
            Self::Audit(_) => "audit",
        }
    }
}
