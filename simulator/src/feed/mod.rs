//! Where happenings come from: what channels publish and readers write, by themselves.
//!
//! A [`Feed`] answers questions about the n-th thing of a kind and stores nothing about them; the world remembers only what
//! it must show again. Generated worlds answer from the seed, exported ones from the export. What readers do about *our*
//! comments is generated in both.

mod generated;
mod rhythm;

use std::sync::Arc;
use std::time::Duration;

use domain::id::{MessageId, PeerId};
use domain::seed::Seed;
use domain::time::{Timestamp, Zone};

use crate::export::ExportWorld;
use crate::faults::FaultPlan;
use crate::plan::WorldPlan;
use crate::text::{self, Language, Tone};
use crate::world::Source;

/// What a channel is like, for as long as it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Character {
    pub(crate) language: Language,
    pub(crate) zone: Zone,
    /// The wait between two messages of one member of the group.
    pub(crate) slow_mode: Option<Duration>,
    pub(crate) joining: Joining,
    /// Whether the first of its speakers administers it.
    pub(crate) has_administrator: bool,
    pub(crate) is_private: bool,
}

/// How one comes to write in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joining {
    /// Without joining.
    Free,
    /// By joining.
    Required,
    /// By joining, once an administrator agrees.
    Approved,
}

/// What a channel publishes at one moment: a post, an album, or a service message.
#[derive(Clone, Debug)]
pub(crate) struct Publication {
    pub(crate) items: Vec<Item>,
    pub(crate) comments_open: bool,
    pub(crate) edited_after: Option<Duration>,
    pub(crate) deleted_after: Option<Duration>,
    pub(crate) closed_after: Option<Duration>,
}

/// One message of a publication.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    pub(crate) id: MessageId,
    pub(crate) shape: Shape,
    /// Whether it carries the text.
    pub(crate) has_text: bool,
}

/// What a message in a channel consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    Photo,
    Video,
    Document,
    /// Something happened, such as a pinned post: an id without a post.
    Service,
}

/// What a reader writes under a post.
#[derive(Clone, Debug)]
pub(crate) struct ReaderSays {
    pub(crate) author: PeerId,
    /// The earlier message in the thread that it answers, by its number among readers' messages.
    pub(crate) answers: Option<u32>,
    pub(crate) text: String,
    pub(crate) removed_after: Option<Duration>,
}

/// What becomes of a comment of ours.
#[derive(Clone, Debug)]
pub(crate) struct Echo {
    pub(crate) removed_after: Option<Duration>,
    pub(crate) replied_after: Option<Duration>,
    /// How many reactions it gathers in the end.
    pub(crate) appeal: u16,
}

/// The source of happenings of one world.
#[derive(Debug)]
pub(crate) struct Feed {
    seed: Seed,
    posts_per_day: f64,
    readers_per_post: f64,
    faults: FaultPlan,
    zones: Vec<Zone>,
    export: Option<Arc<ExportWorld>>,
}

impl Feed {
    pub(crate) fn new(plan: &WorldPlan, source: Source) -> Self {
        let export = match source {
            Source::Generated => None,
            Source::Export(export) => Some(export),
        };
        Self {
            seed: plan.seed,
            posts_per_day: plan.posts_per_day,
            readers_per_post: plan.readers_per_post,
            faults: plan.faults,
            zones: generated::zones(),
            export,
        }
    }

    pub(crate) fn title(&self, channel: u32) -> String {
        match &self.export {
            Some(export) => export.title(channel),
            None => format!("World channel {channel}"),
        }
    }

    /// The newest id in a channel when the world begins: a generated one holds nothing but its founding, a service message.
    pub(crate) fn newest_before(&self, channel: u32) -> MessageId {
        self.export.as_ref().map_or(MessageId(1), |export| export.newest_before(channel))
    }

    /// When a channel publishes for the n-th time, having published last at `after`.
    pub(crate) fn publication_at(&self, channel: u32, nth: u32, after: Timestamp) -> Option<Timestamp> {
        match &self.export {
            Some(export) => export.publication_at(channel, nth),
            None => self.next_publication(channel, nth, after),
        }
    }

    /// What it publishes then; `newest` is the last id in the channel. `None` past the end.
    pub(crate) fn publication(&self, channel: u32, nth: u32, newest: MessageId) -> Option<Publication> {
        match &self.export {
            Some(export) => {
                let items = export.publication(channel, nth)?;
                Some(self.with_fate(channel, nth, items))
            }
            None => Some(self.with_fate(channel, nth, self.items(channel, nth, newest))),
        }
    }

    /// The text of a post; empty where there is none.
    pub(crate) fn post_text(&self, channel: u32, post: MessageId, edited: bool) -> String {
        match &self.export {
            Some(export) => export.post_text(channel, post, edited),
            None => {
                let seed = self.channel(channel).derive("text", post.get());
                text::post(self.character(channel).language, seed, edited)
            }
        }
    }

    /// When the n-th reader's message under the publication is written; `None` if there are no more. `last` is when the one
    /// before it was, or the publication.
    pub(crate) fn reader_at(
        &self,
        channel: u32,
        publication: u32,
        nth: u32,
        last: Timestamp,
    ) -> Option<Timestamp> {
        match &self.export {
            Some(export) => export.comment_at(channel, publication, nth),
            None => self.next_reader(channel, publication, nth, last),
        }
    }

    /// What the n-th reader under the publication writes.
    pub(crate) fn reader(&self, channel: u32, publication: u32, nth: u32) -> Option<ReaderSays> {
        match &self.export {
            Some(export) => export.comment(channel, publication, nth),
            None => Some(self.invented_reader(channel, publication, nth)),
        }
    }

    /// A question that some reader asks out of turn.
    pub(crate) fn question(&self, channel: u32, message: MessageId) -> ReaderSays {
        let seed = self.channel(channel).derive("question", message.get());
        self.says(channel, seed, Tone::Question)
    }
}
