//! What was deleted in a channel or its threads, and the comments that have nothing to speak to any more.

use domain::comment::{Event, SkipReason, State};
use domain::event::EventType;
use domain::id::{ChannelId, MessageId};
use domain::time::Timestamp;
use serde::Serialize;

use crate::comments::{Stored, columns, write};
use crate::error::StoreError;
use crate::outbox::{NewEvent, Subject};
use crate::row::Row;
use crate::rows::{Sql, rows};
use crate::store::{Run as _, Store, Tx};

static DELETE_POSTS: Sql = Sql::new(
    "UPDATE posts SET deleted_at = $3 FROM rows($1: id bigint) r
     WHERE posts.channel_id = $2 AND posts.message_id = r.id AND posts.deleted_at IS NULL
     RETURNING posts.id, posts.project_id",
);

static DELETE_MESSAGES: Sql = Sql::new(
    "UPDATE thread_messages SET deleted_at = $3, text = '' FROM rows($1: id bigint) r
     WHERE thread_messages.channel_id = $2 AND thread_messages.message_id = r.id AND thread_messages.deleted_at IS NULL
     RETURNING thread_messages.id",
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

#[derive(Serialize)]
struct IdRow {
    id: i64,
}

impl Store {
    /// Marks posts as deleted and skips the comments that wait there. Returns how many posts were known and still stood. A
    /// part of an album takes the post with it only if it is the part the post is known by.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn record_deleted_posts(
        &self,
        channel: ChannelId,
        messages: &[MessageId],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin("record deleted posts").await?;
        let deleted = mark(&tx, &DELETE_POSTS, channel, messages, now).await?;
        for row in &deleted {
            let (post, project) = (Some(row.get("id")?), Some(row.get("project_id")?));
            let subject = Subject { channel: Some(channel), post, ..Subject::default() };
            tx.tell(NewEvent { project, kind: EventType::PostDeleted, subject, at: now });
        }
        let gone = |_: &State| Event::Skip(SkipReason::PostDeleted);
        settle_waiting(&mut tx, &WAITING_UNDER, &deleted, gone, now).await?;
        tx.commit().await?;
        Ok(deleted.len() as u64)
    }

    /// Marks messages in the channel's group as deleted: answers to them that wait for their send become void, earlier ones
    /// are skipped. Returns how many messages were known and still stood.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn record_deleted_thread_messages(
        &self,
        channel: ChannelId,
        messages: &[MessageId],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin("record deleted messages").await?;
        let deleted = mark(&tx, &DELETE_MESSAGES, channel, messages, now).await?;
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
        settle_waiting(&mut tx, &WAITING_TO_ANSWER, &deleted, unanswerable, now).await?;
        tx.commit().await?;
        Ok(deleted.len() as u64)
    }
}

async fn mark(
    tx: &Tx,
    sql: &Sql,
    channel: ChannelId,
    messages: &[MessageId],
    now: Timestamp,
) -> Result<Vec<Row>, StoreError> {
    let ids: Vec<_> = messages.iter().map(|id| IdRow { id: id.get() }).collect();
    tx.rows(sql, [rows(tx.operation(), &ids)?, channel.get().into(), now.micros().into()]).await
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
