//! What was deleted in a channel or its threads, and the comments that have nothing to speak to any more.

use std::collections::HashSet;
use std::sync::Arc;

use domain::comment::{Event, SkipReason, State};
use domain::event::EventType;
use domain::id::{ChannelId, MessageId};
use domain::time::Timestamp;
use serde::Serialize;

use crate::comments::{Stored, columns, write};
use crate::error::StoreError;
use crate::gather::Gather;
use crate::outbox::{NewEvent, Subject};
use crate::round::Round;
use crate::row::Row;
use crate::rows::{Sql, rows};
use crate::store::{Run as _, Store, Tx};

static DELETE_POSTS: Sql = Sql::new(
    "UPDATE posts SET deleted_at = $2 FROM rows($1: channel_id bigint, message_id bigint) r
     WHERE posts.channel_id = r.channel_id AND posts.message_id = r.message_id AND posts.deleted_at IS NULL
     RETURNING posts.id, posts.channel_id, posts.message_id, posts.project_id",
);

static DELETE_MESSAGES: Sql = Sql::new(
    "UPDATE thread_messages SET deleted_at = $2, text = '' FROM rows($1: channel_id bigint, message_id bigint) r
     WHERE thread_messages.channel_id = r.channel_id AND thread_messages.message_id = r.message_id
         AND thread_messages.deleted_at IS NULL
     RETURNING thread_messages.id, thread_messages.channel_id, thread_messages.message_id",
);

/// Comments that have not left yet.
macro_rules! waiting {
    ($on:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM rows($1: id bigint) r JOIN comments c ON ",
            $on,
            " WHERE c.state IN ('planned', 'drafted', 'approved', 'void', 'scheduled') {FOR UPDATE OF c}"
        )
    };
}

static WAITING_UNDER: Sql = Sql::new(waiting!("c.post_id = r.id"));
static WAITING_TO_ANSWER: Sql = Sql::new(waiting!("c.answers_id = r.id AND c.intent = 'answer'"));

const POSTS: &str = "record deleted posts";
const MESSAGES: &str = "record deleted messages";

/// A message that is gone.
pub(crate) type Gone = (ChannelId, MessageId);

#[derive(Serialize)]
struct GoneRow {
    channel_id: ChannelId,
    message_id: MessageId,
}

#[derive(Serialize)]
struct IdRow {
    id: i64,
}

impl Store {
    /// Marks posts as deleted and skips the comments that wait there. Returns how many posts were known and still stood. A
    /// part of an album takes the post with it only if it is the part the post is known by. Concurrent callers share a
    /// transaction.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn record_deleted_posts(
        &self,
        channel: ChannelId,
        messages: &[MessageId],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let gone: Vec<_> = messages.iter().map(|message| (channel, *message)).collect();
        let stood = self.gathers().deleted_posts.run(self, "", &gone, now).await?;
        Ok(stood.into_iter().map(u64::from).sum())
    }

    /// Marks messages in the channel's group as deleted: answers to them that wait for their send become void, earlier ones
    /// are skipped. Returns how many messages were known and still stood. Concurrent callers share a transaction.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn record_deleted_thread_messages(
        &self,
        channel: ChannelId,
        messages: &[MessageId],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let gone: Vec<_> = messages.iter().map(|message| (channel, *message)).collect();
        let stood = self.gathers().deleted_messages.run(self, "", &gone, now).await?;
        Ok(stood.into_iter().map(u64::from).sum())
    }
}

pub(crate) fn gather_deleted_posts(round: &Arc<Round>) -> Arc<Gather<Gone, bool>> {
    Gather::writing(round, POSTS, |tx, _, gone, now| {
        Box::pin(async move { delete_posts(tx, &gone, now).await })
    })
}

pub(crate) fn gather_deleted_messages(round: &Arc<Round>) -> Arc<Gather<Gone, bool>> {
    Gather::writing(round, MESSAGES, |tx, _, gone, now| {
        Box::pin(async move { delete_messages(tx, &gone, now).await })
    })
}

async fn delete_posts(tx: &mut Tx, gone: &[Gone], now: Timestamp) -> Result<Vec<bool>, StoreError> {
    let deleted = mark(tx, &DELETE_POSTS, gone, now).await?;
    for row in &deleted {
        let (post, channel) = (Some(row.get("id")?), Some(row.get("channel_id")?));
        let subject = Subject { channel, post, ..Subject::default() };
        let project = Some(row.get("project_id")?);
        tx.tell(NewEvent { project, kind: EventType::PostDeleted, subject, at: now });
    }
    settle_waiting(tx, &WAITING_UNDER, &deleted, |_| Event::Skip(SkipReason::PostDeleted), now).await?;
    shares(gone, &deleted)
}

async fn delete_messages(tx: &mut Tx, gone: &[Gone], now: Timestamp) -> Result<Vec<bool>, StoreError> {
    let deleted = mark(tx, &DELETE_MESSAGES, gone, now).await?;
    let unanswerable = |state: &State| match state {
        State::Approved(_) | State::Scheduled(_) => Event::Invalidate,
        State::Planned | State::Drafted(_) | State::Void(_) => Event::Skip(SkipReason::PostDeleted),
        // None of these waits.
        State::Skipped(_)
        | State::Rejected(_)
        | State::Sending(_)
        | State::Sent(_)
        | State::Unknown(_)
        | State::Refused(_)
        | State::Expired
        | State::Visible(_)
        | State::Removed(_) => Event::Invalidate,
    };
    settle_waiting(tx, &WAITING_TO_ANSWER, &deleted, unanswerable, now).await?;
    shares(gone, &deleted)
}

async fn mark(tx: &Tx, sql: &Sql, gone: &[Gone], now: Timestamp) -> Result<Vec<Row>, StoreError> {
    let row = |&(channel_id, message_id): &Gone| GoneRow { channel_id, message_id };
    let gone: Vec<_> = gone.iter().map(row).collect();
    tx.rows(sql, [rows(tx.operation(), &gone)?, now.micros().into()]).await
}

/// Which of `gone` stood until now, in their order.
fn shares(gone: &[Gone], deleted: &[Row]) -> Result<Vec<bool>, StoreError> {
    let stood = |row: &Row| Ok((row.get("channel_id")?, row.get("message_id")?));
    let mut stood: HashSet<Gone> = deleted.iter().map(stood).collect::<Result<_, StoreError>>()?;
    // What two callers told of counts for the first.
    Ok(gone.iter().map(|gone| stood.remove(gone)).collect())
}

async fn settle_waiting(
    tx: &mut Tx,
    waiting: &Sql,
    deleted: &[Row],
    event: impl Fn(&State) -> Event,
    now: Timestamp,
) -> Result<(), StoreError> {
    if deleted.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> =
        deleted.iter().map(|row| Ok(IdRow { id: row.get("id")? })).collect::<Result<_, StoreError>>()?;
    let mut settled = Vec::new();
    for row in &tx.rows(waiting, [rows(tx.operation(), &ids)?]).await? {
        let mut stored = Stored::read(row)?;
        let event = event(&stored.state);
        stored.step(event).map_err(|source| StoreError::Comment { operation: tx.operation(), source })?;
        settled.push(stored);
    }
    write(tx, &settled, now).await
}
