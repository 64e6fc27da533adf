//! Looking at what was sent: what an observer reads, and what it saw.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::comment::{Event, LOOKS, StateName};
use domain::id::{AccountId, ChannelId, CommentId, JobId, MessageId, PeerId, ProjectId};
use domain::job::Job;
use domain::time::{Timestamp, Zone};
use serde::Serialize;

use crate::comments::{Stored, columns, write};
use crate::error::StoreError;
use crate::gather::Gather;
use crate::metrics::{Place, Tally};
use crate::queue::{Failure, Lease, NewJob, fail_in, finish_in, follow_in};
use crate::round::Round;
use crate::row::Row;
use crate::rows::{Sql, rows};
use crate::store::{Run as _, Store, Tx};

const LOOKING: &str = "apply looks";
const READING: &str = "read what to look at";

static TARGETS: Sql = Sql::new(
    "SELECT c.id, c.project_id, c.account_id, c.channel_id, c.message_id, ch.telegram_id, ch.discussion_id
     FROM rows($1: id bigint) r JOIN comments c ON c.id = r.id JOIN channels ch ON ch.id = c.channel_id
     WHERE c.state IN ('sent', 'visible')",
);

static SEEN: Sql = Sql::new(concat!(
    "SELECT ",
    columns!(),
    ", p.timezone FROM rows($1: id bigint) r JOIN comments c ON c.id = r.id JOIN projects p ON p.id = c.project_id
     {FOR UPDATE OF c}"
));

#[derive(Serialize)]
struct IdRow {
    id: CommentId,
}

/// A comment to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObservationTarget {
    /// The comment.
    pub comment: CommentId,
    /// Its project.
    pub project: ProjectId,
    /// The account that sent it.
    pub account: Option<AccountId>,
    /// The channel.
    pub channel: ChannelId,
    /// The channel's Telegram id.
    pub channel_peer: PeerId,
    /// The discussion group it stands in.
    pub discussion: Option<PeerId>,
    /// Its id in the group.
    pub message: MessageId,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It stands.
    Visible {
        /// How many reactions it has.
        reactions: u32,
        /// How many messages answer it.
        replies: u32,
    },
    /// It is gone.
    Removed,
    /// Nobody could look.
    Failed {
        /// Why.
        error: String,
        /// When to try again; `None` gives the look up.
        retry_at: Option<Timestamp>,
    },
}

/// A look, with the job it finishes.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The job.
    pub lease: Lease,
    /// The comment.
    pub comment: CommentId,
    /// Which of [`domain::comment::LOOKS`], from 0.
    pub look: u8,
    /// What was seen.
    pub seen: Seen,
}

impl Store {
    /// Where these comments stand, in no order. Comments that cannot be looked at any more are left out; their jobs end
    /// with [`Seen::Removed`], which changes nothing for them. Concurrent callers share a question.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn observation_snapshot(
        &self,
        comments: &[CommentId],
    ) -> Result<Vec<ObservationTarget>, StoreError> {
        // What is read depends neither on a node nor on the time.
        let found = self.gathers().targets.run(self, "", comments, Timestamp::EPOCH).await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Applies looks and settles their jobs; the job of a comment that stands becomes that of its next look. The answer has, in the order given, the state each
    /// comment is in now; `None` where the lease was stale. Concurrent callers share a transaction.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn apply_observations(
        &self,
        node: &str,
        observations: &[Observation],
        now: Timestamp,
    ) -> Result<Vec<Option<StateName>>, StoreError> {
        self.gathers().looks.run(self, node, observations, now).await
    }
}

pub(crate) fn gather_targets() -> Arc<Gather<CommentId, Option<ObservationTarget>>> {
    Gather::reading(READING, |store, comments, _| {
        Box::pin(async move { read_targets(&store, &comments).await })
    })
}

async fn read_targets(
    store: &Store,
    comments: &[CommentId],
) -> Result<Vec<Option<ObservationTarget>>, StoreError> {
    let read = store.read(READING);
    let asked: Vec<_> = comments.iter().map(|id| IdRow { id: *id }).collect();
    let found = read.rows(&TARGETS, [rows(READING, &asked)?]).await?;
    let target = |row: &Row| Ok((row.get("id")?, read_target(row)?));
    let targets: HashMap<CommentId, ObservationTarget> =
        found.iter().map(target).collect::<Result<_, StoreError>>()?;
    Ok(comments.iter().map(|comment| targets.get(comment).copied()).collect())
}

fn read_target(row: &Row) -> Result<ObservationTarget, StoreError> {
    Ok(ObservationTarget {
        comment: row.get("id")?,
        project: row.get("project_id")?,
        account: row.maybe("account_id")?,
        channel: row.get("channel_id")?,
        channel_peer: row.get("telegram_id")?,
        discussion: row.maybe("discussion_id")?,
        message: row.get("message_id")?,
    })
}

pub(crate) fn gather_looks(round: &Arc<Round>) -> Arc<Gather<Observation, Option<StateName>>> {
    Gather::writing(round, LOOKING, |tx, node, observations, now| {
        Box::pin(async move { apply(tx, &node, &observations, now).await })
    })
}

async fn apply(
    tx: &mut Tx,
    node: &str,
    observations: &[Observation],
    now: Timestamp,
) -> Result<Vec<Option<StateName>>, StoreError> {
    let mut comments = read_comments(tx, observations).await?;
    let accepted = settle(tx, node, observations, &comments, now).await?;
    let accepted = |look: &&Observation| accepted.contains(&look.lease.job);
    let mut tally = Tally::default();
    for look in observations.iter().filter(accepted) {
        if let Some((stored, zone)) = comments.get_mut(&look.comment) {
            enter(stored, *zone, look, &mut tally, now);
        }
    }
    write(tx, comments.values().map(|(stored, _)| stored), now).await?;
    tally.write(tx)?;
    let state = |look: &Observation| {
        let stored = comments.get(&look.comment).filter(|_| accepted(&look));
        stored.map(|(stored, _)| stored.state.name())
    };
    Ok(observations.iter().map(state).collect())
}

/// Settles the looks' jobs: the one of a comment that stands becomes that of its next look. Returns whose lease was valid.
async fn settle(
    tx: &Tx,
    node: &str,
    observations: &[Observation],
    comments: &HashMap<CommentId, (Stored, Zone)>,
    now: Timestamp,
) -> Result<HashSet<JobId>, StoreError> {
    let (mut finished, mut followed, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for look in observations {
        match &look.seen {
            Seen::Visible { .. } => {
                match comments.get(&look.comment).and_then(|(stored, _)| next_look(stored, look.look)) {
                    Some(next) => followed.push((look.lease, next)),
                    None => finished.push(look.lease),
                }
            }
            Seen::Removed => finished.push(look.lease),
            Seen::Failed { error, retry_at } => {
                failed.push(Failure { lease: look.lease, error: error.clone(), retry_at: *retry_at });
            }
        }
    }
    let mut accepted = finish_in(tx, node, &finished, now).await?;
    accepted.extend(follow_in(tx, node, &followed).await?);
    accepted.extend(fail_in(tx, node, &failed, now).await?);
    Ok(accepted)
}

/// The look after this one.
fn next_look(stored: &Stored, look: u8) -> Option<NewJob> {
    let next = look + 1;
    let run_at = stored.delivered_at()? + *LOOKS.get(usize::from(next))?;
    let job = Job::ObserveComment { channel: stored.channel, comment: stored.id, look: next };
    Some(NewJob::at(job, run_at))
}

async fn read_comments(
    tx: &Tx,
    looks: &[Observation],
) -> Result<HashMap<CommentId, (Stored, Zone)>, StoreError> {
    let asked: Vec<_> = looks.iter().map(|look| IdRow { id: look.comment }).collect();
    let found = tx.rows(&SEEN, [rows(tx.operation(), &asked)?]).await?;
    let comment = |row: &Row| {
        let stored = Stored::read(row)?;
        Ok((stored.id, (stored, row.zone("timezone")?)))
    };
    found.iter().map(comment).collect()
}

/// Enters one look. A comment that is not in a thread any more is left as it is.
fn enter(stored: &mut Stored, zone: Zone, look: &Observation, tally: &mut Tally, now: Timestamp) {
    let (project, account) = (stored.project, stored.account);
    let place = Place { project, account, channel: Some(stored.channel), day: zone.day(now) };
    match look.seen {
        Seen::Failed { .. } => {}
        Seen::Removed => {
            if stored.step(Event::SeeRemoved).is_ok() {
                tally.at(place).removed += 1;
            }
        }
        Seen::Visible { reactions, replies } => {
            let first = stored.state.name() != StateName::Visible;
            let (reactions, replies) = (i64::from(reactions), i64::from(replies));
            if !first && (reactions, replies) == (stored.reactions, stored.replies) {
                return;
            }
            if stored.step(Event::SeeVisible).is_err() {
                return;
            }
            let figures = tally.at(place);
            figures.visible += i64::from(first);
            figures.reactions += reactions - stored.reactions;
            figures.replies += replies - stored.replies;
            stored.count(reactions, replies);
        }
    }
}
