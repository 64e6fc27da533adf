//! What a writer reads, and what becomes of its drafts.

mod apply;
mod snapshot;

use domain::comment::{Intent, Revision};
use domain::disclosure::Label;
use domain::id::{AccountId, CommentId, ProjectId};
use domain::pacing::Window;
use domain::policy::Approval;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::queue::Lease;

pub(crate) use apply::{NewDraft, NotScheduled, SeededDraft, gather_drafts, insert_drafts, schedule};

/// A comment that waits for a text.
#[derive(Clone, Debug)]
pub struct DraftRequest {
    /// The comment.
    pub comment: CommentId,
    /// Its project.
    pub project: ProjectId,
    /// The account that will speak.
    pub account: AccountId,
    /// What it is for.
    pub intent: Intent,
    /// The revision to be written.
    pub revision: Revision,
    /// The language of the campaign's voice, if it has a voice.
    pub language: Option<String>,
    /// The voice's templates for this intent.
    pub templates: Vec<String>,
    /// The channel's title.
    pub channel_title: String,
    /// What the post says.
    pub post_text: String,
    /// What the reader says, for an answer.
    pub reader_text: Option<String>,
    /// The label that will stand under it.
    pub label: Label,
    /// Who approves it.
    pub approval: Approval,
    /// When it may leave.
    pub window: Window,
    /// The moment promised to it.
    pub due_at: Timestamp,
}

/// Who wrote a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftAuthor {
    /// A language model.
    Model,
    /// A template.
    Template,
    /// A person.
    Person,
}

/// What a writer brought.
#[derive(Clone, Debug)]
pub enum DraftResult {
    /// A text.
    Written {
        /// What it says, without label.
        text: String,
        /// Who wrote it.
        author: DraftAuthor,
        /// What moderation remarked; any remark keeps it from being approved by rule.
        remarks: Vec<String>,
    },
    /// Nothing that fits.
    Nothing,
}

/// A draft, with the job it finishes.
#[derive(Clone, Debug)]
pub struct DraftOutcome {
    /// The job.
    pub lease: Lease,
    /// The comment.
    pub comment: CommentId,
    /// What was written.
    pub result: DraftResult,
}
