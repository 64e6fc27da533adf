//! The consent ledger's rows: given, and taken back with everything that stood on them.

use domain::consent::{Evidence, Scope};
use domain::id::{ChannelId, ConsentId, ProjectId, UserId};
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::store::Store;

/// A consent that was proven.
#[derive(Clone, Debug)]
pub struct NewConsent {
    /// The channel it is for.
    pub channel: ChannelId,
    /// What it allows.
    pub scope: Scope,
    /// How it was proven.
    pub evidence: Evidence,
    /// What the proof refers to.
    pub detail: String,
    /// When it ends by itself, if it does.
    pub expires_at: Option<Timestamp>,
}

impl Store {
    /// Writes consents into the ledger; their ids come in the order given.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when a channel has an active consent of that scope, [`StoreError::NotFound`] when a channel is
    /// not the project's; nothing is written then.
    pub async fn grant_consents(
        &self,
        project: ProjectId,
        consents: &[NewConsent],
        by: UserId,
        now: Timestamp,
    ) -> Result<Vec<ConsentId>, StoreError> {
        todo!()
    }

    /// Takes a consent back, and purges what was derived from it: of scope `comment` every comment of the channel that has
    /// not left is skipped as `consent_revoked` and its drafts are deleted. Returns how many comments were skipped; taking
    /// back twice is no error.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such consent.
    pub async fn revoke_consent(
        &self,
        project: ProjectId,
        consent: ConsentId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        todo!()
    }
}
