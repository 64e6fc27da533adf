//! What time does by itself: windows close, and what was kept long enough is removed.

use domain::time::Timestamp;

use crate::error::StoreError;
use crate::store::Store;

/// Up to when things are removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Events before it are removed.
    pub events: Timestamp,
    /// Entries of the audit log before it are removed.
    pub audit: Timestamp,
    /// Readers' texts written before it are emptied; that somebody wrote remains.
    pub readers_text: Timestamp,
}

impl Store {
    /// Expires comments whose window closed before they could be sent, at most `limit`, and returns how many. Their jobs end
    /// by themselves when they find nothing to do.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn expire_comments(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        todo!()
    }

    /// Removes what was kept long enough, at most `limit` rows of each kind, and returns how many rows it touched.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn prune(&self, retention: &Retention, limit: u32) -> Result<u64, StoreError> {
        todo!()
    }
}
