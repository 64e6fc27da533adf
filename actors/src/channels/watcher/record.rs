//! Writes down what updates tell.

use domain::id::MessageId;
use persistence::watching::{RecordMessages, RecordPosts, SeenMessage, SeenPost};
use telegram::{PostSeen, ThreadMessageSeen, Update};

use super::ChannelWatcher;
use super::state::{State, fingerprint};
use crate::error::ActorError;
use crate::runtime::Cx;

/// Updates that came together, sorted by what is written together.
#[derive(Default)]
struct Told {
    posts: Vec<SeenPost>,
    messages: Vec<SeenMessage>,
    deleted_posts: Vec<MessageId>,
    deleted_messages: Vec<MessageId>,
}

/// Records updates. One that tells nothing new changes nothing.
pub(super) async fn record(
    cx: &Cx<ChannelWatcher>,
    state: &mut State,
    updates: Vec<Update>,
) -> Result<(), ActorError> {
    let mut fresh = Vec::with_capacity(updates.len());
    let mut told = Told::default();
    for update in updates {
        let fingerprint = fingerprint(&update);
        if !state.knows(fingerprint) && !fresh.contains(&fingerprint) {
            fresh.push(fingerprint);
            told.sort_in(update);
        }
    }
    write_down(cx, told).await?;
    fresh.into_iter().for_each(|fingerprint| state.remember(fingerprint));
    Ok(())
}

impl Told {
    fn sort_in(&mut self, update: Update) {
        match update {
            Update::NewPost { post, .. } | Update::EditedPost { post, .. } => {
                self.posts.push(seen_post(post))
            }
            Update::DeletedPosts { ids, .. } => self.deleted_posts.extend(ids),
            Update::NewThreadMessage { message, .. } => self.messages.push(seen_message(message)),
            Update::DeletedThreadMessages { ids, .. } => self.deleted_messages.extend(ids),
            Update::TooLong => {}
        }
    }
}

/// Posts come before what was said below them, and what is gone goes last.
async fn write_down(cx: &Cx<ChannelWatcher>, told: Told) -> Result<(), ActorError> {
    let (store, now) = (&cx.deps.store, cx.deps.now());
    if !told.posts.is_empty() {
        record_posts(cx, told.posts, Vec::new()).await?;
    }
    if !told.messages.is_empty() {
        let seen = RecordMessages { channel: cx.key, messages: told.messages };
        store.record_thread_messages(&[seen], now).await?;
    }
    if !told.deleted_posts.is_empty() {
        store.record_deleted_posts(cx.key, &told.deleted_posts, now).await?;
    }
    if !told.deleted_messages.is_empty() {
        store.record_deleted_thread_messages(cx.key, &told.deleted_messages, now).await?;
    }
    Ok(())
}

/// Records posts as they are now, new and old ones alike, and ids at which nothing stands.
pub(super) async fn record_posts(
    cx: &Cx<ChannelWatcher>,
    posts: Vec<SeenPost>,
    empty: Vec<MessageId>,
) -> Result<(), ActorError> {
    let seen = RecordPosts { channel: cx.key, posts, empty };
    for recorded in cx.deps.store.record_posts(&[seen], cx.deps.now()).await? {
        cx.deps.meters.detected(recorded.new.into_iter());
    }
    Ok(())
}

fn seen_message(message: ThreadMessageSeen) -> SeenMessage {
    SeenMessage {
        message: message.id,
        post: message.post,
        author: message.author,
        answers: message.answers,
        text: message.text,
        sent_at: message.sent_at,
    }
}

pub(super) fn seen_post(post: PostSeen) -> SeenPost {
    SeenPost {
        message: post.id,
        grouped: post.grouped,
        text: post.text,
        media: post.media.into_iter().map(media).collect(),
        published_at: post.published_at,
        edited_at: post.edited_at,
        comments_open: post.comments_open,
        views: post.views,
        forwards: post.forwards,
        reactions: post.reactions,
    }
}

const fn media(media: telegram::Media) -> persistence::watching::Media {
    match media {
        telegram::Media::Photo => persistence::watching::Media::Photo,
        telegram::Media::Video => persistence::watching::Media::Video,
        telegram::Media::Document => persistence::watching::Media::Document,
    }
}
