//! Recording posts: new ones, albums in parts, edits, and the gaps between them.

use domain::time::Timestamp;

use crate::error::StoreError;
use crate::store::Store;
use crate::watching::{RecordPosts, Recorded};

impl Store {
    /// Records what was seen in channels, one answer for each in the order given. New posts get a `PlanPost` job; a changed
    /// text is kept as a revision, and comments approved on the old one become void. Ids that were jumped over open gaps.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when a channel does not exist, otherwise the database's own.
    pub async fn record_posts(
        &self,
        seen: &[RecordPosts],
        now: Timestamp,
    ) -> Result<Vec<Recorded>, StoreError> {
        todo!()
    }
}
