//! What the world has, held against what the product believes it has: messages of ours, and posts.
//!
//! Kept per channel as a bit per message and one sum over all (message, `random_id`) pairs, so that a month of comments
//! costs kilobytes, and yet one wrong claim is seen.

use std::collections::HashMap;

use domain::id::{MessageId, PeerId, RandomId};
use domain::seed::Seed;

use super::ids::MessageIds;
use crate::record::Written;

/// A comment that the product believes to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommentClaim {
    /// The channel in whose group it stands.
    pub channel: PeerId,
    /// Its id in the group.
    pub message: MessageId,
    /// The `random_id` it was sent with.
    pub random_id: RandomId,
}

/// A post that the product knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PostClaim {
    /// Its channel.
    pub channel: PeerId,
    /// Its id; of an album the smallest.
    pub post: MessageId,
}

/// Where world and product differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Messages of ours that the product does not know.
    pub lost_messages: u64,
    /// Messages that the product calls sent and the world never had, claims made twice included.
    pub invented_messages: u64,
    /// Channels where the messages agree but their `random_id`s do not.
    pub confused_channels: u64,
    /// Posts that the product should know and does not.
    pub lost_posts: u64,
}

impl Comparison {
    /// All differences together: 0 when nothing was lost.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.lost_messages + self.invented_messages + self.confused_channels + self.lost_posts
    }
}

/// The tallies of all channels.
#[derive(Debug, Default)]
pub(super) struct Tallies(HashMap<PeerId, Tally>);

#[derive(Clone, Debug, Default)]
struct Tally {
    ours: MessageIds,
    /// The sum of [`pair`] over our messages.
    pairs: u64,
    posts: MessageIds,
}

impl Tallies {
    pub(super) fn sent(&mut self, written: &Written) {
        let tally = self.0.entry(written.channel).or_default();
        tally.ours.insert(written.message);
        tally.pairs = tally.pairs.wrapping_add(pair(written.message, written.random_id));
    }

    pub(super) fn expect_post(&mut self, channel: PeerId, post: MessageId) {
        self.0.entry(channel).or_default().posts.insert(post);
    }

    pub(super) fn excuse_post(&mut self, channel: PeerId, post: MessageId) {
        if let Some(tally) = self.0.get_mut(&channel) {
            tally.posts.remove(post);
        }
    }

    pub(super) fn expected_posts(&self) -> u64 {
        self.0.values().map(|tally| tally.posts.len()).sum()
    }

    pub(super) fn compare(
        &self,
        comments: impl IntoIterator<Item = CommentClaim>,
        posts: impl IntoIterator<Item = PostClaim>,
        excused: impl IntoIterator<Item = PostClaim>,
    ) -> Comparison {
        let mut rest = self.0.clone();
        let mut comparison = Comparison::default();
        for claim in comments {
            let tally = rest.entry(claim.channel).or_default();
            comparison.invented_messages += u64::from(!tally.ours.remove(claim.message));
            tally.pairs = tally.pairs.wrapping_sub(pair(claim.message, claim.random_id));
        }
        for claim in posts.into_iter().chain(excused) {
            rest.entry(claim.channel).or_default().posts.remove(claim.post);
        }
        comparison.lost_messages = rest.values().map(|tally| tally.ours.len()).sum();
        comparison.lost_posts = rest.values().map(|tally| tally.posts.len()).sum();
        if comparison.lost_messages + comparison.invented_messages == 0 {
            comparison.confused_channels = rest.values().map(|tally| u64::from(tally.pairs != 0)).sum();
        }
        comparison
    }
}

/// A number that stands for a message and its `random_id` together.
fn pair(message: MessageId, random_id: RandomId) -> u64 {
    Seed(random_id.get().cast_unsigned()).derive("pair", message.get()).0
}
