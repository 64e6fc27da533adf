//! One change for all comments that match a filter, in bounded batches.
//!
//! First somebody counts, then says how many are meant: if it is another number by now, nothing is done. What changed after
//! it was counted (its text or its post) is left alone, because nobody has read it. Each batch is a transaction of its own:
//! if one fails, what came before it stays done, and the same wish with the new count does the rest.

use std::collections::BTreeMap;

use domain::comment::retry::NoRetry;
use domain::comment::{Illegal, StateName};
use domain::id::{CommentId, ProjectId, UserId};
use domain::seed::Seed;
use domain::time::Timestamp;

use super::change::{NewWindow, NotReopened, reopen, withdraw, write_windows};
use super::decide::{NotApproved, approve, reject};
use super::desk::{OnDesk, fetch};
use super::filter::matching;
use super::{CommentFilter, NewRuling, Told, keep, tell};
use crate::comments::write;
use crate::error::StoreError;
use crate::row::Row;
use crate::rows::Sql;
use crate::store::{Run as _, Store, Tx};

/// How many comments one transaction changes.
const BATCH: usize = 200;

/// How often a batch is tried that met another transaction.
const TRIES: u32 = 3;

static COUNT: Sql =
    Sql::new(concat!("SELECT count(*) AS count FROM (SELECT c.id FROM comments c", matching!(""), ") found"));

static IDS: Sql = Sql::new(concat!("SELECT c.id FROM comments c", matching!("")));

/// What can be done with many comments at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Approve the latest revision of each.
    Approve,
    /// Reject the latest revision of each.
    Reject,
    /// Take each back before it is sent.
    Cancel,
    /// Give each another chance.
    Retry,
}

/// A change of many comments.
#[derive(Clone, Debug)]
pub struct Sweep<'a> {
    /// What is to be done.
    pub action: Action,
    /// With which comments, of those that the action fits.
    pub filter: &'a CommentFilter,
    /// How many there were when they were counted.
    pub expected: u64,
    /// When they were counted: what changed later is left alone.
    pub counted_at: Timestamp,
    /// Who wants it.
    pub by: UserId,
    /// Why, in their words.
    pub note: Option<&'a str>,
}

/// What a sweep did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many comments were changed.
    pub applied: u64,
    /// Which were not, in the order of their ids.
    pub left: Vec<Left>,
}

/// A comment that was left as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Which one.
    pub comment: CommentId,
    /// Why.
    pub why: WhyLeft,
}

/// Why a comment was left as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyLeft {
    /// Its text or its post changed after it was counted.
    Changed,
    /// Somebody decided on it, or it went on by itself, after it was counted.
    Overtaken,
    /// Text and label do not make a message.
    Unsignable,
    /// A rule stands against another chance.
    Forbidden(NoRetry),
}

impl Action {
    /// The states of comments that it fits.
    #[must_use]
    pub const fn states(self) -> &'static [StateName] {
        use StateName as S;
        match self {
            Self::Approve | Self::Reject => &[S::Drafted, S::Void],
            Self::Cancel => &[S::Planned, S::Drafted, S::Approved, S::Void, S::Scheduled],
            Self::Retry => &[S::Refused, S::Expired],
        }
    }

    const fn audited_as(self) -> &'static str {
        match self {
            Self::Approve => "comments.approved",
            Self::Reject => "comments.rejected",
            Self::Cancel => "comments.cancelled",
            Self::Retry => "comments.retried",
        }
    }
}

impl Store {
    /// How many comments of a project a filter means, of those that an action fits.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn count_for(
        &self,
        project: ProjectId,
        action: Action,
        filter: &CommentFilter,
    ) -> Result<u64, StoreError> {
        let Some(filter) = filter.within(action.states()) else { return Ok(0) };
        let read = self.read("count comments");
        let row = read.row(&COUNT, filter.values(project, None, u32::MAX)).await?;
        row.map_or(Ok(0), |row| row.small("count"))
    }

    /// Does one thing with all comments that a filter means.
    ///
    /// # Errors
    /// [`StoreError::Miscounted`] when there are more or fewer than expected; nothing was done then. Otherwise only the
    /// database's own; what was done before it failed stays done.
    pub async fn sweep(
        &self,
        project: ProjectId,
        sweep: &Sweep<'_>,
        seed: Seed,
        now: Timestamp,
    ) -> Result<Swept, StoreError> {
        let operation = "change comments";
        let count = self.count_for(project, sweep.action, sweep.filter).await?;
        if count != sweep.expected {
            return Err(StoreError::Miscounted { operation, count });
        }
        let Some(filter) = sweep.filter.within(sweep.action.states()) else { return Ok(Swept::default()) };
        let limit = u32::try_from(sweep.expected).unwrap_or(u32::MAX);
        let found = self.read(operation).rows(&IDS, filter.values(project, None, limit)).await?;
        let mut ids: Vec<_> =
            found.iter().map(|row: &Row| row.get("id")).collect::<Result<Vec<CommentId>, _>>()?;
        ids.sort_unstable();
        let mut swept = Swept::default();
        for ids in ids.chunks(BATCH) {
            let mut tries = 1;
            let left = loop {
                match self.sweep_batch(project, sweep, ids, seed, now).await {
                    Err(StoreError::Busy { .. }) if tries < TRIES => tries += 1,
                    outcome => break outcome?,
                }
            };
            swept.applied += (ids.len() - left.len()) as u64;
            swept.left.extend(left.into_iter().map(|(comment, why)| Left { comment, why }));
        }
        Ok(swept)
    }

    /// Does it with some of them, and returns those that were left.
    async fn sweep_batch(
        &self,
        project: ProjectId,
        sweep: &Sweep<'_>,
        ids: &[CommentId],
        seed: Seed,
        now: Timestamp,
    ) -> Result<BTreeMap<CommentId, WhyLeft>, StoreError> {
        let mut tx = self.begin("change comments").await?;
        let mut desk = fetch(&tx, project, ids, now).await?;
        // One that is not on the desk was deleted with its post's channel.
        let mut left: BTreeMap<_, _> = ids.iter().map(|id| (*id, WhyLeft::Overtaken)).collect();
        let (mut rulings, mut windows) = (Vec::new(), Vec::new());
        for on_desk in &mut desk {
            match apply(on_desk, sweep, seed, now) {
                Ok((ruling, window)) => {
                    left.remove(&on_desk.stored.id);
                    rulings.extend(ruling);
                    windows.extend(window);
                }
                Err(why) => drop(left.insert(on_desk.stored.id, why)),
            }
        }
        let changed = desk.iter().filter(|on_desk| !left.contains_key(&on_desk.stored.id));
        write(&mut tx, changed.map(|on_desk| &on_desk.stored), now).await?;
        write_windows(&tx, &windows)?;
        keep(&tx, &rulings, sweep.by, sweep.note, now)?;
        let count = ids.len() - left.len();
        if count > 0 {
            self.tell_swept(&tx, project, sweep, count, now).await?;
        }
        tx.commit().await?;
        Ok(left)
    }

    async fn tell_swept(
        &self,
        tx: &Tx,
        project: ProjectId,
        sweep: &Sweep<'_>,
        count: usize,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let told = Told { revision: None, state: None, count: Some(count), note: sweep.note };
        let what = (sweep.action.audited_as(), "comments".to_owned());
        tell(tx, project, sweep.by, what, &told, now).await
    }
}

/// Changes one comment on the desk; what is to be kept of it.
fn apply(
    on_desk: &mut OnDesk,
    sweep: &Sweep<'_>,
    seed: Seed,
    now: Timestamp,
) -> Result<(Option<NewRuling>, Option<NewWindow>), WhyLeft> {
    let overtaken = |_: Illegal| WhyLeft::Overtaken;
    match sweep.action {
        Action::Approve | Action::Reject if !on_desk.waits() => Err(WhyLeft::Overtaken),
        Action::Approve | Action::Reject if on_desk.changed_since(sweep.counted_at) => Err(WhyLeft::Changed),
        Action::Approve => {
            approve(on_desk, seed, now).map(|ruling| (Some(ruling), None)).map_err(|why| match why {
                NotApproved::Illegal(illegal) => overtaken(illegal),
                NotApproved::Unsignable(_) => WhyLeft::Unsignable,
            })
        }
        Action::Reject => reject(on_desk).map(|ruling| (Some(ruling), None)).map_err(overtaken),
        Action::Cancel => withdraw(on_desk).map(|()| (None, None)).map_err(overtaken),
        Action::Retry => {
            reopen(on_desk, now).map(|(window, ruling)| (ruling, Some(window))).map_err(|why| match why {
                NotReopened::Illegal(illegal) => overtaken(illegal),
                NotReopened::Forbidden(why) => WhyLeft::Forbidden(why),
            })
        }
    }
}

impl OnDesk {
    /// Whether its text was written, or its post seen to change, after `at`.
    fn changed_since(&self, at: Timestamp) -> bool {
        let written = self.draft.as_ref().is_some_and(|(_, written_at)| *written_at > at);
        written || self.post_changed_at.is_some_and(|changed_at| changed_at > at)
    }
}
