//! Writes down what an update tells.

use domain::id::MessageId;
use persistence::watching::{RecordMessages, RecordPosts, SeenMessage, SeenPost};
use telegram::{PostSeen, ThreadMessageSeen, Update};

use super::ChannelWatcher;
use super::state::{State, fingerprint};
use crate::error::ActorError;
use crate::runtime::Cx;

/// Records an update. One that tells nothing new changes nothing.
pub(super) async fn record(
    cx: &Cx<ChannelWatcher>,
    state: &mut State,
    update: Update,
) -> Result<(), ActorError> {
    if state.knows(&update) {
        return Ok(());
    }
    let fingerprint = fingerprint(&update);
    write_down(cx, update).await?;
    state.remember(fingerprint);
    Ok(())
}

async fn write_down(cx: &Cx<ChannelWatcher>, update: Update) -> Result<(), ActorError> {
    match update {
        Update::NewPost { post, .. } | Update::EditedPost { post, .. } => {
            record_posts(cx, vec![post], Vec::new()).await
        }
        Update::DeletedPosts { ids, .. } => delete_posts(cx, ids).await,
        Update::NewThreadMessage { message, .. } => record_message(cx, message).await,
        Update::DeletedThreadMessages { ids, .. } => {
            cx.deps.store.record_deleted_thread_messages(cx.key, &ids, cx.deps.now()).await?;
            Ok(())
        }
        Update::TooLong => Ok(()),
    }
}

/// Records posts as they are now, new and old ones alike, and ids at which nothing stands. Gaps that show are audited soon.
pub(super) async fn record_posts(
    cx: &Cx<ChannelWatcher>,
    posts: Vec<PostSeen>,
    empty: Vec<MessageId>,
) -> Result<(), ActorError> {
    let now = cx.deps.now();
    let seen = RecordPosts { channel: cx.key, posts: posts.into_iter().map(seen_post).collect(), empty };
    let recorded = cx.deps.store.record_posts(&[seen], now).await?;
    for recorded in recorded {
        cx.deps.meters.detected(recorded.new.into_iter());
        if recorded.gaps > 0 {
            cx.deps.store.hasten_audits(&[cx.key], now).await?;
        }
    }
    Ok(())
}

async fn delete_posts(cx: &Cx<ChannelWatcher>, ids: Vec<MessageId>) -> Result<(), ActorError> {
    cx.deps.store.record_deleted_posts(cx.key, &ids, cx.deps.now()).await?;
    Ok(())
}

async fn record_message(cx: &Cx<ChannelWatcher>, message: ThreadMessageSeen) -> Result<(), ActorError> {
    let message = SeenMessage {
        message: message.id,
        post: message.post,
        author: message.author,
        answers: message.answers,
        text: message.text,
        sent_at: message.sent_at,
    };
    let now = cx.deps.now();
    let seen = RecordMessages { channel: cx.key, messages: vec![message] };
    let recorded = cx.deps.store.record_thread_messages(&[seen], now).await?;
    if recorded.iter().any(|recorded| !recorded.unknown_posts.is_empty()) {
        // Its post was missed; the audit brings the post, and the conversation goes on from there.
        cx.deps.store.hasten_audits(&[cx.key], now).await?;
    }
    Ok(())
}

fn seen_post(post: PostSeen) -> SeenPost {
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
