//! Approving and rejecting a comment.

use domain::comment::{Event, Illegal, StateName};
use domain::disclosure::DisclosureError;
use domain::id::ProjectId;
use domain::seed::Seed;
use domain::time::Timestamp;

use super::desk::{OnDesk, fetch_one};
use super::{Decided, NewRuling, Ruling, Told, keep, tell};
use crate::comments::write;
use crate::drafting::{NotScheduled, schedule};
use crate::error::StoreError;
use crate::store::{Run as _, Store, Tx};

/// Why a comment on the desk is not approved.
pub(super) enum NotApproved {
    /// It does not wait for a decision.
    Illegal(Illegal),
    /// Text and label do not make a message.
    Unsignable(DisclosureError),
}

impl Store {
    /// Approves a revision: it is signed and scheduled at the moment promised to it, or now if that has passed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such comment, [`StoreError::Decided`] when somebody was faster,
    /// [`StoreError::Comment`] when it does not wait for a decision, [`StoreError::NotLatest`] and
    /// [`StoreError::PostChanged`] when text or post are not those that were read, [`StoreError::Unsignable`] when text and
    /// label do not fit a message.
    pub async fn approve(
        &self,
        project: ProjectId,
        decided: Decided<'_>,
        seed: Seed,
        now: Timestamp,
    ) -> Result<StateName, StoreError> {
        let operation = "approve a comment";
        let mut tx = self.begin(operation).await?;
        let mut on_desk = fetch_one(&tx, project, decided.comment, now).await?;
        in_time(&tx, &on_desk, &decided, Event::Approve(decided.revision)).await?;
        if on_desk.post_now != decided.post_revision {
            return Err(StoreError::PostChanged { operation, revision: on_desk.post_now });
        }
        let ruling = approve(&mut on_desk, seed, now).map_err(|why| match why {
            NotApproved::Illegal(source) => StoreError::Comment { operation, source },
            NotApproved::Unsignable(source) => StoreError::Unsignable { operation, source },
        })?;
        finish(&mut tx, project, &on_desk, ("comment.approved", ruling), &decided, now).await?;
        tx.commit().await?;
        Ok(on_desk.stored.state.name())
    }

    /// Rejects a revision; nothing of the comment is ever sent.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such comment, [`StoreError::Decided`] when somebody was faster,
    /// [`StoreError::Comment`] when it does not wait for a decision, [`StoreError::NotLatest`] when the text is not the one
    /// that was read.
    pub async fn reject(
        &self,
        project: ProjectId,
        decided: Decided<'_>,
        now: Timestamp,
    ) -> Result<StateName, StoreError> {
        let operation = "reject a comment";
        let mut tx = self.begin(operation).await?;
        let mut on_desk = fetch_one(&tx, project, decided.comment, now).await?;
        in_time(&tx, &on_desk, &decided, Event::Reject(decided.revision)).await?;
        let ruling = reject(&mut on_desk).map_err(|source| StoreError::Comment { operation, source })?;
        finish(&mut tx, project, &on_desk, ("comment.rejected", ruling), &decided, now).await?;
        tx.commit().await?;
        Ok(on_desk.stored.state.name())
    }
}

/// Approves the latest revision of a comment and schedules it.
pub(super) fn approve(on_desk: &mut OnDesk, seed: Seed, now: Timestamp) -> Result<NewRuling, NotApproved> {
    let OnDesk { stored, draft, post_now, .. } = on_desk;
    let Some((text, _)) = draft.clone() else {
        let event = Event::Approve(stored.revision).verb();
        return Err(NotApproved::Illegal(Illegal { from: stored.was(), event }));
    };
    let post_now = *post_now;
    let label = on_desk.label_for(&text).map_err(NotApproved::Unsignable)?;
    let stored = &mut on_desk.stored;
    schedule(stored, &text, &label, post_now, seed, now).map_err(|why| match why {
        NotScheduled::Illegal(illegal) => NotApproved::Illegal(illegal),
        NotScheduled::Unsignable(source) => NotApproved::Unsignable(source),
    })?;
    Ok(NewRuling { comment_id: stored.id, revision: stored.revision, decision: Ruling::Approved })
}

/// Rejects the latest revision of a comment.
pub(super) fn reject(on_desk: &mut OnDesk) -> Result<NewRuling, Illegal> {
    let stored = &mut on_desk.stored;
    stored.step(Event::Reject(stored.revision))?;
    Ok(NewRuling { comment_id: stored.id, revision: stored.revision, decision: Ruling::Rejected })
}

/// That the comment waits for a decision, and that what was read is its latest text.
async fn in_time(tx: &Tx, on_desk: &OnDesk, decided: &Decided<'_>, event: Event) -> Result<(), StoreError> {
    let (operation, stored) = (tx.operation(), &on_desk.stored);
    if !on_desk.waits() {
        let illegal = Illegal { from: stored.was(), event: event.verb() };
        return Err(on_desk.refusal(tx, illegal).await?);
    }
    if stored.revision == decided.revision {
        return Ok(());
    }
    Err(StoreError::NotLatest { operation, latest: stored.revision })
}

async fn finish(
    tx: &mut Tx,
    project: ProjectId,
    on_desk: &OnDesk,
    (action, ruling): (&str, NewRuling),
    decided: &Decided<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Decided { comment, revision, by, note, .. } = *decided;
    keep(tx, &[ruling], by, note, now)?;
    write(tx, [&on_desk.stored], now).await?;
    let told = Told { revision: Some(revision), state: Some(on_desk.stored.state.name()), count: None, note };
    tell(tx, project, by, (action, format!("comment {comment}")), &told, now).await
}
