//! Comparing what was seen with what is known, in memory and without a database.
//!
//! Of each post there is one [`Draft`] per transaction, whether it was known or is new, so that the parts of an album and
//! several versions of one post fall into one row.

use std::collections::{BTreeSet, HashMap};

use domain::id::{ChannelId, MessageId, PostId, ProjectId};
use domain::time::Timestamp;
use serde::Serialize;

use crate::error::StoreError;
use crate::row::Row;
use crate::rows::{Sql, rows, storable};
use crate::store::{Run as _, Tx};
use crate::watching::{MediaPart, RecordPosts, SeenPost};

static KNOWN: Sql = Sql::new(
    "SELECT ch.id AS channel_id, ch.project_id, ch.newest_id, ch.reading_ended_at IS NOT NULL AS closed, po.id, po.message_id, po.grouped_id, po.text, po.media,
         po.published_at, po.edited_at, po.revision, po.views, po.forwards, po.reactions, po.comments_open
     FROM rows($1: channel_id bigint, message_id bigint, grouped_id bigint) r
     JOIN channels ch ON ch.id = r.channel_id
     LEFT JOIN posts po ON po.channel_id = r.channel_id AND (po.message_id = r.message_id OR po.grouped_id = r.grouped_id)
     {FOR UPDATE OF ch}",
);

#[derive(Serialize)]
struct SeenRow {
    channel_id: ChannelId,
    message_id: Option<MessageId>,
    grouped_id: Option<i64>,
}

/// What the database knows of the channels and posts that were seen.
#[derive(Default)]
pub(crate) struct Known {
    channels: HashMap<ChannelId, Channel>,
    posts: Vec<Draft>,
}

struct Channel {
    project: ProjectId,
    newest_was: i64,
    newest: i64,
    /// Its reading is over: nothing of it is recorded.
    closed: bool,
}

/// A post as it will be written.
struct Draft {
    channel: ChannelId,
    /// What was known of it; `None` for a new post.
    known: Option<KnownPost>,
    message: MessageId,
    grouped: Option<i64>,
    text: String,
    media: Vec<MediaPart>,
    published_at: Timestamp,
    edited_at: Option<Timestamp>,
    views: i64,
    forwards: i64,
    reactions: i64,
    comments_open: bool,
    changed: bool,
}

struct KnownPost {
    id: PostId,
    revision: i64,
    text: String,
}

/// A post's row as it is written, new or changed.
#[derive(Serialize)]
pub(crate) struct PostRow {
    id: Option<PostId>,
    project_id: ProjectId,
    channel_id: ChannelId,
    message_id: MessageId,
    grouped_id: Option<i64>,
    text: String,
    media: Vec<MediaPart>,
    published_at: Timestamp,
    edited_at: Option<Timestamp>,
    revision: i64,
    views: i64,
    forwards: i64,
    reactions: i64,
    comments_open: bool,
}

/// Ids that were jumped over.
#[derive(Serialize)]
pub(crate) struct GapRow {
    pub(crate) channel_id: ChannelId,
    from_id: i64,
    to_id: i64,
}

/// A text that changed.
pub(crate) struct Edit {
    pub(crate) project: ProjectId,
    pub(crate) channel: ChannelId,
    pub(crate) post: PostId,
    pub(crate) old_revision: i64,
    pub(crate) old_text: String,
}

/// What was seen, compared with what is known.
pub(crate) struct Sighting {
    channels: HashMap<ChannelId, Channel>,
    drafts: Vec<Draft>,
    by_message: HashMap<(ChannelId, MessageId), usize>,
    by_album: HashMap<(ChannelId, i64), usize>,
    pub(crate) gaps: Vec<GapRow>,
}

/// Reads what the database knows of the channels and posts that were seen.
pub(crate) async fn read_known(tx: &Tx, seen: &[RecordPosts]) -> Result<Known, StoreError> {
    let mut asked = Vec::new();
    for record in seen {
        // The channel is read even if it had no posts, only empty ids.
        asked.push(SeenRow { channel_id: record.channel, message_id: None, grouped_id: None });
        asked.extend(record.posts.iter().map(|post| SeenRow {
            channel_id: record.channel,
            message_id: Some(post.message),
            grouped_id: post.grouped,
        }));
    }
    let mut known = Known::default();
    for row in &tx.rows(&KNOWN, [rows(tx.operation(), &asked)?]).await? {
        let newest = row.get("newest_id")?;
        let (project, closed) = (row.get("project_id")?, row.get("closed")?);
        let channel = Channel { project, newest_was: newest, newest, closed };
        known.channels.insert(row.get("channel_id")?, channel);
        if row.maybe::<PostId>("id")?.is_some() {
            known.posts.push(Draft::known(row)?);
        }
    }
    Ok(known)
}

impl Sighting {
    pub(crate) fn new(known: Known) -> Self {
        let mut sighting = Self {
            channels: known.channels,
            drafts: Vec::new(),
            by_message: HashMap::new(),
            by_album: HashMap::new(),
            gaps: Vec::new(),
        };
        for draft in known.posts {
            if sighting.find(draft.channel, draft.message, draft.grouped).is_none() {
                sighting.add(draft);
            }
        }
        sighting
    }

    /// Takes in what was seen in one channel.
    pub(crate) fn look(&mut self, record: &RecordPosts) -> Result<(), StoreError> {
        let Some(channel) = self.channels.get_mut(&record.channel) else {
            return Err(StoreError::NotFound { operation: "record posts", what: "channel" });
        };
        if channel.closed {
            return Ok(());
        }
        let seen = record.posts.iter().map(|post| post.message).chain(record.empty.iter().copied());
        for id in seen.map(MessageId::get).collect::<BTreeSet<_>>().split_off(&(channel.newest + 1)) {
            if id > channel.newest + 1 {
                let (from_id, to_id) = (channel.newest + 1, id - 1);
                self.gaps.push(GapRow { channel_id: record.channel, from_id, to_id });
            }
            channel.newest = id;
        }
        for post in &record.posts {
            match self.find(record.channel, post.message, post.grouped) {
                Some(at) => {
                    self.drafts[at].see(post);
                    self.by_message.insert((record.channel, post.message), at);
                }
                None => self.add(Draft::new(record.channel, post)),
            }
        }
        Ok(())
    }

    /// The rows of posts that were not known.
    pub(crate) fn new_posts(&self) -> Vec<PostRow> {
        self.rows(|draft| draft.known.is_none())
    }

    /// The rows of posts that were known and changed.
    pub(crate) fn changed_posts(&self) -> Vec<PostRow> {
        self.rows(|draft| draft.known.is_some() && draft.changed)
    }

    /// The posts whose text changed.
    pub(crate) fn edited_posts(&self) -> Vec<Edit> {
        let edit = |draft: &Draft| {
            let known = draft.known.as_ref().filter(|known| known.text != draft.text)?;
            let project = self.channels.get(&draft.channel)?.project;
            Some(Edit {
                project,
                channel: draft.channel,
                post: known.id,
                old_revision: known.revision,
                old_text: known.text.clone(),
            })
        };
        self.drafts.iter().filter_map(edit).collect()
    }

    /// Channels with their newest id, where it moved.
    pub(crate) fn advanced(&self) -> impl Iterator<Item = (ChannelId, i64)> {
        let moved = self.channels.iter().filter(|(_, channel)| channel.newest > channel.newest_was);
        moved.map(|(id, channel)| (*id, channel.newest))
    }

    fn find(&self, channel: ChannelId, message: MessageId, grouped: Option<i64>) -> Option<usize> {
        let by_message = self.by_message.get(&(channel, message));
        by_message.or_else(|| self.by_album.get(&(channel, grouped?))).copied()
    }

    fn add(&mut self, draft: Draft) {
        let at = self.drafts.len();
        self.by_message.insert((draft.channel, draft.message), at);
        self.by_album.extend(draft.grouped.map(|grouped| ((draft.channel, grouped), at)));
        self.drafts.push(draft);
    }

    fn rows(&self, wanted: impl Fn(&Draft) -> bool) -> Vec<PostRow> {
        let drafts = self.drafts.iter().filter(|draft| wanted(draft));
        drafts.filter_map(|draft| Some(draft.row(self.channels.get(&draft.channel)?.project))).collect()
    }
}

impl Draft {
    fn new(channel: ChannelId, post: &SeenPost) -> Self {
        Self {
            channel,
            known: None,
            message: post.message,
            grouped: post.grouped,
            text: storable(&post.text).into_owned(),
            media: MediaPart::of(post),
            published_at: post.published_at,
            edited_at: post.edited_at,
            views: post.views.into(),
            forwards: post.forwards.into(),
            reactions: post.reactions.into(),
            comments_open: post.comments_open,
            changed: false,
        }
    }

    fn known(row: &Row) -> Result<Self, StoreError> {
        let text: String = row.get("text")?;
        let known = KnownPost { id: row.get("id")?, revision: row.get("revision")?, text: text.clone() };
        Ok(Self {
            channel: row.get("channel_id")?,
            known: Some(known),
            message: row.get("message_id")?,
            grouped: row.maybe("grouped_id")?,
            text,
            media: row.json("media")?,
            published_at: row.get("published_at")?,
            edited_at: row.maybe("edited_at")?,
            views: row.get("views")?,
            forwards: row.get("forwards")?,
            reactions: row.get("reactions")?,
            comments_open: row.get("comments_open")?,
            changed: false,
        })
    }

    /// Takes in a later sight of it, or of another part of its album.
    fn see(&mut self, post: &SeenPost) {
        let before =
            (self.message, self.edited_at, self.views, self.forwards, self.reactions, self.comments_open);
        let (text, parts) = (self.text.clone(), self.media.len());
        self.message = self.message.min(post.message);
        let other_part = post.grouped.is_some() && post.text.is_empty();
        if post.edited_at >= self.edited_at && !other_part {
            self.text = storable(&post.text).into_owned();
            self.edited_at = post.edited_at;
            self.comments_open = post.comments_open;
        }
        let missing: Vec<_> = MediaPart::of(post)
            .into_iter()
            .filter(|part| !self.media.iter().any(|known| known.message == part.message))
            .collect();
        self.media.extend(missing);
        self.views = self.views.max(post.views.into());
        self.forwards = self.forwards.max(post.forwards.into());
        self.reactions = self.reactions.max(post.reactions.into());
        let after =
            (self.message, self.edited_at, self.views, self.forwards, self.reactions, self.comments_open);
        self.changed |= before != after || text != self.text || parts != self.media.len();
    }

    fn row(&self, project_id: ProjectId) -> PostRow {
        let revision =
            self.known.as_ref().map_or(0, |known| known.revision + i64::from(known.text != self.text));
        PostRow {
            id: self.known.as_ref().map(|known| known.id),
            project_id,
            channel_id: self.channel,
            message_id: self.message,
            grouped_id: self.grouped,
            text: self.text.clone(),
            media: self.media.clone(),
            published_at: self.published_at,
            edited_at: self.edited_at,
            revision,
            views: self.views,
            forwards: self.forwards,
            reactions: self.reactions,
            comments_open: self.comments_open,
        }
    }
}
