//! Recording what is written below posts. Who wrote it is decided here: an account of ours, the channel itself, or a
//! reader, whose message then gets a `PlanAnswer` job.

use domain::time::Timestamp;

use crate::error::StoreError;
use crate::store::Store;
use crate::watching::{RecordMessages, RecordedMessages};

impl Store {
    /// Records messages in threads, one answer for each channel in the order given.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when a channel does not exist, otherwise the database's own.
    pub async fn record_thread_messages(
        &self,
        seen: &[RecordMessages],
        now: Timestamp,
    ) -> Result<Vec<RecordedMessages>, StoreError> {
        todo!()
    }
}
