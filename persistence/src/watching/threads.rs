//! Recording what is written below posts. Who wrote it is decided here: an account of ours, the channel itself, or a
//! reader, whose message then gets a `PlanAnswer` job if it asks for something. Most do not, and a job for each of them
//! would be planned for nothing.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::id::{ChannelId, MessageId, PeerId, PostId, ProjectId};
use domain::job::Job;
use domain::planning::{self, Author};
use domain::time::Timestamp;
use serde::Serialize;

use crate::error::StoreError;
use crate::gather::Gather;
use crate::queue::{NewJob, enqueue_in, hasten_audits_in};
use crate::round::Round;
use crate::rows::{Sql, rows, storable};
use crate::store::{Run as _, Store, Tx};
use crate::watching::{RecordMessages, RecordedMessages};

const RECORDING: &str = "record messages in threads";

static PLACES: Sql = Sql::new(
    "SELECT r.channel_id, r.message_id, r.author_ref, ch.project_id, ch.reading_ended_at IS NOT NULL AS closed,
         po.id AS post_id,
         CASE WHEN ch.telegram_id = r.author_ref THEN 'channel'
              WHEN EXISTS (SELECT 1 FROM accounts a WHERE a.telegram_id = r.author_ref) THEN 'ours'
              ELSE 'reader' END AS author
     FROM rows($1: channel_id bigint, message_id bigint, post_message_id bigint, author_ref bigint) r
     JOIN channels ch ON ch.id = r.channel_id
     LEFT JOIN posts po ON po.channel_id = r.channel_id AND po.message_id = r.post_message_id",
);

static INSERT: Sql = Sql::new(
    "INSERT INTO thread_messages (post_id, channel_id, message_id, author, author_ref, text, answers_id, sent_at)
     SELECT r.post_id, r.channel_id, r.message_id, r.author, r.author_ref, r.text, r.answers_id, r.sent_at
     FROM rows($1: post_id bigint, channel_id bigint, message_id bigint, author text, author_ref bigint, text text,
         answers_id bigint, sent_at bigint) r
     WHERE true
     ON CONFLICT (channel_id, message_id) DO NOTHING
     RETURNING id, channel_id, message_id",
);

#[derive(Serialize)]
struct AskedRow {
    channel_id: ChannelId,
    message_id: MessageId,
    post_message_id: MessageId,
    author_ref: PeerId,
}

#[derive(Serialize)]
struct MessageRow<'a> {
    post_id: PostId,
    channel_id: ChannelId,
    message_id: MessageId,
    author: Author,
    author_ref: PeerId,
    text: std::borrow::Cow<'a, str>,
    answers_id: MessageId,
    sent_at: Timestamp,
}

/// Where a message belongs and who wrote it.
struct Place {
    project: ProjectId,
    /// The reading of its channel is over: nothing of it is recorded.
    closed: bool,
    post: Option<PostId>,
    author: Author,
}

type Places = HashMap<(ChannelId, MessageId), Place>;

impl Store {
    /// Records messages in threads, one answer for each channel in the order given. Concurrent callers share a transaction.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when a channel does not exist, otherwise the database's own.
    pub async fn record_thread_messages(
        &self,
        seen: &[RecordMessages],
        now: Timestamp,
    ) -> Result<Vec<RecordedMessages>, StoreError> {
        self.gathers().messages.run(self, "", seen, now).await
    }
}

pub(crate) fn gather_messages(round: &Arc<Round>) -> Arc<Gather<RecordMessages, RecordedMessages>> {
    Gather::writing(round, RECORDING, |tx, _, seen, now| {
        Box::pin(async move { record(tx, &seen, now).await })
    })
}

async fn record(
    tx: &Tx,
    seen: &[RecordMessages],
    now: Timestamp,
) -> Result<Vec<RecordedMessages>, StoreError> {
    let places = read_places(tx, seen).await?;
    let mut recorded: HashMap<ChannelId, RecordedMessages> = HashMap::new();
    let mut new = Vec::new();
    let mut taken = HashSet::new();
    for record in seen {
        for message in &record.messages {
            let key = (record.channel, message.message);
            let place =
                places.get(&key).ok_or(StoreError::NotFound { operation: RECORDING, what: "channel" })?;
            if place.closed {
                continue;
            }
            let Some(post_id) = place.post else {
                recorded.entry(record.channel).or_default().unknown_posts.push(message.post);
                continue;
            };
            if taken.insert(key) {
                new.push(MessageRow {
                    post_id,
                    channel_id: record.channel,
                    message_id: message.message,
                    author: place.author,
                    author_ref: message.author,
                    text: storable(&message.text),
                    answers_id: message.answers,
                    sent_at: message.sent_at,
                });
            }
        }
    }
    insert(tx, &new, &places, now, &mut recorded).await?;
    // Their posts were missed: the audits bring them, and the conversations go on from there.
    let missed = recorded.iter().filter(|(_, recorded)| !recorded.unknown_posts.is_empty());
    let missed: Vec<_> = missed.map(|(channel, _)| *channel).collect();
    hasten_audits_in(tx, &missed, now)?;
    // A channel seen twice in one transaction is told of once.
    Ok(seen.iter().map(|record| recorded.remove(&record.channel).unwrap_or_default()).collect())
}

async fn read_places(tx: &Tx, seen: &[RecordMessages]) -> Result<Places, StoreError> {
    let asked: Vec<_> = seen
        .iter()
        .flat_map(|record| record.messages.iter().map(|message| (record.channel, message)))
        .map(|(channel_id, message)| AskedRow {
            channel_id,
            message_id: message.message,
            post_message_id: message.post,
            author_ref: message.author,
        })
        .collect();
    let mut places = Places::new();
    for row in &tx.rows(&PLACES, [rows(RECORDING, &asked)?]).await? {
        let place = Place {
            project: row.get("project_id")?,
            closed: row.get("closed")?,
            post: row.maybe("post_id")?,
            author: row.named("author")?,
        };
        places.insert((row.get("channel_id")?, row.get("message_id")?), place);
    }
    Ok(places)
}

async fn insert(
    tx: &Tx,
    new: &[MessageRow<'_>],
    places: &Places,
    now: Timestamp,
    recorded: &mut HashMap<ChannelId, RecordedMessages>,
) -> Result<(), StoreError> {
    if new.is_empty() {
        return Ok(());
    }
    let projects: HashMap<_, _> =
        places.iter().map(|((channel, _), place)| (*channel, place.project)).collect();
    let asking = new.iter().filter(|row| row.author == Author::Reader && planning::asks(&row.text));
    let asking: HashSet<_> = asking.map(|row| (row.channel_id, row.message_id)).collect();
    let mut jobs = Vec::new();
    for row in &tx.rows(&INSERT, [rows(RECORDING, new)?]).await? {
        let channel = row.get("channel_id")?;
        recorded.entry(channel).or_default().new += 1;
        if asking.contains(&(channel, row.get("message_id")?))
            && let Some(project) = projects.get(&channel)
        {
            let job = Job::PlanAnswer { project: *project, message: row.get("id")? };
            jobs.push(NewJob::at(job, now));
        }
    }
    enqueue_in(tx, &jobs)?;
    Ok(())
}
