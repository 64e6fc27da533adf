//! The one way in which comments change.
//!
//! A use case reads comments as [`Stored`], applies events of the domain to them ([`Stored::step`]), and hands them all to
//! [`write()`]: states, follow-up jobs and events are then written in a constant number of statements. What a state holds is
//! kept in columns; a column that a later state no longer speaks of keeps its value, so that a sent comment still shows its
//! text.

mod read;
mod write;

use std::collections::HashMap;

use domain::comment::{Effect, Event, Illegal, Revision, State, StateName, step};
use domain::id::{AccountId, CampaignId, ChannelId, CommentId, PostId, ProjectId, ThreadMessageId};
use domain::pacing::Window;
use domain::time::Timestamp;

pub(crate) use read::columns;
pub(crate) use write::write;

/// A comment as the database has it, and what was done to it since it was read.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) id: CommentId,
    pub(crate) project: ProjectId,
    pub(crate) campaign: Option<CampaignId>,
    pub(crate) channel: ChannelId,
    pub(crate) post: PostId,
    pub(crate) account: Option<AccountId>,
    pub(crate) answers: Option<ThreadMessageId>,
    pub(crate) state: State,
    /// The latest revision of its text, in whatever state it is; 0 before the first draft.
    pub(crate) revision: Revision,
    /// The revision of the post that its approval was given on.
    pub(crate) post_revision: Option<i64>,
    /// The label it was signed with.
    pub(crate) label: Option<String>,
    pub(crate) window: Option<Window>,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) reactions: i64,
    pub(crate) replies: i64,
    was: StateName,
    touched: bool,
    effects: Vec<Effect>,
}

/// Comments by their ids.
pub(crate) type Comments = HashMap<CommentId, Stored>;

impl Stored {
    /// Applies an event; what follows from it is written with the comment.
    pub(crate) fn step(&mut self, event: Event) -> Result<(), Illegal> {
        let (state, effects) = step(&self.state, event)?;
        if let State::Drafted(revision) = state {
            self.revision = revision;
        }
        if let State::Scheduled(slot) = &state {
            self.due_at = Some(slot.due_at);
        }
        self.touched |= state != self.state;
        self.state = state;
        self.effects.extend(effects);
        Ok(())
    }

    /// Notes how readers took it; most looks find what the one before found, and then nothing is written.
    pub(crate) fn count(&mut self, reactions: i64, replies: i64) {
        self.touched |= (reactions, replies) != (self.reactions, self.replies);
        (self.reactions, self.replies) = (reactions, replies);
    }

    /// The state it was read in.
    pub(crate) const fn was(&self) -> StateName {
        self.was
    }
}
