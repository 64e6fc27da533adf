//! Writing drafts down, and what a project's rule makes of them at once.

use std::collections::HashMap;
use std::sync::Arc;

use domain::comment::{Event, Revision, SkipReason, Slot, State, StateName};
use domain::disclosure::{DisclosureError, Label, sign};
use domain::id::{CommentId, RandomId, UserId};
use domain::policy::Approval;
use domain::seed::Seed;
use domain::time::Timestamp;
use serde::Serialize;

use crate::comments::{Stored, columns, write};
use crate::drafting::{DraftAuthor, DraftOutcome, DraftResult};
use crate::error::StoreError;
use crate::gather::Gather;
use crate::queue::finish_in;
use crate::round::Round;
use crate::rows::{Sql, rows, storable};
use crate::store::{Run as _, Store, Tx};

const APPLYING: &str = "apply drafts";

static WANTED: Sql = Sql::new(concat!(
    "SELECT ",
    columns!(),
    ", p.approval, COALESCE(v.label, a.label) AS label_now, po.revision AS post_now
     FROM rows($1: id bigint) r
     JOIN comments c ON c.id = r.id
     JOIN projects p ON p.id = c.project_id
     JOIN posts po ON po.id = c.post_id
     LEFT JOIN accounts a ON a.id = c.account_id
     LEFT JOIN campaigns ca ON ca.id = c.campaign_id
     LEFT JOIN voices v ON v.id = ca.voice_id {FOR UPDATE OF c}"
));

static INSERT: Sql = Sql::new(
    "INSERT INTO drafts (comment_id, revision, author, text, moderation, written_at)
     SELECT r.comment_id, r.revision, r.author, r.text, r.moderation, $2
     FROM rows($1: comment_id bigint, revision bigint, author text, text text, moderation text) r",
);

static APPROVE: Sql = Sql::new(
    "INSERT INTO approvals (comment_id, revision, decision, decided_by, note, decided_at)
     SELECT r.comment_id, r.revision, 'approved', r.decided_by, r.note, $2
     FROM rows($1: comment_id bigint, revision bigint, decided_by bigint, note text) r",
);

/// A draft, and where the randomness of what follows from it begins.
pub(crate) type SeededDraft = (DraftOutcome, Seed);

/// A draft as it is written.
#[derive(Serialize)]
pub(crate) struct NewDraft<'a> {
    pub(crate) comment_id: CommentId,
    pub(crate) revision: u32,
    pub(crate) author: DraftAuthor,
    pub(crate) text: std::borrow::Cow<'a, str>,
    pub(crate) moderation: &'a [String],
}

/// An approval as it is written.
#[derive(Serialize)]
struct ApprovalRow {
    comment_id: CommentId,
    revision: Revision,
    decided_by: Option<UserId>,
    note: Option<&'static str>,
}

#[derive(Serialize)]
struct IdRow {
    id: CommentId,
}

/// A comment that waits for its draft, and what its approval would stand on.
struct Wanted {
    stored: Stored,
    approval: Approval,
    label: Option<Label>,
    post_revision: i64,
}

impl Store {
    /// Applies drafts and finishes their jobs. In a project that approves by rule a draft without remarks is approved,
    /// signed and scheduled at once. The answer has, in the order given, the state each comment is in now; `None` where the
    /// lease was stale. Concurrent callers share a transaction.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn apply_drafts(
        &self,
        node: &str,
        outcomes: &[DraftOutcome],
        seed: Seed,
        now: Timestamp,
    ) -> Result<Vec<Option<StateName>>, StoreError> {
        let seeded: Vec<_> = outcomes.iter().map(|outcome| (outcome.clone(), seed)).collect();
        self.gathers().drafts.run(self, node, &seeded, now).await
    }
}

pub(crate) fn gather_drafts(round: &Arc<Round>) -> Arc<Gather<SeededDraft, Option<StateName>>> {
    Gather::writing(round, APPLYING, |tx, node, drafts, now| {
        Box::pin(async move { apply(tx, &node, &drafts, now).await })
    })
}

async fn apply(
    tx: &mut Tx,
    node: &str,
    outcomes: &[SeededDraft],
    now: Timestamp,
) -> Result<Vec<Option<StateName>>, StoreError> {
    let leases: Vec<_> = outcomes.iter().map(|(outcome, _)| outcome.lease).collect();
    let accepted = finish_in(tx, node, &leases, now).await?;
    let accepted: Vec<_> =
        outcomes.iter().filter(|(outcome, _)| accepted.contains(&outcome.lease.job)).collect();
    let mut wanted = read_wanted(tx, &accepted).await?;
    let (mut drafts, mut approvals) = (Vec::new(), Vec::new());
    for (outcome, seed) in &accepted {
        let Some(wanted) = wanted.get_mut(&outcome.comment) else { continue };
        if let Some(draft) = take(wanted, outcome) {
            if let Some(approval) = approve_by_rule(wanted, &draft, *seed, now) {
                approvals.push(approval);
            }
            drafts.push(draft);
        }
    }
    insert_drafts(tx, &drafts, now)?;
    if !approvals.is_empty() {
        tx.at_commit(&APPROVE, [rows(APPLYING, &approvals)?, now.micros().into()]);
    }
    write(tx, wanted.values().map(|wanted| &wanted.stored), now).await?;
    let accepted: HashMap<_, _> =
        accepted.iter().map(|(outcome, _)| (outcome.lease, outcome.comment)).collect();
    let state = |(outcome, _): &SeededDraft| {
        let comment = accepted.get(&outcome.lease)?;
        wanted.get(comment).map(|wanted| wanted.stored.state.name())
    };
    Ok(outcomes.iter().map(state).collect())
}

async fn read_wanted(tx: &Tx, drafts: &[&SeededDraft]) -> Result<HashMap<CommentId, Wanted>, StoreError> {
    let asked: Vec<_> = drafts.iter().map(|(outcome, _)| IdRow { id: outcome.comment }).collect();
    let mut wanted = HashMap::with_capacity(asked.len());
    for row in &tx.rows(&WANTED, [rows(tx.operation(), &asked)?]).await? {
        let label = row.maybe::<String>("label_now")?.map(|label| Label::new(&label)).transpose();
        let one = Wanted {
            stored: Stored::read(row)?,
            approval: row.named("approval")?,
            label: label.map_err(|source| row.unreadable("label", source))?,
            post_revision: row.get("post_now")?,
        };
        wanted.insert(one.stored.id, one);
    }
    Ok(wanted)
}

/// Takes what the writer brought; nothing changes for a comment that does not wait for it any more.
fn take<'a>(wanted: &mut Wanted, outcome: &'a DraftOutcome) -> Option<NewDraft<'a>> {
    match &outcome.result {
        DraftResult::Nothing => {
            if wanted.stored.state == State::Planned {
                // A planned comment can always be skipped.
                wanted.stored.step(Event::Skip(SkipReason::NothingWritten)).ok()?;
            }
            None
        }
        DraftResult::Written { text, author, remarks } => {
            let revision = Revision(wanted.stored.revision.0 + 1);
            if !matches!(wanted.stored.state, State::Planned | State::Void(_)) {
                return None;
            }
            wanted.stored.step(Event::Draft(revision)).ok()?;
            Some(NewDraft {
                comment_id: outcome.comment,
                revision: revision.0,
                author: *author,
                text: storable(text),
                moderation: remarks,
            })
        }
    }
}

/// Approves a draft by the project's rule. One that cannot be signed waits for a person.
fn approve_by_rule(
    wanted: &mut Wanted,
    draft: &NewDraft<'_>,
    seed: Seed,
    now: Timestamp,
) -> Option<ApprovalRow> {
    if wanted.approval != Approval::ByRule || !draft.moderation.is_empty() {
        return None;
    }
    let label = wanted.label.as_ref()?;
    let comment_id = wanted.stored.id;
    let revision = wanted.stored.revision;
    schedule(&mut wanted.stored, &draft.text, label, wanted.post_revision, seed, now).ok()?;
    Some(ApprovalRow { comment_id, revision, decided_by: None, note: Some("by rule") })
}

/// Why a draft could not be approved and scheduled.
#[derive(Debug)]
pub(crate) enum NotScheduled {
    Unsignable(DisclosureError),
    Illegal(domain::comment::Illegal),
}

/// Approves the latest revision of a comment and schedules it: signed, with its `random_id`, at the moment promised to it,
/// or now if that has passed. Nothing changes if it cannot be signed.
pub(crate) fn schedule(
    stored: &mut Stored,
    text: &str,
    label: &Label,
    post_revision: i64,
    seed: Seed,
    now: Timestamp,
) -> Result<(), NotScheduled> {
    let signed = sign(text, label).map_err(NotScheduled::Unsignable)?;
    let revision = stored.revision;
    let seed = seed.derive("random_id", stored.id.get()).derive("revision", i64::from(revision.0));
    let random_id = RandomId(seed.0.cast_signed());
    let due_at = stored.due_at.unwrap_or(now).max(now);
    stored.step(Event::Approve(revision)).map_err(NotScheduled::Illegal)?;
    stored
        .step(Event::Schedule(Slot { revision, due_at, random_id, signed }))
        .map_err(NotScheduled::Illegal)?;
    stored.label = Some(label.as_str().to_owned());
    stored.post_revision = Some(post_revision);
    Ok(())
}

/// Writes drafts.
pub(crate) fn insert_drafts(tx: &Tx, drafts: &[NewDraft<'_>], now: Timestamp) -> Result<(), StoreError> {
    if !drafts.is_empty() {
        tx.at_commit(&INSERT, [rows(tx.operation(), drafts)?, now.micros().into()]);
    }
    Ok(())
}
