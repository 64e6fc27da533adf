//! A real channel's history as a world: a Telegram Desktop export, replayed at its own dates.
//!
//! [`ExportWorld::load`] reads `result.json` (one chat or a whole account) as a stream and keeps what a replay needs: posts,
//! their texts in one string per channel, and the comments of the linked discussion group where the export has it. Personal
//! chats are counted and left alone. A broken file is an [`crate::ExportError`] with its place, and nothing is half-loaded.

mod channel;
mod chat;
mod load;
mod message;
mod reader;
mod sample;
#[cfg(test)]
mod tests;
mod threads;

use domain::id::MessageId;
use domain::time::Timestamp;

use crate::feed::{Item, ReaderSays};
use crate::plan::WorldPlan;
use channel::Channel;
pub use sample::sample;

/// The channels of an export, ready to be replayed. Channels are numbered from 0 in the order of the file, leaving out those
/// without posts.
#[derive(Clone, Debug, Default)]
pub struct ExportWorld {
    channels: Vec<Channel>,
    ignored_chats: u64,
    digest: u64,
}

impl ExportWorld {
    /// How many channels there are.
    #[must_use]
    pub fn channels(&self) -> u32 {
        u32::try_from(self.channels.len()).unwrap_or(u32::MAX)
    }

    /// How many posts there are; an album counts once.
    #[must_use]
    pub fn posts(&self) -> u64 {
        self.channels.iter().map(|channel| channel.publications.len() as u64).sum()
    }

    /// How many readers' comments were found in discussion groups.
    #[must_use]
    pub fn comments(&self) -> u64 {
        self.channels.iter().map(|channel| channel.comments.len() as u64).sum()
    }

    /// How many chats were left alone: personal ones, bots, and groups that belong to no channel here.
    #[must_use]
    pub const fn ignored_chats(&self) -> u64 {
        self.ignored_chats
    }

    /// When the first post was published.
    #[must_use]
    pub fn first_at(&self) -> Option<Timestamp> {
        self.channels.iter().filter_map(|channel| channel.posts.first()).map(|post| post.at).min()
    }

    /// When the last post was published.
    #[must_use]
    pub fn last_at(&self) -> Option<Timestamp> {
        self.channels.iter().filter_map(|channel| channel.posts.last()).map(|post| post.at).max()
    }

    /// A channel's title; channels without a name have one made of their number.
    #[must_use]
    pub fn title(&self, channel: u32) -> String {
        match self.channel(channel) {
            Some(Channel { title: Some(title), .. }) => title.clone(),
            Some(_) | None => format!("Channel {channel}"),
        }
    }

    /// A number that tells one export's content from another's.
    #[must_use]
    pub const fn digest(&self) -> u64 {
        self.digest
    }

    /// The newest id in a channel before the export begins.
    pub(crate) fn newest_before(&self, channel: u32) -> MessageId {
        let first = self.channel(channel).and_then(|channel| channel.posts.first());
        first.map_or(MessageId(0), |post| MessageId(post.id.get() - 1))
    }

    pub(crate) fn is_private(&self, channel: u32) -> bool {
        self.channel(channel).is_some_and(|channel| channel.is_private)
    }

    pub(crate) fn publication_at(&self, channel: u32, nth: u32) -> Option<Timestamp> {
        self.channel(channel)?.published(nth)?.first().map(|post| post.at)
    }

    pub(crate) fn publication(&self, channel: u32, nth: u32) -> Option<Vec<Item>> {
        let posts = self.channel(channel)?.published(nth)?;
        Some(
            posts
                .iter()
                .map(|post| Item { id: post.id, shape: post.shape, has_text: post.text.len > 0 })
                .collect(),
        )
    }

    /// The text of a post; an edit by a test adds a line, since the export has only the last version.
    pub(crate) fn post_text(&self, channel: u32, post: MessageId, edited: bool) -> String {
        let Some(channel) = self.channel(channel) else { return String::new() };
        let text = channel.post(post).map_or("", |post| channel.text(post.text));
        if edited { format!("{text}\n\n(edited)") } else { text.to_owned() }
    }

    pub(crate) fn comment_at(&self, channel: u32, publication: u32, nth: u32) -> Option<Timestamp> {
        Some(self.channel(channel)?.comment(publication, nth)?.at)
    }

    pub(crate) fn comment(&self, channel: u32, publication: u32, nth: u32) -> Option<ReaderSays> {
        let from = self.channel(channel)?;
        let comment = from.comment(publication, nth)?;
        Some(ReaderSays {
            author: comment.author.unwrap_or(WorldPlan::channel_peer(channel)),
            answers: comment.answers,
            text: from.text(comment.text).to_owned(),
            removed_after: None,
        })
    }

    fn channel(&self, channel: u32) -> Option<&Channel> {
        self.channels.get(usize::try_from(channel).ok()?)
    }
}
