//! What happens to accounts: their status, and where they may not write.

use domain::account::{Event, Status};
use domain::id::{AccountId, ChannelId};
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// Applies an event to an account and returns the status it has now. A change is told by an event and, with its
    /// `reason`, kept on the account.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such account, [`StoreError::Account`] when the event does not fit.
    pub async fn account_event(
        &self,
        account: AccountId,
        event: Event,
        reason: &str,
        now: Timestamp,
    ) -> Result<Status, StoreError> {
        todo!()
    }

    /// The status of an account.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such account.
    pub async fn account_status(&self, account: AccountId) -> Result<Status, StoreError> {
        todo!()
    }

    /// Keeps an account from writing in a channel until `until`, or until a person lifts it. Returns in how many channels it
    /// is blocked for this reason now.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn block_account(
        &self,
        account: AccountId,
        channel: ChannelId,
        reason: &str,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        todo!()
    }
}
