//! What happens in discussion groups by itself: readers write, ask and reply, and messages are removed.

use domain::id::MessageId;
use domain::time::Timestamp;
use telegram::Update;

use super::agenda::Happening;
use super::channel::Message;
use super::log::Noted;
use super::state::{About, State};
use crate::feed::ReaderSays;
use crate::plan::WorldPlan;

impl State {
    pub(super) fn put_reader(
        &mut self,
        channel: u32,
        post: MessageId,
        publication: u32,
        nth: u32,
        last: Timestamp,
    ) {
        if let Some(at) = self.feed.reader_at(channel, publication, nth, last) {
            self.agenda.put(at.max(last), Happening::Read { channel, post, publication, nth });
        }
    }

    /// The n-th reader of a publication writes, and the next one comes onto the agenda.
    pub(super) fn reader_writes(
        &mut self,
        channel: u32,
        post: MessageId,
        publication: u32,
        nth: u32,
        at: Timestamp,
    ) {
        if self.channel(channel).and_then(|it| it.post(post)).is_none_or(|post| !post.comments_open) {
            return;
        }
        if let Some(says) = self.feed.reader(channel, publication, nth) {
            let earlier = |nth| Some(self.channel(channel)?.readers_message(post, nth)?.id);
            let answers = says.answers.and_then(earlier);
            self.say(channel, post, answers, says, Some(nth), at);
        }
        self.put_reader(channel, post, publication, nth + 1, at);
    }

    /// A reader replies to a comment of ours.
    pub(super) fn reader_replies(&mut self, channel: u32, message: MessageId, at: Timestamp) {
        let Some(answered) = self.channel(channel).and_then(|it| it.message(message)) else { return };
        let post = answered.post;
        let says = self.feed.reply(channel, message);
        self.say(channel, post, Some(message), says, None, at);
    }

    /// A reader asks a question out of turn.
    pub(super) fn ask(&mut self, channel: u32, post: MessageId, at: Timestamp) {
        let Some(it) = self.channel(channel) else { return };
        let Some(post) = it.post(post).map(|post| post.head) else { return };
        let says = self.feed.question(channel, it.group_newest.next());
        self.say(channel, post, None, says, None, at);
    }

    fn say(
        &mut self,
        channel: u32,
        post: MessageId,
        answers: Option<MessageId>,
        says: ReaderSays,
        nth: Option<u32>,
        at: Timestamp,
    ) {
        let Some(it) = self.channel_mut(channel) else { return };
        let id = it.group_newest.next();
        let said = Message {
            id,
            post,
            at,
            author: says.author,
            answers,
            text: says.text.into(),
            nth,
            appeal: 0,
            replies: 0,
            removed: false,
        };
        self.add_message(channel, said, None);
        if let Some(after) = says.removed_after {
            self.agenda.put(at + after, Happening::Remove { channel, message: id });
        }
    }

    /// Adds a message to a group, counts it with the one it answers, and tells the members but its author.
    pub(super) fn add_message(&mut self, channel: u32, message: Message, author: Option<u32>) {
        let (id, at, answers) = (message.id, message.at, message.answers);
        let Some(it) = self.channel_mut(channel) else { return };
        if it.post(message.post).is_none() {
            return;
        }
        it.group_newest = id;
        it.messages.push_back(message);
        if let Some(answered) = answers.and_then(|answered| it.message_mut(answered)) {
            answered.replies = answered.replies.saturating_add(1);
        }
        let pts = it.group_log.note(at, Noted::New(id));
        self.announce(channel, author, About { kind: "said", message: id, pts }, |state| {
            let message = state.channel(channel)?.thread_message(id)?;
            Some(Update::NewThreadMessage { channel: WorldPlan::channel_peer(channel), message })
        });
    }

    /// A message in a group goes, by its author's or a moderator's hand.
    pub(super) fn remove_message(&mut self, channel: u32, message: MessageId) {
        let now = self.now;
        let Some(it) = self.channel_mut(channel) else { return };
        let Some(removed) = it.message_mut(message) else { return };
        removed.removed = true;
        let pts = it.group_log.note(now, Noted::Deleted(vec![message]));
        let channel_peer = WorldPlan::channel_peer(channel);
        self.announce(channel, None, About { kind: "removed", message, pts }, |_| {
            Some(Update::DeletedThreadMessages { channel: channel_peer, ids: vec![message] })
        });
    }
}
