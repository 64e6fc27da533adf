//! Channels.

use domain::id::{ChannelId, MessageId, PeerId, ProjectId};

use crate::error::StoreError;
use crate::store::Store;

/// A channel to be watched.
#[derive(Clone, Debug)]
pub struct NewChannel {
    /// Its Telegram id.
    pub telegram_id: PeerId,
    /// Its username without `@`.
    pub username: Option<String>,
    /// Its title.
    pub title: String,
    /// Its description.
    pub about: String,
    /// The discussion group linked to it.
    pub discussion: Option<PeerId>,
    /// The newest message when watching begins: what is older is not read.
    pub newest: MessageId,
    /// How many members it has, if known.
    pub members: Option<u32>,
}

impl Store {
    /// Creates active channels; their ids come in the order given.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the project watches one of them already; nothing is created then.
    pub async fn create_channels(
        &self,
        project: ProjectId,
        channels: &[NewChannel],
    ) -> Result<Vec<ChannelId>, StoreError> {
        todo!()
    }
}
