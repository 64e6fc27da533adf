//! What people do with comments: look for them, read them with all that was written and decided, rewrite, approve, reject,
//! take back, and give those that were refused or expired another chance; one at a time, or all that match a filter.
//!
//! Whatever is done is done on `desk`: the comments are locked first and read afterwards, so of two reviewers who decide
//! at once the second one sees what the first one did, and is told who it was and when. A decision names the revision of the
//! text and of the post that were before the reviewer's eyes; if either is not the latest any more, nothing is decided.
//! Every change is audited, and every decision kept, in the transaction that makes it.

mod change;
mod decide;
mod desk;
mod filter;
mod listing;
mod sweep;

use domain::comment::{Revision, StateName};
use domain::id::{CommentId, ProjectId, UserId};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

pub use change::Rewrite;
pub use filter::CommentFilter;
pub use listing::{CommentRecord, ListedComment, PostRead, WrittenDraft};
pub use sweep::{Action, Left, Sweep, Swept, WhyLeft};

use crate::error::StoreError;
use crate::outbox::{Actor, AuditEntry, audit};
use crate::rows::{Sql, rows, storable};
use crate::store::{Run as _, Tx};

static DECIDE: Sql = Sql::new(
    "INSERT INTO approvals (comment_id, revision, decision, decided_by, note, decided_at)
     SELECT r.comment_id, r.revision, r.decision, $2, $3, $4
     FROM rows($1: comment_id bigint, revision bigint, decision text) r",
);

/// What a person decided.
#[derive(Clone, Copy, Debug)]
pub struct Decided<'a> {
    /// On which comment.
    pub comment: CommentId,
    /// On which revision of its text.
    pub revision: Revision,
    /// Under which revision of the post (0 until it was edited). A rejection does not depend on it.
    pub post_revision: i64,
    /// Who.
    pub by: UserId,
    /// Why, in their words.
    pub note: Option<&'a str>,
}

/// What was decided on a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// It may be sent.
    Approved,
    /// It may not.
    Rejected,
    /// An approval of it does not count any more.
    Void,
}

/// A decision as it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// On which revision.
    pub revision: Revision,
    /// What.
    pub ruling: Ruling,
    /// Who, with the name others see; `None` for the project's rule, a change of the post, or somebody who is gone.
    pub by: Option<(UserId, String)>,
    /// Why, in their words.
    pub note: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl std::fmt::Display for Decision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ruling = match self.ruling {
            Ruling::Approved => "approved",
            Ruling::Rejected => "rejected",
            Ruling::Void => "declared void",
        };
        write!(f, "{ruling} at {}", self.at)?;
        self.by.as_ref().map_or(Ok(()), |(_, name)| write!(f, " by {name}"))
    }
}

/// A decision to be kept.
#[derive(Clone, Copy, Serialize)]
struct NewRuling {
    comment_id: CommentId,
    revision: Revision,
    decision: Ruling,
}

/// How a change is told in the audit log.
#[derive(Debug, Serialize)]
struct Told<'a> {
    /// The revision it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<Revision>,
    /// The state that follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<StateName>,
    /// How many comments, of those that matched a filter.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
    /// Why, in the person's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
}

/// Keeps decisions of one person with the commit.
fn keep(
    tx: &Tx,
    rulings: &[NewRuling],
    by: UserId,
    note: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    if !rulings.is_empty() {
        let note = note.map(|note| storable(note).into_owned());
        let values = [rows(tx.operation(), rulings)?, by.get().into(), note.into(), now.micros().into()];
        tx.at_commit(&DECIDE, values);
    }
    Ok(())
}

/// Audits what a person did.
async fn tell(
    tx: &Tx,
    project: ProjectId,
    by: UserId,
    (action, subject): (&str, String),
    told: &Told<'_>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let detail = serde_json::to_string(told).map_err(|source| StoreError::Unreadable {
        operation: tx.operation(),
        column: "detail",
        source: Box::new(source),
    })?;
    let (actor, action) = (Actor::User(by), action.to_owned());
    audit(tx, &AuditEntry { actor, project: Some(project), action, subject, detail, at }).await
}
