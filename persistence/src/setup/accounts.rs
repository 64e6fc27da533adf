//! Accounts, and the channels they may write in.

use domain::account::{Kind, Status};
use domain::disclosure::Label;
use domain::id::{AccountId, ChannelId, PeerId, ProjectId};
use domain::pacing::Limits;

use crate::error::StoreError;
use crate::store::Store;

/// How many channels one account may be assigned to.
pub const CHANNELS_PER_ACCOUNT: usize = 50;

/// An account that its owner connected.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What kind of account it is.
    pub kind: Kind,
    /// Its Telegram id, if it has logged in.
    pub telegram_id: Option<PeerId>,
    /// Its username without `@`.
    pub username: Option<String>,
    /// Its name as readers see it.
    pub display_name: String,
    /// Its session, sealed by the caller.
    pub session_sealed: Option<Vec<u8>>,
    /// Its condition.
    pub status: Status,
    /// The label under what it writes.
    pub label: Label,
    /// What it may do at most.
    pub limits: Limits,
}

/// That an account may write in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Assignment {
    /// The account.
    pub account: AccountId,
    /// The channel.
    pub channel: ChannelId,
}

/// What became of assignments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assigned {
    /// How many stand now, those that stood before included.
    pub applied: usize,
    /// Those beyond an account's [`CHANNELS_PER_ACCOUNT`], or whose account or channel is not the project's.
    pub refused: Vec<Assignment>,
}

impl Store {
    /// Creates accounts; their ids come in the order given.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when one of them is connected already; nothing is created then.
    pub async fn create_accounts(
        &self,
        project: ProjectId,
        accounts: &[NewAccount],
    ) -> Result<Vec<AccountId>, StoreError> {
        todo!()
    }

    /// Lets accounts write in channels, up to [`CHANNELS_PER_ACCOUNT`] each.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn assign_channels(
        &self,
        project: ProjectId,
        assignments: &[Assignment],
    ) -> Result<Assigned, StoreError> {
        todo!()
    }
}
