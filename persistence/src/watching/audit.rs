//! The id audit: message ids of a channel are dense, so what is neither a post nor known to be empty is a gap.

use domain::id::{ChannelId, MessageId};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::store::Store;

/// Ids that were jumped over, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Gap {
    /// The first.
    pub from: MessageId,
    /// The last.
    pub to: MessageId,
}

/// How a gap ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapEnd {
    /// Posts stood there and were recorded.
    Filled,
    /// Telegram says that nothing stands there.
    Confirmed,
}

/// Up to where a channel is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelCursor {
    /// The newest message known.
    pub newest: MessageId,
    /// Up to where nothing is missing.
    pub audited_up_to: MessageId,
    /// The gaps that are open, oldest first.
    pub gaps: Vec<Gap>,
}

impl Store {
    /// Up to where a channel is known.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such channel.
    pub async fn channel_cursor(&self, channel: ChannelId) -> Result<ChannelCursor, StoreError> {
        todo!()
    }

    /// Closes gaps of a channel, as they were given by its cursor.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn close_gaps(&self, channel: ChannelId, gaps: &[(Gap, GapEnd)]) -> Result<(), StoreError> {
        todo!()
    }

    /// Moves the mark up to which nothing is missing; never back.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn set_audited(&self, channel: ChannelId, up_to: MessageId) -> Result<(), StoreError> {
        todo!()
    }

    /// Marks a channel that can no longer be read as lost, with an event; twice is no error.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such channel.
    pub async fn lose_channel(
        &self,
        channel: ChannelId,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        todo!()
    }
}
