//! What a person decides on a draft.

use domain::comment::{Revision, StateName};
use domain::id::{CommentId, ProjectId, UserId};
use domain::seed::Seed;
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// Approves a revision: it is signed and scheduled at the moment promised to it, or now if that has passed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such comment, [`StoreError::Comment`] when this revision is not the
    /// one that waits, [`StoreError::Unsignable`] when text and label do not fit a message.
    #[expect(clippy::too_many_arguments, reason = "a decision names who, what, which revision, why and when")]
    pub async fn approve(
        &self,
        project: ProjectId,
        comment: CommentId,
        revision: Revision,
        by: UserId,
        note: Option<&str>,
        seed: Seed,
        now: Timestamp,
    ) -> Result<StateName, StoreError> {
        todo!()
    }

    /// Rejects a revision.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such comment, [`StoreError::Comment`] when this revision is not the
    /// one that waits.
    pub async fn reject(
        &self,
        project: ProjectId,
        comment: CommentId,
        revision: Revision,
        by: UserId,
        note: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// Replaces the text by a person's own, as a new revision that waits for approval.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such comment, [`StoreError::Comment`] when it does not wait for a
    /// decision.
    pub async fn rewrite(
        &self,
        project: ProjectId,
        comment: CommentId,
        text: &str,
        now: Timestamp,
    ) -> Result<Revision, StoreError> {
        todo!()
    }
}
