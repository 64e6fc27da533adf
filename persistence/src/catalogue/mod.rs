//! What is written where: channels with who may write in them, playlists, campaigns with what they cover, voices with their
//! templates; as people read and change them.
//!
//! Every statement names the project, so another project's row is no row. A change and its entry in the audit log are one
//! transaction. What several people edit at once has a version, a number that rises with every change; a change that
//! names the version it was made on is refused when somebody else was faster.

mod archive;
mod assignments;
mod campaigns;
mod channels;
mod consents;
mod coverage;
mod links;
mod playlists;
mod rehearsal;
mod statistics;
mod templates;
mod voices;

use domain::id::ProjectId;
use domain::time::Timestamp;
use serde::Serialize;

use crate::error::StoreError;
use crate::outbox::{Actor, AuditEntry, audit};
use crate::store::{Run as _, Tx};

pub use archive::{ArchivedPost, OpenGap};
pub use assignments::{Assigning, ChannelAccount, Refusal, RefusedAssignment};
pub(crate) use campaigns::insert_in;
pub use campaigns::{CampaignChange, CampaignSettings, ListedCampaign};
pub use channels::{ChannelFilter, ListedChannel};
pub use consents::LedgerEntry;
pub(crate) use coverage::cover_in;
pub use coverage::{CoverKind, Coverage, Covered};
pub use playlists::{ListedPlaylist, PlaylistChange};
pub use rehearsal::Rehearsal;
pub use statistics::{CampaignStatistics, Outcomes};
pub use templates::{ListedTemplate, Repertoire, TemplateChange};
pub use voices::{ListedVoice, VoiceChange, VoiceSettings};

/// Who changes something, in which project, and when.
#[derive(Clone, Copy, Debug)]
pub struct Editor {
    /// The project.
    pub project: ProjectId,
    /// Who.
    pub by: Actor,
    /// When.
    pub now: Timestamp,
}

/// That a change was made on the version that is there now. One that names no version is made on any.
fn unchanged(tx: &Tx, found: i64, made_on: Option<i64>) -> Result<(), StoreError> {
    match made_on {
        Some(seen) if seen != found => Err(StoreError::Stale { operation: tx.operation() }),
        Some(_) | None => Ok(()),
    }
}

/// Writes what was done to `subject` into the audit log, with its detail as JSON.
async fn log(
    tx: &Tx,
    editor: Editor,
    action: &str,
    subject: String,
    detail: &(impl Serialize + Sync),
) -> Result<(), StoreError> {
    let detail = serde_json::to_string(detail).map_err(|source| StoreError::Unreadable {
        operation: tx.operation(),
        column: "detail",
        source: source.into(),
    })?;
    let Editor { project, by, now } = editor;
    let action = action.to_owned();
    audit(tx, &AuditEntry { actor: by, project: Some(project), action, subject, detail, at: now }).await
}

/// That a project has no such row.
fn missing(tx: &Tx, what: &'static str) -> StoreError {
    StoreError::NotFound { operation: tx.operation(), what }
}
