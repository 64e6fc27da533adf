//! Writes down what an update tells.

use domain::id::MessageId;
use persistence::watching::{SeenMessage, SeenPost};
use telegram::{PostSeen, ThreadMessageSeen, Update};

use super::ChannelWatcher;
use crate::error::ActorError;
use crate::runtime::Cx;

/// Records an update. One that tells nothing new changes nothing.
pub(super) async fn record(cx: &Cx<ChannelWatcher>, update: Update) -> Result<(), ActorError> {
    match update {
        Update::NewPost { post, .. } | Update::EditedPost { post, .. } => record_posts(cx, vec![post]).await,
        Update::DeletedPosts { ids, .. } => delete_posts(cx, ids).await,
        Update::NewThreadMessage { message, .. } => record_message(cx, message).await,
        Update::DeletedThreadMessages { ids, .. } => {
            cx.deps.store.record_deleted_thread_messages(cx.key, ids, cx.deps.now()).await?;
            Ok(())
        }
        Update::TooLong => Ok(()),
    }
}

/// Records posts as they are now, new and old ones alike.
pub(super) async fn record_posts(cx: &Cx<ChannelWatcher>, posts: Vec<PostSeen>) -> Result<(), ActorError> {
    let posts = posts.into_iter().map(seen_post).collect();
    let recorded = cx.deps.store.record_posts(cx.key, posts, cx.deps.now()).await?;
    cx.deps.meters.detected(recorded.new.into_iter());
    Ok(())
}

async fn delete_posts(cx: &Cx<ChannelWatcher>, ids: Vec<MessageId>) -> Result<(), ActorError> {
    cx.deps.store.record_deleted_posts(cx.key, ids, cx.deps.now()).await?;
    Ok(())
}

async fn record_message(cx: &Cx<ChannelWatcher>, message: ThreadMessageSeen) -> Result<(), ActorError> {
    let message = SeenMessage {
        message_id: message.id,
        post: message.post,
        author: message.author,
        answers: (message.answers != message.root).then_some(message.answers),
        text: message.text,
        sent_at: message.sent_at,
    };
    cx.deps.store.record_thread_messages(cx.key, vec![message], cx.deps.now()).await?;
    Ok(())
}

fn seen_post(post: PostSeen) -> SeenPost {
    SeenPost {
        message_id: post.id,
        grouped_id: post.grouped,
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
