//! What a person decides on a draft.

use domain::comment::{Event, Illegal, Revision, StateName};
use domain::disclosure::Label;
use domain::id::{CommentId, ProjectId, UserId};
use domain::seed::Seed;
use domain::time::Timestamp;

use crate::comments::{Stored, columns, write};
use crate::drafting::{DraftAuthor, NewDraft, NotScheduled, insert_drafts, schedule};
use crate::error::StoreError;
use crate::row::Row;
use crate::rows::{Sql, storable};
use crate::store::{Run as _, Store, Tx};

static READ: Sql = Sql::new(concat!(
    "SELECT ",
    columns!(),
    ", d.text, po.revision AS post_now, COALESCE(v.label, a.label) AS label_now
     FROM comments c
     JOIN posts po ON po.id = c.post_id
     LEFT JOIN drafts d ON d.comment_id = c.id AND d.revision = c.revision
     LEFT JOIN accounts a ON a.id = c.account_id
     LEFT JOIN campaigns ca ON ca.id = c.campaign_id
     LEFT JOIN voices v ON v.id = ca.voice_id
     WHERE c.id = $1 AND c.project_id = $2 {FOR UPDATE OF c}"
));

static DECIDE: Sql = Sql::new(
    "INSERT INTO approvals (comment_id, revision, decision, decided_by, note, decided_at)
     VALUES ($1, $2, $3, $4, $5, $6)",
);

/// What a person decided.
#[derive(Clone, Copy, Debug)]
pub struct Decided<'a> {
    /// On which comment.
    pub comment: CommentId,
    /// On which revision of its text.
    pub revision: Revision,
    /// Who.
    pub by: UserId,
    /// Why, in their words.
    pub note: Option<&'a str>,
}

impl Store {
    /// Approves a revision: it is signed and scheduled at the moment promised to it, or now if that has passed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such comment, [`StoreError::Comment`] when this revision is not the
    /// one that waits, [`StoreError::Unsignable`] when text and label do not fit a message.
    pub async fn approve(
        &self,
        project: ProjectId,
        decided: Decided<'_>,
        seed: Seed,
        now: Timestamp,
    ) -> Result<StateName, StoreError> {
        let operation = "approve a comment";
        let mut tx = self.begin(operation).await?;
        let row = read(&tx, project, decided.comment).await?;
        let mut stored = Stored::read(&row)?;
        waiting(&stored, decided.revision, Event::Approve(decided.revision), operation)?;
        let text: String = row.get("text")?;
        let label = row.maybe::<String>("label_now")?.unwrap_or_default();
        let label = Label::new(&label).map_err(|source| StoreError::Unsignable { operation, source })?;
        schedule(&mut stored, &text, &label, row.get("post_now")?, seed, now).map_err(
            |reason| match reason {
                NotScheduled::Unsignable(source) => StoreError::Unsignable { operation, source },
                NotScheduled::Illegal(source) => StoreError::Comment { operation, source },
            },
        )?;
        decide(&tx, &decided, "approved", now);
        write(&mut tx, [&stored], now).await?;
        tx.commit().await?;
        Ok(stored.state.name())
    }

    /// Rejects a revision.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such comment, [`StoreError::Comment`] when this revision is not the
    /// one that waits.
    pub async fn reject(
        &self,
        project: ProjectId,
        decided: Decided<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let operation = "reject a comment";
        let mut tx = self.begin(operation).await?;
        let mut stored = Stored::read(&read(&tx, project, decided.comment).await?)?;
        stored
            .step(Event::Reject(decided.revision))
            .map_err(|source| StoreError::Comment { operation, source })?;
        decide(&tx, &decided, "rejected", now);
        write(&mut tx, [&stored], now).await?;
        tx.commit().await
    }

    /// Replaces the text by a person's own, as a new revision that waits for approval, and returns it.
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
        let operation = "rewrite a comment";
        let mut tx = self.begin(operation).await?;
        let mut stored = Stored::read(&read(&tx, project, comment).await?)?;
        let revision = Revision(stored.revision.0 + 1);
        stored.step(Event::Draft(revision)).map_err(|source| StoreError::Comment { operation, source })?;
        let draft = NewDraft {
            comment_id: comment,
            revision: revision.0,
            author: DraftAuthor::Person,
            text: storable(text),
            moderation: &[],
        };
        insert_drafts(&tx, &[draft], now)?;
        write(&mut tx, [&stored], now).await?;
        tx.commit().await?;
        Ok(revision)
    }
}

async fn read(tx: &Tx, project: ProjectId, comment: CommentId) -> Result<Row, StoreError> {
    let missing = StoreError::NotFound { operation: tx.operation(), what: "comment" };
    tx.row(&READ, [comment.get().into(), project.get().into()]).await?.ok_or(missing)
}

/// That `revision` is the latest one; scheduling takes whatever is the latest.
fn waiting(
    stored: &Stored,
    revision: Revision,
    event: Event,
    operation: &'static str,
) -> Result<(), StoreError> {
    if stored.revision == revision {
        return Ok(());
    }
    let source = Illegal { from: stored.was(), event: event.verb() };
    Err(StoreError::Comment { operation, source })
}

fn decide(tx: &Tx, decided: &Decided<'_>, decision: &str, now: Timestamp) {
    let values = [
        decided.comment.get().into(),
        i64::from(decided.revision.0).into(),
        decision.into(),
        decided.by.get().into(),
        decided.note.map(|note| storable(note).into_owned()).into(),
        now.micros().into(),
    ];
    tx.at_commit(&DECIDE, values);
}
