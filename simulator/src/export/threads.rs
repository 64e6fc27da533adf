//! Which comments of a discussion group stand under which post.
//!
//! An export does not say so: it has the posts' copies in the group, as messages from the channel, and replies. A copy is
//! matched with the post of the same text that was published at that time; what answers a copy, or a comment under it,
//! belongs to its post. Messages outside threads are left out.

use std::collections::HashMap;
use std::time::Duration;

use domain::id::PeerId;

use super::channel::{Channel, Comment};
use super::chat::Chat;
use super::message::{Author, Message};
use crate::feed::Shape;

/// How long after a post its copy may come.
const FORWARDING: Duration = Duration::from_secs(120);

/// Where readers' ids of an export begin in the world, above every id that the world hands out itself.
const READERS: i64 = 100_000_000_000;

/// Where in the channel a message of the group belongs.
#[derive(Clone, Copy)]
struct Standing {
    publication: usize,
    /// Its number among the comments of the publication; `None` for the copy of a post.
    nth: Option<u32>,
}

/// Whether a group is the discussion of this channel: it holds copies of its posts.
pub(super) fn belongs(group: &Chat, channel: i64) -> bool {
    group.messages.iter().any(|message| is_copy(message, channel))
}

/// Puts the group's comments under the channel's posts.
pub(super) fn attach(channel: &mut Channel, id: i64, group: &Chat) {
    let mut publication_of = Vec::with_capacity(channel.posts.len());
    for (publication, it) in channel.publications.iter().enumerate() {
        publication_of.extend(std::iter::repeat_n(publication, it.posts));
    }
    let mut taken = vec![false; channel.posts.len()];
    let mut standing: HashMap<i64, Standing> = HashMap::new();
    let mut counts = vec![0_u32; channel.publications.len()];
    let mut comments: Vec<(usize, Comment)> = Vec::new();
    for message in &group.messages {
        if is_copy(message, id) {
            if let Some(post) = original(channel, &taken, message) {
                taken[post] = true;
                standing.insert(message.id, Standing { publication: publication_of[post], nth: None });
            }
            continue;
        }
        let Some(Standing { publication, nth }) = message.answers.and_then(|it| standing.get(&it)).copied()
        else {
            continue;
        };
        let comment = comment(channel, id, message, nth);
        standing.insert(message.id, Standing { publication, nth: Some(counts[publication]) });
        counts[publication] += 1;
        comments.push((publication, comment));
    }
    comments.sort_by_key(|(publication, _)| *publication);
    for (publication, count) in channel.publications.iter_mut().zip(counts) {
        publication.first_comment = channel.comments.len();
        publication.comments = usize::try_from(count).unwrap_or_default();
        let end = publication.first_comment + publication.comments;
        channel.comments.extend(comments[publication.first_comment..end].iter().map(|(_, comment)| *comment));
    }
}

fn is_copy(message: &Message, channel: i64) -> bool {
    message.author == Author::Channel(channel) && message.answers.is_none()
}

/// The post that a copy is of: of those published just before it and not taken yet, one of the same text and kind, or else
/// the first of the same kind.
fn original(channel: &Channel, taken: &[bool], copy: &Message) -> Option<usize> {
    let first = channel.posts.partition_point(|post| post.at < copy.at - FORWARDING);
    let end = channel.posts.partition_point(|post| post.at <= copy.at + Duration::from_secs(1));
    let alike = |at: &usize| !taken[*at] && channel.posts[*at].shape == copy.shape;
    let same_text = |at: &usize| channel.text(channel.posts[*at].text) == copy.text;
    (first..end)
        .filter(alike)
        .find(same_text)
        .or_else(|| (first..end).find(|at| alike(at) && copy.shape != Shape::Text))
}

fn comment(channel: &mut Channel, id: i64, message: &Message, answers: Option<u32>) -> Comment {
    let author = match message.author {
        Author::Channel(author) if author == id => None,
        Author::Channel(author) | Author::User(author) => Some(PeerId(READERS.saturating_add(author))),
        Author::Unknown => Some(PeerId(READERS)),
    };
    Comment { at: message.at, author, answers, text: channel.keep(&message.text) }
}
