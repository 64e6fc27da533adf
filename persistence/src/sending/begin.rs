//! The last check and the mark that a send has begun, in one transaction.

use domain::id::CommentId;
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::queue::Lease;
use crate::sending::Begun;
use crate::store::Store;

impl Store {
    /// Checks each comment once more and marks those that may leave now as being sent; answers in the order given.
    /// Concurrent callers share a transaction.
    ///
    /// # Errors
    /// Only the database's own; then nothing was begun.
    pub async fn begin_sends(
        &self,
        node: &str,
        sends: &[(Lease, CommentId)],
        now: Timestamp,
    ) -> Result<Vec<Begun>, StoreError> {
        todo!()
    }
}
