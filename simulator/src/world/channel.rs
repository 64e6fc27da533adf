//! A channel and its discussion group as the world remembers them: what was published and written within the horizon.
//!
//! Posts' texts are not here, the feed makes them again. Older things are forgotten whenever new ones come, so a channel's
//! memory follows its rate and not its age.

use std::collections::VecDeque;

use domain::id::{MessageId, PeerId};
use domain::time::Timestamp;
use telegram::ThreadMessageSeen;

use super::log::Log;
use crate::feed::Shape;

/// A channel with its group.
#[derive(Debug)]
pub(super) struct Channel {
    /// The newest id in the channel.
    pub(super) newest: MessageId,
    /// The newest id in the group.
    pub(super) group_newest: MessageId,
    /// What the channel published, by id.
    pub(super) posts: VecDeque<Post>,
    /// What was written in the group, by id; the posts' copies are not here.
    pub(super) messages: VecDeque<Message>,
    /// How many publications there were.
    pub(super) published: u32,
    /// Its description, if its owner ever set one.
    pub(super) about: Option<Box<str>>,
    /// What happened in the channel.
    pub(super) log: Log,
    /// What happened in the group; the posts' copies come silently.
    pub(super) group_log: Log,
}

/// A message in the channel.
#[derive(Clone, Debug)]
pub(super) struct Post {
    pub(super) id: MessageId,
    /// The smallest id of its album; its own if it stands alone.
    pub(super) head: MessageId,
    /// Its copy in the group.
    pub(super) copy: MessageId,
    pub(super) at: Timestamp,
    pub(super) edited_at: Option<Timestamp>,
    pub(super) shape: Shape,
    pub(super) has_text: bool,
    pub(super) in_album: bool,
    pub(super) comments_open: bool,
    pub(super) deleted: bool,
}

/// A message in the group.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: MessageId,
    /// The post in whose thread it stands, by its smallest id.
    pub(super) post: MessageId,
    pub(super) at: Timestamp,
    pub(super) author: PeerId,
    /// The message it answers; `None` for one under the post itself.
    pub(super) answers: Option<MessageId>,
    pub(super) text: Box<str>,
    /// Its number among the readers' messages of the thread; `None` if it came otherwise.
    pub(super) nth: Option<u32>,
    /// How many reactions it gathers in the end.
    pub(super) appeal: u16,
    pub(super) replies: u16,
    pub(super) removed: bool,
}

impl Channel {
    /// A channel of whose past, up to `newest`, nothing is known; its group holds only its own founding, a service message.
    pub(super) const fn new(newest: MessageId) -> Self {
        Self {
            newest,
            group_newest: MessageId(1),
            posts: VecDeque::new(),
            messages: VecDeque::new(),
            published: 0,
            about: None,
            log: Log::new(),
            group_log: Log::new(),
        }
    }

    /// The post with this id, unless it is gone, a service message, or forgotten.
    pub(super) fn post(&self, id: MessageId) -> Option<&Post> {
        let at = self.posts.binary_search_by_key(&id, |post| post.id).ok()?;
        self.posts.get(at).filter(|post| !post.deleted && post.shape != Shape::Service)
    }

    /// The posts of the album that begins with `head`, gone ones included.
    pub(super) fn album_mut(&mut self, head: MessageId) -> impl Iterator<Item = &mut Post> {
        let first = self.posts.partition_point(|post| post.id < head);
        self.posts.range_mut(first..).take_while(move |post| post.head == head)
    }

    /// The post whose copy in the group has this id.
    pub(super) fn post_of_copy(&self, copy: MessageId) -> Option<&Post> {
        // Copies rise with the posts, so the same order serves.
        let at = self.posts.binary_search_by_key(&copy, |post| post.copy).ok()?;
        self.posts.get(at).filter(|post| !post.deleted && post.shape != Shape::Service)
    }

    /// The message in the group with this id, unless it is gone or forgotten.
    pub(super) fn message(&self, id: MessageId) -> Option<&Message> {
        let at = self.messages.binary_search_by_key(&id, |message| message.id).ok()?;
        self.messages.get(at).filter(|message| !message.removed)
    }

    pub(super) fn message_mut(&mut self, id: MessageId) -> Option<&mut Message> {
        let at = self.messages.binary_search_by_key(&id, |message| message.id).ok()?;
        self.messages.get_mut(at).filter(|message| !message.removed)
    }

    /// The message in the group with this id as the port shows it. It stands there also when its post is gone.
    pub(super) fn thread_message(&self, id: MessageId) -> Option<ThreadMessageSeen> {
        let message = self.message(id)?;
        let post = self.posts.binary_search_by_key(&message.post, |post| post.id).ok()?;
        let root = self.posts.get(post)?.copy;
        Some(ThreadMessageSeen {
            id,
            root,
            post: message.post,
            author: message.author,
            answers: message.answers.unwrap_or(root),
            text: message.text.to_string(),
            sent_at: message.at,
        })
    }

    /// The n-th reader's message in a thread, unless it is gone.
    pub(super) fn readers_message(&self, post: MessageId, nth: u32) -> Option<&Message> {
        let newest_first = self.messages.iter().rev();
        newest_first.filter(|it| it.post == post && !it.removed).find(|it| it.nth == Some(nth))
    }

    /// Forgets what is older than `before`.
    pub(super) fn forget(&mut self, before: Timestamp) {
        while self.posts.pop_front_if(|post| post.at < before).is_some() {}
        while self.messages.pop_front_if(|message| message.at < before).is_some() {}
        self.log.forget(before);
        self.group_log.forget(before);
    }
}
