//! Rewriting a comment, taking it back before it is sent, and giving it another chance after it was refused or expired.

use domain::comment::retry::{NoRetry, again};
use domain::comment::{Event, Illegal, Revision, SkipReason, State, StateName};
use domain::id::{CommentId, ProjectId, UserId};
use domain::pacing::Window;
use domain::time::Timestamp;
use serde::Serialize;

use super::desk::{OnDesk, fetch_one};
use super::{NewRuling, Ruling, Told, keep, tell};
use crate::comments::write;
use crate::drafting::{DraftAuthor, NewDraft, insert_drafts};
use crate::error::StoreError;
use crate::rows::{Sql, rows, storable};
use crate::store::{Run as _, Store, Tx};

/// A new window, and nothing left of the attempt that failed: neither its error nor the thread it was aimed at.
static REOPEN: Sql = Sql::new(
    "UPDATE comments SET window_from = r.window_from, window_to = r.window_to, error_code = NULL,
         thread_group = NULL, thread_root = NULL
     FROM rows($1: id bigint, window_from bigint, window_to bigint) r WHERE comments.id = r.id",
);

/// A text of a person's own, to replace a draft.
#[derive(Clone, Copy, Debug)]
pub struct Rewrite<'a> {
    /// The comment.
    pub comment: CommentId,
    /// The revision it replaces, which must be the latest (0 before the first); `None` takes whatever is the latest.
    pub base: Option<Revision>,
    /// What it is to say, without label.
    pub text: &'a str,
    /// Whose text it is.
    pub by: UserId,
}

/// Why a comment gets no other chance.
pub(super) enum NotReopened {
    /// It was neither refused nor expired.
    Illegal(Illegal),
    /// A rule stands against it.
    Forbidden(NoRetry),
}

#[derive(Serialize)]
pub(super) struct NewWindow {
    id: CommentId,
    window_from: Timestamp,
    window_to: Timestamp,
}

impl Store {
    /// Replaces the text by a person's own, as a new revision that waits for approval, and returns it. An approval of the
    /// old one is void.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such comment, [`StoreError::Comment`] when it is being sent or has
    /// ended, [`StoreError::NotLatest`] when somebody else rewrote it meanwhile, [`StoreError::Unsignable`] when the text
    /// does not make a message.
    pub async fn rewrite(
        &self,
        project: ProjectId,
        rewrite: Rewrite<'_>,
        now: Timestamp,
    ) -> Result<Revision, StoreError> {
        let operation = "rewrite a comment";
        let Rewrite { comment, base, by, .. } = rewrite;
        let mut tx = self.begin(operation).await?;
        let mut on_desk = fetch_one(&tx, project, comment, now).await?;
        let latest = on_desk.stored.revision;
        let revision = Revision(latest.0 + 1);
        let text = storable(rewrite.text);
        let voided = match supersede(&mut on_desk, revision) {
            Ok(voided) => voided,
            Err(illegal) => return Err(on_desk.refusal(&tx, illegal).await?),
        };
        if base.is_some_and(|base| base != latest) {
            return Err(StoreError::NotLatest { operation, latest });
        }
        on_desk.label_for(&text).map_err(|source| StoreError::Unsignable { operation, source })?;
        let author = DraftAuthor::Person;
        let draft = NewDraft { comment_id: comment, revision: revision.0, author, text, moderation: &[] };
        insert_drafts(&tx, &[draft], now)?;
        keep(&tx, voided.as_slice(), by, None, now)?;
        write(&mut tx, [&on_desk.stored], now).await?;
        let state = Some(on_desk.stored.state.name());
        let told = Told { revision: Some(revision), state, count: None, note: None };
        tell(&tx, project, by, ("comment.rewritten", format!("comment {comment}")), &told, now).await?;
        tx.commit().await?;
        Ok(revision)
    }

    /// Takes a comment back before it is sent.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such comment, [`StoreError::Comment`] and [`StoreError::Decided`]
    /// when it is being sent or has ended.
    pub async fn withdraw(
        &self,
        project: ProjectId,
        comment: CommentId,
        by: UserId,
        note: Option<&str>,
        now: Timestamp,
    ) -> Result<StateName, StoreError> {
        let mut tx = self.begin("cancel a comment").await?;
        let mut on_desk = fetch_one(&tx, project, comment, now).await?;
        if let Err(illegal) = withdraw(&mut on_desk) {
            return Err(on_desk.refusal(&tx, illegal).await?);
        }
        write(&mut tx, [&on_desk.stored], now).await?;
        let state = on_desk.stored.state.name();
        let told = Told { revision: None, state: Some(state), count: None, note };
        tell(&tx, project, by, ("comment.cancelled", format!("comment {comment}")), &told, now).await?;
        tx.commit().await?;
        Ok(state)
    }

    /// Gives a comment that was refused or expired another chance where [`domain::comment::retry`] allows it: a new window,
    /// and its text goes back to a reviewer (or to the writer, if it never had one).
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such comment, [`StoreError::Comment`] and [`StoreError::Decided`]
    /// when it was neither refused nor expired, [`StoreError::NoRetry`] when a rule stands against it.
    pub async fn reopen(
        &self,
        project: ProjectId,
        comment: CommentId,
        by: UserId,
        now: Timestamp,
    ) -> Result<StateName, StoreError> {
        let operation = "retry a comment";
        let mut tx = self.begin(operation).await?;
        let mut on_desk = fetch_one(&tx, project, comment, now).await?;
        let (window, voided) = match reopen(&mut on_desk, now) {
            Ok(reopened) => reopened,
            Err(NotReopened::Illegal(illegal)) => return Err(on_desk.refusal(&tx, illegal).await?),
            Err(NotReopened::Forbidden(source)) => return Err(StoreError::NoRetry { operation, source }),
        };
        write(&mut tx, [&on_desk.stored], now).await?;
        write_windows(&tx, &[window])?;
        keep(&tx, voided.as_slice(), by, None, now)?;
        let state = on_desk.stored.state.name();
        let told = Told { revision: None, state: Some(state), count: None, note: None };
        tell(&tx, project, by, ("comment.retried", format!("comment {comment}")), &told, now).await?;
        tx.commit().await?;
        Ok(state)
    }
}

/// Makes way for another revision; the ruling that ends an approval of the one before, if it had one.
fn supersede(on_desk: &mut OnDesk, revision: Revision) -> Result<Option<NewRuling>, Illegal> {
    let stored = &mut on_desk.stored;
    let approved = matches!(stored.state, State::Approved(_) | State::Scheduled(_));
    let old = NewRuling { comment_id: stored.id, revision: stored.revision, decision: Ruling::Void };
    if approved {
        stored.step(Event::Invalidate)?;
    }
    stored.step(Event::Draft(revision))?;
    Ok(approved.then_some(old))
}

/// Takes a comment on the desk back.
pub(super) fn withdraw(on_desk: &mut OnDesk) -> Result<(), Illegal> {
    on_desk.stored.step(Event::Skip(SkipReason::Cancelled))
}

/// Gives a comment on the desk another chance: its new window, and the ruling that ends its approval, if it has a text.
pub(super) fn reopen(
    on_desk: &mut OnDesk,
    now: Timestamp,
) -> Result<(NewWindow, Option<NewRuling>), NotReopened> {
    let OnDesk { stored, facts, .. } = on_desk;
    // The state comes first: of a comment that was sent nobody wants to hear that its post is too old.
    let mut reopened = stored.clone();
    reopened.step(Event::Reopen(stored.revision)).map_err(NotReopened::Illegal)?;
    let Window { from, to } = again(facts, now).map_err(NotReopened::Forbidden)?;
    reopened.due_at = Some(from);
    *stored = reopened;
    let old = NewRuling { comment_id: stored.id, revision: stored.revision, decision: Ruling::Void };
    let window = NewWindow { id: stored.id, window_from: from, window_to: to };
    Ok((window, (stored.revision > Revision(0)).then_some(old)))
}

/// Writes the windows of comments that got another chance.
pub(super) fn write_windows(tx: &Tx, windows: &[NewWindow]) -> Result<(), StoreError> {
    if !windows.is_empty() {
        tx.at_commit(&REOPEN, [rows(tx.operation(), windows)?]);
    }
    Ok(())
}
