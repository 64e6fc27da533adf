//! What a starting process must know to rebuild its actors: light rows, in pages by id, so that memory stays flat.

use domain::account::Status;
use domain::id::{AccountId, ChannelId, MessageId, PeerId, ProjectId};

use crate::error::StoreError;
use crate::setup::Assignment;
use crate::store::Store;

/// An account that an actor owns.
#[derive(Clone, Debug)]
pub struct AccountToRun {
    /// Its row.
    pub account: AccountId,
    /// Whose it is.
    pub project: ProjectId,
    /// Its Telegram id, if it has logged in.
    pub telegram_id: Option<PeerId>,
    /// Its condition.
    pub status: Status,
    /// Its session as it was stored.
    pub session_sealed: Option<Vec<u8>>,
}

/// A channel that an actor watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelToWatch {
    /// Its row.
    pub channel: ChannelId,
    /// Whose it is.
    pub project: ProjectId,
    /// Its Telegram id.
    pub telegram_id: PeerId,
    /// The discussion group linked to it.
    pub discussion: Option<PeerId>,
    /// The newest message known.
    pub newest: MessageId,
    /// Up to where nothing is missing.
    pub audited_up_to: MessageId,
}

impl Store {
    /// Accounts that are not dead, in the order of their ids after `after`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn accounts_to_run(
        &self,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<AccountToRun>, StoreError> {
        todo!()
    }

    /// Active channels with a Telegram id, in the order of their ids after `after`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn channels_to_watch(
        &self,
        after: Option<ChannelId>,
        limit: u32,
    ) -> Result<Vec<ChannelToWatch>, StoreError> {
        todo!()
    }

    /// Which accounts may write in which channels, in the order of account and channel after `after`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn assignments(
        &self,
        after: Option<Assignment>,
        limit: u32,
    ) -> Result<Vec<Assignment>, StoreError> {
        todo!()
    }

    /// All projects that are not archived.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn projects_to_plan(&self) -> Result<Vec<ProjectId>, StoreError> {
        todo!()
    }
}
