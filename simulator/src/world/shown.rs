//! What a chat shows to a member who looks into it message by message, as Telegram's own clients do.
//!
//! Beyond what the port asks for: the texts in discussion groups, the posts' copies there, and what happened after a `pts`.

use domain::id::{MessageId, PeerId};
use domain::time::Timestamp;
use telegram::{MessageSeen, PostSeen, TelegramError, ThreadMessageSeen};

use super::channel::Post;
use super::log::Log;
use super::questions::message_seen;
use super::state::State;
use crate::feed::Joining;
use crate::plan::WorldPlan;

/// A chat by what it is, with the index of its channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Chat {
    Channel(u32),
    Group(u32),
}

/// What stands at an id of a discussion group.
#[derive(Clone, Debug)]
pub(crate) enum InGroup {
    /// A message.
    Said(ThreadMessageSeen, MessageSeen),
    /// The copy of a post.
    Copied(PostSeen, MessageSeen),
}

impl Chat {
    /// The index of its channel.
    pub(crate) const fn index(self) -> u32 {
        match self {
            Self::Channel(index) | Self::Group(index) => index,
        }
    }

    /// Its Telegram id.
    pub(crate) fn peer(self) -> PeerId {
        match self {
            Self::Channel(index) => WorldPlan::channel_peer(index),
            Self::Group(index) => WorldPlan::group_peer(index),
        }
    }
}

impl State {
    pub(crate) const fn plan(&self) -> &WorldPlan {
        &self.plan
    }

    /// The chat with this id, if the world has it.
    pub(crate) fn chat(&self, peer: PeerId) -> Option<Chat> {
        let channel = self.plan.channel_index(peer).map(Chat::Channel);
        channel.or_else(|| self.plan.group_index(peer).map(Chat::Group))
    }

    /// Fails where an account may not look.
    pub(crate) fn may_look(&self, account: u32, chat: Chat) -> Result<(), TelegramError> {
        self.visible(account, chat.index())
    }

    /// The log of a chat.
    pub(crate) fn log(&self, chat: Chat) -> Option<&Log> {
        let it = self.channel(chat.index())?;
        Some(match chat {
            Chat::Channel(_) => &it.log,
            Chat::Group(_) => &it.group_log,
        })
    }

    /// The newest id in a chat.
    pub(crate) fn newest_in(&self, chat: Chat) -> MessageId {
        let Some(it) = self.channel(chat.index()) else { return MessageId(0) };
        match chat {
            Chat::Channel(_) => it.newest,
            Chat::Group(_) => it.group_newest,
        }
    }

    /// The ids of what stands in a chat, the newest first.
    pub(crate) fn standing(&self, chat: Chat) -> Vec<MessageId> {
        let Some(it) = self.channel(chat.index()) else { return Vec::new() };
        let mut ids: Vec<MessageId> = match chat {
            Chat::Channel(_) => it.posts.iter().filter_map(|post| it.post(post.id)).map(|it| it.id).collect(),
            Chat::Group(_) => {
                let copies = it.posts.iter().filter_map(|post| it.post_of_copy(post.copy)).map(|it| it.copy);
                let said = it.messages.iter().filter(|it| !it.removed).map(|it| it.id);
                copies.chain(said).collect()
            }
        };
        ids.sort_unstable_by(|one, other| other.cmp(one));
        ids
    }

    /// The messages in the thread of a post, the newest first.
    pub(crate) fn in_thread(&self, channel: u32, root: MessageId) -> Vec<MessageId> {
        let Some(it) = self.channel(channel) else { return Vec::new() };
        let Some(head) = it.post_of_copy(root).map(|post| post.head) else { return Vec::new() };
        let newest_first = it.messages.iter().rev();
        newest_first.filter(|it| it.post == head && !it.removed).map(|it| it.id).collect()
    }

    /// How many messages stand in the thread of a post.
    pub(crate) fn replies_to_post(&self, channel: u32, post: MessageId) -> u32 {
        let Some(it) = self.channel(channel) else { return 0 };
        let head = it.post(post).map(|post| post.head);
        let standing = it.messages.iter().filter(|it| Some(it.post) == head && !it.removed);
        u32::try_from(standing.count()).unwrap_or(u32::MAX)
    }

    /// The copies of a post's album in the group, the newest first.
    pub(crate) fn copies(&self, channel: u32, post: MessageId) -> Vec<MessageId> {
        let Some(it) = self.channel(channel) else { return Vec::new() };
        let Some(head) = it.post(post).map(|post| post.head) else { return Vec::new() };
        let album = it.posts.iter().rev().filter(|post| post.head == head && !post.deleted);
        album.map(|post: &Post| post.copy).collect()
    }

    /// A post, as it is now.
    pub(crate) fn post_now(&self, channel: u32, post: MessageId, now: Timestamp) -> Option<PostSeen> {
        self.post_seen(channel, post, now)
    }

    /// What stands at an id of a group, as it is now.
    pub(crate) fn in_group(&self, channel: u32, id: MessageId, now: Timestamp) -> Option<InGroup> {
        let it = self.channel(channel)?;
        if let Some(message) = it.message(id) {
            return Some(InGroup::Said(it.thread_message(id)?, message_seen(message, now)));
        }
        let post = it.post_of_copy(id)?.id;
        let seen = MessageSeen { reactions: 0, replies: self.replies_to_post(channel, post) };
        Some(InGroup::Copied(self.post_seen(channel, post, now)?, seen))
    }

    /// The wait between two messages of a member of a group, in whole seconds.
    pub(crate) fn slow_mode(&self, channel: u32) -> Option<u64> {
        self.feed.character(channel).slow_mode.map(|wait| wait.as_secs())
    }

    /// Whether a channel's group must be joined before writing.
    pub(crate) fn join_to_send(&self, channel: u32) -> bool {
        self.feed.character(channel).joining != Joining::Free
    }

    /// Whether an account is in a chat: a member of the channel by the plan, in the group also by having joined.
    pub(crate) fn is_in(&self, account: u32, chat: Chat) -> bool {
        let joined = |channel| self.account(account).is_some_and(|it| it.joined.contains(&channel));
        match chat {
            Chat::Channel(channel) => self.plan.is_member(account, channel),
            Chat::Group(channel) => self.plan.is_member(account, channel) || joined(channel),
        }
    }
}
