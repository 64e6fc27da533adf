//! The id audit: message ids of a channel are dense, so what is neither a post nor known to be empty is a gap. What is known
//! may have changed unseen: a cursor names the latest messages, so that an audit looks at them again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::event::EventType;
use domain::id::{ChannelId, MessageId};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::gather::Gather;
use crate::outbox::{NewEvent, Subject};
use crate::queue::{Lease, reschedule_in};
use crate::round::Round;
use crate::row::Row;
use crate::rows::{Sql, rows, storable};
use crate::store::{Run as _, Store, Tx};
use crate::watching::MediaPart;

/// The most messages of a channel that are looked at again.
const RECENT: usize = 20;

/// How long after its publication a message is looked at again.
const RECENT_FOR: Duration = Duration::from_secs(48 * 3600);

const READING: &str = "read how far channels are known";
const FINISHING: &str = "finish audits";

static CURSORS: Sql = Sql::new(
    "SELECT ch.id, ch.newest_id, ch.audited_up_to, ch.reading_ended_at IS NOT NULL AS closed FROM rows($1: id bigint) r CROSS JOIN channels ch WHERE ch.id = r.id",
);

static GAPS: Sql = Sql::new(
    "SELECT g.channel_id, g.from_id, g.to_id FROM rows($1: id bigint) r CROSS JOIN post_gaps g
     WHERE g.channel_id = r.id AND g.status = 'open' ORDER BY g.from_id",
);

/// Of each channel, those of its 20 newest posts that stand and were published after `$2`.
static LATEST: Sql = Sql::new(
    "SELECT po.channel_id, po.message_id, po.edited_at, po.media FROM rows($1: id bigint) r CROSS JOIN posts po
     WHERE po.channel_id = r.id AND po.deleted_at IS NULL AND po.published_at > $2 AND po.message_id >= coalesce(
         (SELECT p.message_id FROM posts p WHERE p.channel_id = r.id ORDER BY p.message_id DESC LIMIT 1 OFFSET 19), 0)
     ORDER BY po.message_id DESC",
);

static CLOSE: Sql = Sql::new(
    "UPDATE post_gaps SET status = r.status 
     FROM rows($1: channel_id bigint, from_id bigint, to_id bigint, status text) r
     WHERE post_gaps.channel_id = r.channel_id AND post_gaps.from_id = r.from_id AND post_gaps.to_id = r.to_id
         AND post_gaps.status = 'open'",
);

static AUDITED: Sql = Sql::new(
    "UPDATE channels SET audited_up_to = r.up_to FROM rows($1: id bigint, up_to bigint) r
     WHERE channels.id = r.id AND channels.audited_up_to < r.up_to",
);

static STATUS: Sql = Sql::new("SELECT project_id, status FROM channels WHERE id = $1 {FOR UPDATE}");

static LOSE: Sql = Sql::new("UPDATE channels SET status = 'lost' WHERE id = $1");

#[derive(Serialize)]
struct IdRow {
    id: ChannelId,
}

#[derive(Serialize)]
struct AuditedRow {
    id: ChannelId,
    up_to: MessageId,
}

#[derive(Serialize)]
struct ClosedRow {
    channel_id: ChannelId,
    from_id: MessageId,
    to_id: MessageId,
    status: GapEnd,
}

/// Ids that were jumped over, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Gap {
    /// The first.
    pub from: MessageId,
    /// The last.
    pub to: MessageId,
}

/// How a gap ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapEnd {
    /// Posts stood there and were recorded.
    Filled,
    /// Telegram says that nothing stands there.
    Confirmed,
}

/// A message that is part of a post, as it was when it was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecentMessage {
    /// Its id in the channel.
    pub message: MessageId,
    /// When the text of its post last changed, as far as that is known.
    pub edited_at: Option<Timestamp>,
}

/// Up to where a channel is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelCursor {
    /// The newest message known.
    pub newest: MessageId,
    /// Up to where nothing is missing.
    pub audited_up_to: MessageId,
    /// The gaps that are open, oldest first.
    pub gaps: Vec<Gap>,
    /// Messages of the newest posts that stood when they were last seen, newest first: at most 20, of the last 48 hours.
    pub recent: Vec<RecentMessage>,
    /// Whether its reading is over: it was agreed to once and is no longer, and nothing of it is recorded until it is again.
    pub closed: bool,
}

/// An audit that found everything there is, with the job it puts off until the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditDone {
    /// The job.
    pub lease: Lease,
    /// The channel.
    pub channel: ChannelId,
    /// Up to where nothing is missing.
    pub up_to: MessageId,
    /// The gaps of the channel's cursor that it closed.
    pub closed: Vec<(Gap, GapEnd)>,
    /// When the next audit is due.
    pub next_at: Timestamp,
}

impl Store {
    /// Up to where a channel is known, and what of it is recent at `now`. Concurrent callers share a question.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such channel.
    pub async fn channel_cursor(
        &self,
        channel: ChannelId,
        now: Timestamp,
    ) -> Result<ChannelCursor, StoreError> {
        // What is read does not depend on a node.
        let found = self.gathers().cursors.run(self, "", &[channel], now).await?;
        let missing = StoreError::NotFound { operation: READING, what: "channel" };
        found.into_iter().next().flatten().ok_or(missing)
    }

    /// Moves the mark up to which nothing is missing (never back), closes gaps, and puts the job off until the next audit;
    /// whether the lease was still valid. Concurrent callers share a transaction.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn finish_audit(
        &self,
        node: &str,
        done: AuditDone,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let accepted = self.gathers().audits.run(self, node, &[done], now).await?;
        Ok(accepted.first().copied().unwrap_or(false))
    }

    /// Marks a channel that can no longer be read as lost, with an event; twice is no error.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such channel.
    pub async fn lose_channel(
        &self,
        channel: ChannelId,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin("give a channel up").await?;
        let missing = StoreError::NotFound { operation: tx.operation(), what: "channel" };
        let row = tx.row(&STATUS, [channel.get().into()]).await?.ok_or(missing)?;
        if row.get::<String>("status")? != "lost" {
            tx.run(&LOSE, [channel.get().into()]).await?;
            let detail = Some(storable(reason).into_owned());
            let subject = Subject { channel: Some(channel), detail, ..Subject::default() };
            let project = Some(row.get("project_id")?);
            tx.tell(NewEvent { project, kind: EventType::ChannelLost, subject, at: now });
        }
        tx.commit().await
    }
}

pub(crate) fn gather_cursors() -> Arc<Gather<ChannelId, Option<ChannelCursor>>> {
    Gather::reading(READING, |store, channels, now| {
        Box::pin(async move { read_cursors(&store, &channels, now).await })
    })
}

async fn read_cursors(
    store: &Store,
    channels: &[ChannelId],
    now: Timestamp,
) -> Result<Vec<Option<ChannelCursor>>, StoreError> {
    let read = store.read(READING);
    let asked: Vec<_> = channels.iter().map(|id| IdRow { id: *id }).collect();
    let asked = rows(READING, &asked)?;
    let mut cursors: HashMap<ChannelId, ChannelCursor> = HashMap::new();
    for row in read.rows(&CURSORS, [asked.clone()]).await? {
        let (newest, audited_up_to) = (row.get("newest_id")?, row.get("audited_up_to")?);
        let (gaps, recent, closed) = (Vec::new(), Vec::new(), row.get("closed")?);
        cursors.insert(row.get("id")?, ChannelCursor { newest, audited_up_to, gaps, recent, closed });
    }
    for row in read.rows(&GAPS, [asked.clone()]).await? {
        if let Some(cursor) = cursors.get_mut(&row.get::<ChannelId>("channel_id")?) {
            cursor.gaps.push(Gap { from: row.get("from_id")?, to: row.get("to_id")? });
        }
    }
    for row in read.rows(&LATEST, [asked, (now - RECENT_FOR).micros().into()]).await? {
        if let Some(cursor) = cursors.get_mut(&row.get::<ChannelId>("channel_id")?) {
            cursor.look_again_at(&row)?;
        }
    }
    Ok(channels.iter().map(|channel| cursors.get(channel).cloned()).collect())
}

impl ChannelCursor {
    /// Adds the messages of a post, all parts of an album, as long as there is room.
    fn look_again_at(&mut self, post: &Row) -> Result<(), StoreError> {
        let (first, edited_at) = (post.get("message_id")?, post.maybe("edited_at")?);
        let parts: Vec<MediaPart> = post.json("media")?;
        let others = parts.iter().map(|part| part.message).filter(|message| *message != first);
        let messages = std::iter::once(first).chain(others);
        let room = RECENT.saturating_sub(self.recent.len());
        self.recent.extend(messages.take(room).map(|message| RecentMessage { message, edited_at }));
        Ok(())
    }
}

pub(crate) fn gather_audits(round: &Arc<Round>) -> Arc<Gather<AuditDone, bool>> {
    Gather::writing(round, FINISHING, |tx, node, done, _| {
        Box::pin(async move { finish(tx, &node, &done).await })
    })
}

async fn finish(tx: &Tx, node: &str, done: &[AuditDone]) -> Result<Vec<bool>, StoreError> {
    let later: Vec<_> = done.iter().map(|done| (done.lease, done.next_at)).collect();
    let accepted = reschedule_in(tx, node, &later).await?;
    let accepted: Vec<bool> = done.iter().map(|done| accepted.contains(&done.lease.job)).collect();
    let valid = || done.iter().zip(&accepted).filter(|(_, accepted)| **accepted).map(|(done, _)| done);
    let audited: Vec<_> = valid().map(|done| AuditedRow { id: done.channel, up_to: done.up_to }).collect();
    tx.at_commit(&AUDITED, [rows(FINISHING, &audited)?]);
    let closed: Vec<_> = valid().flat_map(closed_rows).collect();
    if !closed.is_empty() {
        tx.at_commit(&CLOSE, [rows(FINISHING, &closed)?]);
    }
    Ok(accepted)
}

fn closed_rows(done: &AuditDone) -> impl Iterator<Item = ClosedRow> {
    let channel_id = done.channel;
    let row = move |(gap, end): &(Gap, GapEnd)| ClosedRow {
        channel_id,
        from_id: gap.from,
        to_id: gap.to,
        status: *end,
    };
    done.closed.iter().map(row)
}
