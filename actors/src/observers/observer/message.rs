//! What an observer is told, and which channels are its.

use domain::id::ChannelId;

use crate::queue::Work;
use crate::runtime::Named;

/// What an observer is told.
pub(crate) enum ObserverMessage {
    /// Look at these comments.
    Look(Work),
}

impl Named for ObserverMessage {
    fn name(&self) -> &'static str {
        match self {
            Self::Look(_) => "look",
        }
    }
}

/// Two hundred channels with neighbouring ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Shard(i64);

impl Shard {
    /// Channels of one observer at most.
    pub(crate) const CHANNELS: i64 = 200;

    /// Whose a channel is.
    pub(crate) const fn of(channel: ChannelId) -> Self {
        Self(channel.get().div_euclid(Self::CHANNELS))
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
