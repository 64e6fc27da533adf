//! What was deleted in a channel or its threads, and the comments that have nothing to speak to any more.

use domain::id::{ChannelId, MessageId};
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// Marks posts as deleted and skips the comments that wait there. Returns how many posts were known and still stood. A
    /// part of an album takes the post with it only if it is the part the post is known by.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn record_deleted_posts(
        &self,
        channel: ChannelId,
        messages: &[MessageId],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        todo!()
    }

    /// Marks messages in the channel's group as deleted: answers to them that wait for their send become void, earlier ones
    /// are skipped. Returns how many messages were known and still stood.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn record_deleted_thread_messages(
        &self,
        channel: ChannelId,
        messages: &[MessageId],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        todo!()
    }
}
