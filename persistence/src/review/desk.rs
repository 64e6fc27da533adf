//! The comments that are about to be changed by a person, each with everything that a decision on it stands on.

use domain::comment::retry::Facts;
use domain::comment::{Illegal, State, StateName};
use domain::disclosure::{DisclosureError, Label, sign};
use domain::gate::Target;
use domain::id::{CommentId, ProjectId};
use domain::policy::{Policy, Preset};
use domain::time::Timestamp;
use serde::Serialize;

use super::listing::read_decision;
use super::{Decision, Ruling};
use crate::comments::{Stored, columns};
use crate::error::StoreError;
use crate::row::Row;
use crate::rows::{Dialect, Sql, rows};
use crate::store::{Run as _, Tx};

/// What is read after this is what the latest transaction left.
static LOCK: Sql = Sql::new(
    "SELECT c.id FROM rows($1: id bigint) r JOIN comments c ON c.id = r.id WHERE c.project_id = $2
     ORDER BY c.id {FOR UPDATE OF c}",
);

static READ: Sql = Sql::new(concat!(
    "SELECT ",
    columns!(),
    ", c.intent, d.text, d.written_at, COALESCE(v.label, a.label) AS label_now, p.timezone,
         po.revision AS post_now, po.published_at, po.deleted_at IS NOT NULL AS post_deleted, po.comments_open,
         (SELECT MAX(e.seen_at) FROM post_revisions e WHERE e.post_id = c.post_id) AS post_changed_at,
         m.sent_at AS asked_at, m.deleted_at IS NOT NULL AS question_deleted,
         a.status AS account_status, ca.preset, ca.policy,
         EXISTS (SELECT 1 FROM consents n WHERE n.channel_id = c.channel_id AND n.scope = 'comment'
             AND n.revoked_at IS NULL AND n.granted_at <= $3 AND (n.expires_at IS NULL OR n.expires_at > $3)) AS consent,
         EXISTS (SELECT 1 FROM account_blocks b WHERE b.account_id = c.account_id AND b.channel_id = c.channel_id
             AND (b.until IS NULL OR b.until > $3)) AS blocked
     FROM rows($1: id bigint) r
     CROSS JOIN comments c
     JOIN projects p ON p.id = c.project_id
     JOIN posts po ON po.id = c.post_id
     LEFT JOIN drafts d ON d.comment_id = c.id AND d.revision = c.revision
     LEFT JOIN accounts a ON a.id = c.account_id
     LEFT JOIN campaigns ca ON ca.id = c.campaign_id
     LEFT JOIN voices v ON v.id = ca.voice_id
     LEFT JOIN thread_messages m ON m.id = c.answers_id
     WHERE c.id = r.id AND c.project_id = $2 ORDER BY c.id"
));

static LATEST: Sql = Sql::new(
    "SELECT v.revision, v.decision, v.decided_by, u.display_name, v.note, v.decided_at
     FROM approvals v LEFT JOIN users u ON u.id = v.decided_by
     WHERE v.comment_id = $1 ORDER BY v.id DESC LIMIT 1",
);

#[derive(Serialize)]
struct IdRow {
    id: CommentId,
}

/// A comment on the desk.
pub(super) struct OnDesk {
    pub(super) stored: Stored,
    /// The latest revision of its text, and when it was written; `None` before the first.
    pub(super) draft: Option<(String, Timestamp)>,
    /// What will stand under it.
    label: Option<String>,
    /// The post's revision now.
    pub(super) post_now: i64,
    /// When the post was last seen to have changed.
    pub(super) post_changed_at: Option<Timestamp>,
    /// What another chance stands on.
    pub(super) facts: Facts,
}

/// Locks comments of a project and reads them, in the order of their ids; those it does not have are left out.
pub(super) async fn fetch(
    tx: &Tx,
    project: ProjectId,
    comments: &[CommentId],
    now: Timestamp,
) -> Result<Vec<OnDesk>, StoreError> {
    let ids: Vec<_> = comments.iter().map(|id| IdRow { id: *id }).collect();
    let ids = rows(tx.operation(), &ids)?;
    if tx.dialect() == Dialect::Postgres {
        tx.rows(&LOCK, [ids.clone(), project.get().into()]).await?;
    }
    let found = tx.rows(&READ, [ids, project.get().into(), now.micros().into()]).await?;
    found.iter().map(OnDesk::read).collect()
}

/// [`fetch`] for one comment that must be there.
pub(super) async fn fetch_one(
    tx: &Tx,
    project: ProjectId,
    comment: CommentId,
    now: Timestamp,
) -> Result<OnDesk, StoreError> {
    let missing = StoreError::NotFound { operation: tx.operation(), what: "comment" };
    fetch(tx, project, &[comment], now).await?.pop().ok_or(missing)
}

impl OnDesk {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let stored = Stored::read(row)?;
        let draft = match (row.maybe("text")?, row.maybe("written_at")?) {
            (Some(text), Some(written_at)) => Some((text, written_at)),
            _ => None,
        };
        let facts = read_facts(row, &stored)?;
        Ok(Self {
            stored,
            draft,
            label: row.maybe("label_now")?,
            post_now: row.get("post_now")?,
            post_changed_at: row.maybe("post_changed_at")?,
            facts,
        })
    }

    /// The label that will stand under `text`, if the two make a message.
    pub(super) fn label_for(&self, text: &str) -> Result<Label, DisclosureError> {
        let label = Label::new(self.label.as_deref().unwrap_or_default())?;
        sign(text, &label)?;
        Ok(label)
    }

    /// Whether it waits for a person's decision.
    pub(super) const fn waits(&self) -> bool {
        matches!(self.stored.state, State::Drafted(_) | State::Void(_))
    }

    /// Why something cannot be done with it: somebody decided before, or its state does not admit it.
    pub(super) async fn refusal(&self, tx: &Tx, illegal: Illegal) -> Result<StoreError, StoreError> {
        let (operation, state) = (tx.operation(), self.stored.was());
        let latest = tx.row(&LATEST, [self.stored.id.get().into()]).await?;
        let decision = latest.as_ref().map(read_decision).transpose()?;
        Ok(match decision.filter(|decision| follows(state, decision)) {
            Some(decision) => StoreError::Decided { operation, state, decision: Box::new(decision) },
            None => StoreError::Comment { operation, source: illegal },
        })
    }
}

/// Whether a comment is in its state because of a decision, and not for what happened afterwards.
fn follows(state: StateName, decision: &Decision) -> bool {
    match state {
        StateName::Rejected => decision.ruling == Ruling::Rejected,
        StateName::Approved
        | StateName::Scheduled
        | StateName::Sending
        | StateName::Sent
        | StateName::Unknown
        | StateName::Refused
        | StateName::Visible
        | StateName::Removed => decision.ruling == Ruling::Approved,
        StateName::Planned | StateName::Skipped | StateName::Drafted => false,
        StateName::Void | StateName::Expired => false,
    }
}

fn read_facts(row: &Row, stored: &Stored) -> Result<Facts, StoreError> {
    let policy = match row.maybe_named::<Preset>("preset")? {
        Some(preset) => Some(Policy::of(preset, row.json("policy")?)),
        None => None,
    };
    let gone = row.get("post_deleted")? || row.get("question_deleted")?;
    Ok(Facts {
        intent: row.named("intent")?,
        refusal: if let State::Refused(code) = &stored.state { Some(code.clone()) } else { None },
        consent: row.get("consent")?,
        target: if gone { Target::Gone } else { Target::Intact },
        comments_open: row.get("comments_open")?,
        account: row.maybe_named("account_status")?,
        blocked: row.get("blocked")?,
        spoken_at: match row.maybe("asked_at")? {
            Some(asked_at) => asked_at,
            None => row.get("published_at")?,
        },
        policy,
        zone: row.zone("timezone")?,
    })
}
