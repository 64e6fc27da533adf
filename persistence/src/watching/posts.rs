//! Recording posts: new ones, albums in parts, edits, and the gaps between them.
//!
//! What is known is read first, what was seen is compared with it in memory ([`Sighting`]), and the differences are written
//! set by set. Updates may come late, so a text only replaces one that is not newer.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use domain::comment::Event;
use domain::event::EventType;
use domain::id::{ChannelId, PostId, ProjectId};
use domain::job::Job;
use domain::policy::Approval;
use domain::time::Timestamp;
use serde::Serialize;

use crate::comments::{Stored, columns, write};
use crate::error::StoreError;
use crate::gather::Gather;
use crate::outbox::{NewEvent, Subject};
use crate::queue::{NewJob, enqueue_in, hasten_audits_in};
use crate::round::Round;
use crate::rows::{Sql, rows};
use crate::store::{Run as _, Store, Tx};
use crate::watching::sighting::{GapRow, PostRow, Sighting, read_known};
use crate::watching::{RecordPosts, Recorded};

const RECORDING: &str = "record posts";

static INSERT: Sql = Sql::new(
    "INSERT INTO posts (project_id, channel_id, message_id, grouped_id, text, media, published_at, detected_at, edited_at,
         views, forwards, reactions, comments_open)
     SELECT r.project_id, r.channel_id, r.message_id, r.grouped_id, r.text, r.media, r.published_at, $2, r.edited_at,
         r.views, r.forwards, r.reactions, r.comments_open
     FROM rows($1: project_id bigint, channel_id bigint, message_id bigint, grouped_id bigint, text text, media text,
         published_at bigint, edited_at bigint, views bigint, forwards bigint, reactions bigint, comments_open boolean) r
     WHERE true
     ON CONFLICT DO NOTHING
     RETURNING id, project_id, channel_id",
);

static UPDATE: Sql = Sql::new(
    "UPDATE posts SET message_id = r.message_id, text = r.text, media = r.media, edited_at = r.edited_at,
         revision = r.revision, views = r.views, forwards = r.forwards, reactions = r.reactions,
         comments_open = r.comments_open
     FROM rows($1: id bigint, message_id bigint, text text, media text, edited_at bigint, revision bigint, views bigint,
         forwards bigint, reactions bigint, comments_open boolean) r
     WHERE posts.id = r.id",
);

static KEEP_REVISION: Sql = Sql::new(
    "INSERT INTO post_revisions (post_id, revision, text, seen_at)
     SELECT r.post_id, r.revision, r.text, $2 FROM rows($1: post_id bigint, revision bigint, text text) r
     WHERE true
     ON CONFLICT DO NOTHING",
);

static OPEN_GAPS: Sql = Sql::new(
    "INSERT INTO post_gaps (channel_id, from_id, to_id, status, opened_at)
     SELECT r.channel_id, r.from_id, r.to_id, 'open', $2
     FROM rows($1: channel_id bigint, from_id bigint, to_id bigint) r
     WHERE true
     ON CONFLICT DO NOTHING",
);

static ADVANCE: Sql = Sql::new(
    "UPDATE channels SET newest_id = r.newest_id FROM rows($1: id bigint, newest_id bigint) r
     WHERE channels.id = r.id AND channels.newest_id < r.newest_id",
);

static APPROVED_ON: Sql = Sql::new(concat!(
    "SELECT ",
    columns!(),
    ", p.approval FROM rows($1: id bigint) r JOIN comments c ON c.post_id = r.id JOIN projects p ON p.id = c.project_id
     WHERE c.state IN ('approved', 'scheduled') {FOR UPDATE OF c}"
));

#[derive(Serialize)]
struct NewestRow {
    id: ChannelId,
    newest_id: i64,
}

#[derive(Serialize)]
struct RevisionRow<'a> {
    post_id: PostId,
    revision: i64,
    text: &'a str,
}

#[derive(Serialize)]
struct IdRow {
    id: PostId,
}

impl Store {
    /// Records what was seen in channels, one answer for each in the order given. New posts get a `PlanPost` job; a changed
    /// text is kept as a revision, and comments approved on the old one become void (and are written anew where drafts are
    /// approved by rule). Ids that were jumped over open gaps. Concurrent callers share a transaction.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when a channel does not exist, otherwise the database's own.
    pub async fn record_posts(
        &self,
        seen: &[RecordPosts],
        now: Timestamp,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.gathers().posts.run(self, "", seen, now).await
    }
}

pub(crate) fn gather_posts(round: &Arc<Round>) -> Arc<Gather<RecordPosts, Recorded>> {
    Gather::writing(round, RECORDING, |tx, _, seen, now| {
        Box::pin(async move { record(tx, &seen, now).await })
    })
}

async fn record(tx: &mut Tx, seen: &[RecordPosts], now: Timestamp) -> Result<Vec<Recorded>, StoreError> {
    let known = read_known(tx, seen).await?;
    let mut sighting = Sighting::new(known);
    for record in seen {
        sighting.look(record)?;
    }
    let mut recorded: HashMap<ChannelId, Recorded> = HashMap::new();
    insert(tx, &sighting.new_posts(), now, &mut recorded).await?;
    update(tx, &sighting, now, &mut recorded).await?;
    open_gaps(tx, &sighting.gaps, now, &mut recorded)?;
    let advance = |(id, newest)| NewestRow { id, newest_id: newest };
    let advanced: Vec<_> = sighting.advanced().map(advance).collect();
    if !advanced.is_empty() {
        tx.at_commit(&ADVANCE, [rows(RECORDING, &advanced)?]);
    }
    // A channel seen twice in one transaction is told of once.
    Ok(seen.iter().map(|record| recorded.remove(&record.channel).unwrap_or_default()).collect())
}

async fn insert(
    tx: &mut Tx,
    new: &[PostRow],
    now: Timestamp,
    recorded: &mut HashMap<ChannelId, Recorded>,
) -> Result<(), StoreError> {
    if new.is_empty() {
        return Ok(());
    }
    let mut jobs = Vec::with_capacity(new.len());
    for row in &tx.rows(&INSERT, [rows(RECORDING, new)?, now.micros().into()]).await? {
        let (post, project, channel) = (row.get("id")?, row.get("project_id")?, row.get("channel_id")?);
        recorded.entry(channel).or_default().new.push(post);
        jobs.push(NewJob::at(Job::PlanPost { project, post }, now));
        tx.tell(event(EventType::PostNew, project, channel, post, now));
    }
    enqueue_in(tx, &jobs)?;
    Ok(())
}

async fn update(
    tx: &mut Tx,
    sighting: &Sighting,
    now: Timestamp,
    recorded: &mut HashMap<ChannelId, Recorded>,
) -> Result<(), StoreError> {
    let changed = sighting.changed_posts();
    if changed.is_empty() {
        return Ok(());
    }
    tx.at_commit(&UPDATE, [rows(RECORDING, &changed)?]);
    let edited = sighting.edited_posts();
    if edited.is_empty() {
        return Ok(());
    }
    let revisions: Vec<_> = edited
        .iter()
        .map(|edit| RevisionRow { post_id: edit.post, revision: edit.old_revision, text: &edit.old_text })
        .collect();
    tx.at_commit(&KEEP_REVISION, [rows(RECORDING, &revisions)?, now.micros().into()]);
    for edit in &edited {
        recorded.entry(edit.channel).or_default().edited.push(edit.post);
        tx.tell(event(EventType::PostEdited, edit.project, edit.channel, edit.post, now));
    }
    let posts: Vec<_> = edited.iter().map(|edit| IdRow { id: edit.post }).collect();
    invalidate(tx, &posts, now).await
}

/// Approvals that were given on the old text do not count any more.
async fn invalidate(tx: &mut Tx, posts: &[IdRow], now: Timestamp) -> Result<(), StoreError> {
    let found = tx.rows(&APPROVED_ON, [rows(RECORDING, posts)?]).await?;
    let mut voided = Vec::with_capacity(found.len());
    let mut rewrites = Vec::new();
    for row in &found {
        let mut comment = Stored::read(row)?;
        comment
            .step(Event::Invalidate)
            .map_err(|source| StoreError::Comment { operation: RECORDING, source })?;
        if row.named::<Approval>("approval")? == Approval::ByRule {
            rewrites.push(NewJob::at(Job::WriteDraft { comment: comment.id }, now));
        }
        voided.push(comment);
    }
    write(tx, &voided, now).await?;
    enqueue_in(tx, &rewrites)?;
    Ok(())
}

fn open_gaps(
    tx: &Tx,
    gaps: &[GapRow],
    now: Timestamp,
    recorded: &mut HashMap<ChannelId, Recorded>,
) -> Result<(), StoreError> {
    if gaps.is_empty() {
        return Ok(());
    }
    for gap in gaps {
        recorded.entry(gap.channel_id).or_default().gaps += 1;
    }
    tx.at_commit(&OPEN_GAPS, [rows(RECORDING, gaps)?, now.micros().into()]);
    let channels: BTreeSet<_> = gaps.iter().map(|gap| gap.channel_id).collect();
    hasten_audits_in(tx, &channels.into_iter().collect::<Vec<_>>(), now)
}

fn event(kind: EventType, project: ProjectId, channel: ChannelId, post: PostId, at: Timestamp) -> NewEvent {
    let subject = Subject { channel: Some(channel), post: Some(post), ..Subject::default() };
    NewEvent { project: Some(project), kind, subject, at }
}
