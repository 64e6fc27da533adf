//! A channel of an export as it is kept: ids and dates in tables, all texts in one string.

use domain::id::{MessageId, PeerId};
use domain::time::Timestamp;

use crate::feed::Shape;

/// A channel with its history and, where the export has it, its discussion.
#[derive(Clone, Debug, Default)]
pub(super) struct Channel {
    pub(super) title: Option<String>,
    pub(super) is_private: bool,
    /// By id, and so by date.
    pub(super) posts: Vec<Post>,
    pub(super) publications: Vec<Publication>,
    /// By publication, then by date.
    pub(super) comments: Vec<Comment>,
    pub(super) texts: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Post {
    pub(super) id: MessageId,
    pub(super) at: Timestamp,
    pub(super) shape: Shape,
    pub(super) text: Text,
}

/// A post or an album: which posts it consists of, and which comments it got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Publication {
    pub(super) first_post: usize,
    pub(super) posts: usize,
    pub(super) first_comment: usize,
    pub(super) comments: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comment {
    pub(super) at: Timestamp,
    /// `None`: the channel itself.
    pub(super) author: Option<PeerId>,
    /// The comment it answers, counted within the publication.
    pub(super) answers: Option<u32>,
    pub(super) text: Text,
}

/// A piece of a channel's texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) start: usize,
    pub(super) len: usize,
}

impl Channel {
    pub(super) fn published(&self, nth: u32) -> Option<&[Post]> {
        let publication = self.publications.get(usize::try_from(nth).ok()?)?;
        self.posts.get(publication.first_post..publication.first_post + publication.posts)
    }

    pub(super) fn comment(&self, publication: u32, nth: u32) -> Option<&Comment> {
        let publication = self.publications.get(usize::try_from(publication).ok()?)?;
        let nth = usize::try_from(nth).ok().filter(|nth| *nth < publication.comments)?;
        self.comments.get(publication.first_comment + nth)
    }

    pub(super) fn post(&self, id: MessageId) -> Option<&Post> {
        self.posts.binary_search_by_key(&id, |post| post.id).ok().and_then(|at| self.posts.get(at))
    }

    pub(super) fn text(&self, text: Text) -> &str {
        self.texts.get(text.start..text.start + text.len).unwrap_or_default()
    }

    /// Keeps a text and says where.
    pub(super) fn keep(&mut self, text: &str) -> Text {
        let kept = Text { start: self.texts.len(), len: text.len() };
        self.texts.push_str(text);
        kept
    }
}
