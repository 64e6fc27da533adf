//! Writing down how sends ended.

use domain::comment::StateName;
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::sending::SendOutcome;
use crate::store::Store;

impl Store {
    /// Applies outcomes: finishes or reschedules their jobs, enqueues the first look at what was sent, counts, and pauses a
    /// campaign whose error rate asks for it. The answer has, in the order given, the state each comment is in now; `None`
    /// where the lease was stale. Concurrent callers share a transaction.
    ///
    /// # Errors
    /// Only the database's own; the comments are still `sending` then.
    pub async fn finish_sends(
        &self,
        node: &str,
        outcomes: &[SendOutcome],
        now: Timestamp,
    ) -> Result<Vec<Option<StateName>>, StoreError> {
        todo!()
    }
}
