//! What happens to posts: they are published, edited and deleted, and their comments are closed.

use domain::id::MessageId;
use domain::time::Timestamp;
use telegram::{Media, PostSeen, Update};

use super::agenda::Happening;
use super::channel::Post;
use super::log::Noted;
use super::state::{About, State};
use crate::feed::{Publication, Shape};
use crate::plan::WorldPlan;

impl State {
    /// The n-th publication of a channel, and the next one onto the agenda.
    pub(super) fn publish(&mut self, channel: u32, nth: u32, at: Timestamp) {
        let Some(newest) = self.channel(channel).map(|it| it.newest) else { return };
        if let Some(publication) = self.feed.publication(channel, nth, newest) {
            self.put_up(channel, nth, &publication, at);
        }
        self.put_publication(channel, nth + 1, at);
    }

    /// A publication out of turn, as the next one would have been were it a text.
    pub(super) fn publish_now(&mut self, channel: u32, at: Timestamp) {
        let Some(it) = self.channel(channel) else { return };
        let (published, item) =
            (it.published, crate::feed::Item { id: it.newest.next(), shape: Shape::Text, has_text: true });
        let publication = Publication {
            items: vec![item],
            comments_open: true,
            edited_after: None,
            deleted_after: None,
            closed_after: None,
        };
        // Counted from the far end, so that its readers are not those of a regular one.
        self.put_up(channel, u32::MAX - published, &publication, at);
    }

    fn put_up(&mut self, channel: u32, nth: u32, publication: &Publication, at: Timestamp) {
        let horizon = self.plan.horizon;
        let Some(it) = self.channel_mut(channel) else { return };
        it.forget(at - horizon);
        it.published += 1;
        let head = publication.items.iter().find(|item| item.shape != Shape::Service).map(|item| item.id);
        for item in &publication.items {
            it.newest = it.newest.max(item.id);
            let Some(head) = head.filter(|_| item.shape != Shape::Service) else { continue };
            it.group_newest = it.group_newest.next();
            it.posts.push_back(Post {
                id: item.id,
                head,
                copy: it.group_newest,
                at,
                edited_at: None,
                shape: item.shape,
                has_text: item.has_text,
                in_album: publication.items.len() > 1,
                comments_open: publication.comments_open,
                deleted: false,
            });
        }
        let Some(head) = head else { return };
        self.judge.published(WorldPlan::channel_peer(channel), head);
        for item in publication.items.iter().filter(|item| item.shape != Shape::Service) {
            let pts = self.note(channel, at, Noted::New(item.id));
            self.announce(channel, None, About { kind: "new", message: item.id, pts }, |state| {
                let post = state.post_seen(channel, item.id, at)?;
                Some(Update::NewPost { channel: WorldPlan::channel_peer(channel), post })
            });
        }
        self.put_fate(channel, nth, head, publication, at);
    }

    fn put_fate(
        &mut self,
        channel: u32,
        nth: u32,
        post: MessageId,
        publication: &Publication,
        at: Timestamp,
    ) {
        if let Some(after) = publication.edited_after {
            self.agenda.put(at + after, Happening::Edit { channel, post });
        }
        if let Some(after) = publication.deleted_after {
            self.agenda.put(at + after, Happening::Delete { channel, post });
        }
        if let Some(after) = publication.closed_after {
            self.agenda.put(at + after, Happening::Close { channel, post });
        }
        if publication.comments_open {
            self.put_reader(channel, post, nth, 0, at);
        }
    }

    pub(super) fn edit_post(&mut self, channel: u32, post: MessageId, at: Timestamp) {
        let Some(it) = self.channel_mut(channel) else { return };
        let captioned = it.album_mut(post).find(|post| post.has_text && !post.deleted);
        let Some(edited) = captioned.map(|post| {
            post.edited_at = Some(at);
            post.id
        }) else {
            return;
        };
        let pts = self.note(channel, at, Noted::Edited(edited));
        self.announce(channel, None, About { kind: "edit", message: edited, pts }, |state| {
            let post = state.post_seen(channel, edited, at)?;
            Some(Update::EditedPost { channel: WorldPlan::channel_peer(channel), post })
        });
    }

    pub(super) fn delete_post(&mut self, channel: u32, post: MessageId) {
        let Some(it) = self.channel_mut(channel) else { return };
        let mut ids = Vec::new();
        for post in it.album_mut(post).filter(|post| !post.deleted) {
            post.deleted = true;
            ids.push(post.id);
        }
        if ids.is_empty() {
            return;
        }
        let peer = WorldPlan::channel_peer(channel);
        self.judge.withdrawn(peer, post);
        let pts = self.note(channel, self.now, Noted::Deleted(ids.clone()));
        self.announce(channel, None, About { kind: "delete", message: post, pts }, |_| {
            Some(Update::DeletedPosts { channel: peer, ids: ids.clone() })
        });
    }

    /// Notes what happened in a channel and yields the `pts` after it.
    fn note(&mut self, channel: u32, at: Timestamp, noted: Noted) -> i32 {
        self.channel_mut(channel).map_or(0, |it| it.log.note(at, noted))
    }

    pub(super) fn close_comments(&mut self, channel: u32, post: MessageId) {
        if let Some(it) = self.channel_mut(channel) {
            it.album_mut(post).for_each(|post| post.comments_open = false);
        }
    }

    /// A post as the port shows it now.
    pub(super) fn post_seen(&self, channel: u32, id: MessageId, now: Timestamp) -> Option<PostSeen> {
        let post = self.channel(channel)?.post(id)?;
        let age_h = f64::from(u32::try_from(now.since(post.at).as_secs() / 60).unwrap_or(u32::MAX)) / 60.0;
        let audience = self.plan.seed.derive("audience", channel.into()).derive("of", id.get()).fraction();
        let views = share(5_000.0 * audience, age_h);
        Some(PostSeen {
            id,
            grouped: post
                .in_album
                .then(|| WorldPlan::channel_peer(channel).get() * 1_000_000 + post.head.get()),
            text: if post.has_text {
                self.feed.post_text(channel, id, post.edited_at.is_some())
            } else {
                String::new()
            },
            media: media(post.shape),
            published_at: post.at,
            edited_at: post.edited_at,
            comments_open: post.comments_open,
            views,
            forwards: views / 100,
            reactions: views / 40,
        })
    }
}

/// How much of `total` has come together after some hours: half within four.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and a total that fits"
)]
pub(super) fn share(total: f64, hours: f64) -> u32 {
    (total * (hours / (hours + 4.0))) as u32
}

fn media(shape: Shape) -> Vec<Media> {
    match shape {
        Shape::Photo => vec![Media::Photo],
        Shape::Video => vec![Media::Video],
        Shape::Document => vec![Media::Document],
        Shape::Text | Shape::Service => vec![],
    }
}
