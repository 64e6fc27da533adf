//! Writing down how sends ended, and what that says about the account and the campaign.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use domain::comment::{Delivery, Event, Illegal, StateName};
use domain::event::EventType;
use domain::id::{AccountId, CampaignId, ChannelId, CommentId, JobId};
use domain::pacing::{ERROR_RATE_ATTEMPTS, should_pause};
use domain::policy::CampaignStatus;
use domain::time::{Day, Timestamp, Zone};
use serde::Serialize;

use crate::comments::{Stored, columns, write};
use crate::error::StoreError;
use crate::gather::Gather;
use crate::metrics::{Place, Tally};
use crate::outbox::{Actor, AuditEntry, NewEvent, Subject, audit};
use crate::queue::{Failure, fail_in, finish_in, reschedule_in};
use crate::round::Round;
use crate::rows::{Sql, rows, storable};
use crate::sending::{SendOutcome, SendResult};
use crate::store::{Run as _, Store, Tx};

const FINISHING: &str = "finish sends";

static SENT: Sql = Sql::new(concat!(
    "SELECT ",
    columns!(),
    ", p.timezone, a.sent_day, a.sent_today, a.last_sent_at, ca.status AS campaign_status, ca.recent
     FROM rows($1: id bigint) r
     JOIN comments c ON c.id = r.id
     JOIN projects p ON p.id = c.project_id
     LEFT JOIN accounts a ON a.id = c.account_id
     LEFT JOIN campaigns ca ON ca.id = c.campaign_id {FOR UPDATE OF c}"
));

static COUNT_ON_ACCOUNTS: Sql = Sql::new(
    "UPDATE accounts SET sent_day = r.sent_day, sent_today = r.sent_today, last_sent_at = r.last_sent_at
     FROM rows($1: id bigint, sent_day bigint, sent_today bigint, last_sent_at bigint) r WHERE accounts.id = r.id",
);

static REMEMBER: Sql = Sql::new(
    "UPDATE campaigns SET recent = r.recent, status = r.status,
         version = version + CASE WHEN campaigns.status = r.status THEN 0 ELSE 1 END
     FROM rows($1: id bigint, recent text, status text) r
     WHERE campaigns.id = r.id",
);

static BLOCK: Sql = Sql::new(
    "INSERT INTO account_blocks (account_id, channel_id, reason, until, blocked_at)
     SELECT r.account_id, r.channel_id, r.reason, r.until, $2
     FROM rows($1: account_id bigint, channel_id bigint, reason text, until bigint) r
     WHERE true
     ON CONFLICT (account_id, channel_id) DO UPDATE SET reason = excluded.reason, until = excluded.until",
);

#[derive(Serialize)]
struct IdRow {
    id: CommentId,
}

/// What an account sent on the latest day it sent anything.
#[derive(Clone, Copy, Serialize)]
struct Usage {
    id: AccountId,
    sent_day: i64,
    sent_today: i64,
    last_sent_at: Option<Timestamp>,
}

/// A campaign's latest outcomes.
#[derive(Serialize)]
struct Recent {
    id: CampaignId,
    recent: String,
    status: CampaignStatus,
    #[serde(skip)]
    changed: bool,
}

#[derive(Serialize)]
struct BlockRow<'a> {
    account_id: AccountId,
    channel_id: ChannelId,
    reason: std::borrow::Cow<'a, str>,
    until: Option<Timestamp>,
}

/// Everything that outcomes change.
#[derive(Default)]
struct Books {
    comments: HashMap<CommentId, (Stored, Zone)>,
    usage: HashMap<AccountId, Usage>,
    recent: BTreeMap<CampaignId, Recent>,
    tally: Tally,
}

impl Store {
    /// Applies outcomes: finishes or reschedules their jobs, enqueues the first look at what was sent, counts, and pauses a
    /// campaign whose error rate asks for it. The answer has, in the order given, the state each comment is in now; `None`
    /// where the lease was stale. Concurrent callers share a transaction.
    ///
    /// # Errors
    /// Only the database's own; the comments are still `sending` then.
    pub async fn finish_sends(
        &self,
        node: &str,
        outcomes: &[SendOutcome],
        now: Timestamp,
    ) -> Result<Vec<Option<StateName>>, StoreError> {
        self.gathers().finishes.run(self, node, outcomes, now).await
    }
}

pub(crate) fn gather_finishes(round: &Arc<Round>) -> Arc<Gather<SendOutcome, Option<StateName>>> {
    Gather::writing(round, FINISHING, |tx, node, outcomes, now| {
        Box::pin(async move { finish(tx, &node, &outcomes, now).await })
    })
}

async fn finish(
    tx: &mut Tx,
    node: &str,
    outcomes: &[SendOutcome],
    now: Timestamp,
) -> Result<Vec<Option<StateName>>, StoreError> {
    let accepted = settle(tx, node, outcomes, now).await?;
    let accepted: Vec<_> = outcomes.iter().filter(|outcome| accepted.contains(&outcome.lease.job)).collect();
    let mut books = Books::read(tx, &accepted).await?;
    for outcome in &accepted {
        books.enter(outcome, now).map_err(|source| StoreError::Comment { operation: FINISHING, source })?;
    }
    block(tx, &accepted, &books, now)?;
    books.pause_failing(tx, now).await?;
    let states: HashMap<_, _> = accepted
        .iter()
        .filter_map(|outcome| Some((outcome.lease, books.comments.get(&outcome.comment)?.0.state.name())))
        .collect();
    books.write(tx, now).await?;
    Ok(outcomes.iter().map(|outcome| states.get(&outcome.lease).copied()).collect())
}

/// Reports the jobs; what is not accepted has another worker by now.
async fn settle(
    tx: &Tx,
    node: &str,
    outcomes: &[SendOutcome],
    now: Timestamp,
) -> Result<HashSet<JobId>, StoreError> {
    let (mut finished, mut later, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for outcome in outcomes {
        let lease = outcome.lease;
        match outcome.result {
            SendResult::Sent { .. } | SendResult::Refused { .. } | SendResult::Void => finished.push(lease),
            SendResult::Deferred { until } => later.push((lease, until)),
            SendResult::Unknown { retry_at } => {
                let error = "the outcome is unknown".to_owned();
                failed.push(Failure { lease, error, retry_at: Some(retry_at) });
            }
            SendResult::Retry { until } => {
                let error = "the attempt failed, nothing was written".to_owned();
                failed.push(Failure { lease, error, retry_at: Some(until) });
            }
        }
    }
    let mut accepted = finish_in(tx, node, &finished, now).await?;
    accepted.extend(reschedule_in(tx, node, &later).await?);
    accepted.extend(fail_in(tx, node, &failed, now).await?);
    Ok(accepted)
}

impl Books {
    async fn read(tx: &Tx, outcomes: &[&SendOutcome]) -> Result<Self, StoreError> {
        let mut books = Self::default();
        let asked: Vec<_> = outcomes.iter().map(|outcome| IdRow { id: outcome.comment }).collect();
        if asked.is_empty() {
            return Ok(books);
        }
        for row in &tx.rows(&SENT, [rows(FINISHING, &asked)?]).await? {
            let stored = Stored::read(row)?;
            if let Some(id) = stored.account {
                let usage = Usage {
                    id,
                    sent_day: row.get("sent_day")?,
                    sent_today: row.get("sent_today")?,
                    last_sent_at: row.maybe("last_sent_at")?,
                };
                books.usage.insert(id, usage);
            }
            if let Some(id) = stored.campaign {
                let (recent, status) = (row.get("recent")?, row.named("campaign_status")?);
                books.recent.insert(id, Recent { id, recent, status, changed: false });
            }
            books.comments.insert(stored.id, (stored, row.zone("timezone")?));
        }
        Ok(books)
    }

    /// Enters one outcome.
    fn enter(&mut self, outcome: &SendOutcome, now: Timestamp) -> Result<(), Illegal> {
        let Some((stored, zone)) = self.comments.get_mut(&outcome.comment) else { return Ok(()) };
        let at = |day| Place {
            project: stored.project,
            account: stored.account,
            channel: Some(stored.channel),
            day,
        };
        let today = zone.day(now);
        match &outcome.result {
            SendResult::Sent { message, at: sent_at } => {
                let day = zone.day(*sent_at);
                self.tally.at(at(day)).sent += 1;
                if let Some(usage) = stored.account.and_then(|account| self.usage.get_mut(&account)) {
                    usage.count(day, *sent_at);
                }
                stored.step(Event::Confirm(Delivery { message_id: *message, sent_at: *sent_at }))?;
                self.remember(outcome.comment, '.');
            }
            SendResult::Refused { code } => {
                self.tally.at(at(today)).refused += 1;
                stored.step(Event::Refuse(storable(code).into_owned()))?;
                self.remember(outcome.comment, 'x');
            }
            SendResult::Deferred { until } | SendResult::Retry { until } => {
                stored.step(Event::Defer(*until))?
            }
            SendResult::Unknown { .. } => stored.step(Event::LoseTrack)?,
            SendResult::Void => {
                stored.step(Event::Defer(now))?;
                stored.step(Event::Invalidate)?;
            }
        }
        Ok(())
    }

    fn remember(&mut self, comment: CommentId, mark: char) {
        let campaign = self.comments.get(&comment).and_then(|(stored, _)| stored.campaign);
        if let Some(recent) = campaign.and_then(|campaign| self.recent.get_mut(&campaign)) {
            recent.add(mark);
        }
    }

    /// Pauses campaigns that are refused too often.
    async fn pause_failing(&mut self, tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
        for recent in self.recent.values_mut().filter(|recent| recent.asks_for_pause()) {
            recent.status = CampaignStatus::Paused;
            let project = self.comments.values().find(|(stored, _)| stored.campaign == Some(recent.id));
            let project = project.map(|(stored, _)| stored.project);
            let detail = "too many of the latest attempts were refused".to_owned();
            let subject =
                Subject { campaign: Some(recent.id), detail: Some(detail.clone()), ..Subject::default() };
            tx.tell(NewEvent { project, kind: EventType::CampaignPaused, subject, at: now });
            let (action, subject) = ("campaign.paused".to_owned(), format!("campaign:{}", recent.id));
            audit(tx, &AuditEntry { actor: Actor::System, project, action, subject, detail, at: now })
                .await?;
        }
        Ok(())
    }

    async fn write(self, tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
        let Self { comments, usage, recent, tally } = self;
        write(tx, comments.values().map(|(stored, _)| stored), now).await?;
        let counted: Vec<_> = usage.into_values().collect();
        if !counted.is_empty() {
            tx.at_commit(&COUNT_ON_ACCOUNTS, [rows(FINISHING, &counted)?]);
        }
        let changed: Vec<_> = recent.into_values().filter(|recent| recent.changed).collect();
        if !changed.is_empty() {
            tx.at_commit(&REMEMBER, [rows(FINISHING, &changed)?]);
        }
        tally.write(tx)
    }
}

impl Usage {
    fn count(&mut self, day: Day, sent_at: Timestamp) {
        let day = i64::from(day.0);
        if day > self.sent_day {
            (self.sent_day, self.sent_today) = (day, 0);
        }
        self.sent_today += i64::from(day == self.sent_day);
        self.last_sent_at = self.last_sent_at.max(Some(sent_at));
    }
}

impl Recent {
    fn add(&mut self, mark: char) {
        self.recent.push(mark);
        // The marks are ASCII, one byte each.
        let kept = self.recent.len().saturating_sub(ERROR_RATE_ATTEMPTS as usize);
        self.recent.drain(..kept);
        self.changed = true;
    }

    fn asks_for_pause(&self) -> bool {
        let count = |marks: usize| u32::try_from(marks).unwrap_or(u32::MAX);
        let refused = count(self.recent.matches('x').count());
        self.changed && self.status == CampaignStatus::On && should_pause(refused, count(self.recent.len()))
    }
}

fn block(tx: &Tx, outcomes: &[&SendOutcome], books: &Books, now: Timestamp) -> Result<(), StoreError> {
    let mut blocked = BTreeMap::new();
    for outcome in outcomes {
        let stored = books.comments.get(&outcome.comment).map(|(stored, _)| stored);
        if let (Some(block), Some(stored)) = (&outcome.block, stored)
            && let Some(account_id) = stored.account
        {
            let (reason, until) = (storable(&block.reason), block.until);
            let row = BlockRow { account_id, channel_id: stored.channel, reason, until };
            blocked.insert((account_id, stored.channel), row);
        }
    }
    let blocked: Vec<_> = blocked.into_values().collect();
    if !blocked.is_empty() {
        tx.at_commit(&BLOCK, [rows(FINISHING, &blocked)?, now.micros().into()]);
    }
    Ok(())
}
