//! The last check and the mark that a send has begun, in one transaction.
//!
//! Everything the check stands on is read here, beside the lease of the job: a pause, a revoked consent or a spent limit
//! that was committed before is seen, and one that comes later finds the comment marked as being sent.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::account::Kind;
use domain::comment::{Event, Illegal, State};
use domain::gate::{Facts, Target, Verdict, check};
use domain::id::{AccountId, CommentId, JobId, MessageId, PeerId};
use domain::policy::{CampaignStatus, Policy, Preset, QuietHours};
use domain::time::Timestamp;
use serde::Serialize;

use crate::accounts::read_status;
use crate::comments::{Comments, Stored, columns, write};
use crate::error::StoreError;
use crate::gather::Gather;
use crate::planning::read_limits;
use crate::queue::{Lease, finish_in, reschedule_in};
use crate::round::Round;
use crate::row::Row;
use crate::rows::{Sql, rows};
use crate::sending::{Begun, SendTicket, Thread};
use crate::store::{Run as _, Store, Tx};

const BEGINNING: &str = "begin sends";

static FACTS: Sql = Sql::new(concat!(
    "SELECT ",
    columns!(),
    ", c.thread_group, c.thread_root, j.id AS job_id, p.status AS project_status, p.timezone,
         CASE WHEN ch.status = 'paused' THEN 'paused' ELSE ca.status END AS campaign_status, ca.preset, ca.policy,
         a.status, a.wait_until, a.kind AS account_kind, a.label_verified_at, a.daily_limit, a.min_gap_s, a.sent_day,
         a.sent_today, a.last_sent_at,
         ch.telegram_id AS channel_peer, ch.discussion_id, po.message_id AS post_message, po.revision AS post_now,
         po.deleted_at IS NOT NULL AS post_deleted, m.message_id AS answers_message,
         m.deleted_at IS NOT NULL AS answers_deleted,
         EXISTS (SELECT 1 FROM consents n WHERE n.channel_id = c.channel_id AND n.scope = 'comment'
             AND n.revoked_at IS NULL AND n.granted_at <= $3 AND (n.expires_at IS NULL OR n.expires_at > $3)) AS consent,
         EXISTS (SELECT 1 FROM comments o WHERE o.account_id = c.account_id AND o.state IN ('sending', 'unknown')
             AND o.id <> c.id) AS in_flight,
         EXISTS (SELECT 1 FROM approvals v WHERE v.comment_id = c.id AND v.revision = c.revision
             AND v.decision = 'approved') AS approved,
         EXISTS (SELECT 1 FROM settings s WHERE coalesce(s.project_id, 0) = 0 AND s.key = 'system.paused'
             AND s.value = 'true') AS system_paused
     FROM rows($1: job bigint, fence bigint, comment bigint) r
     JOIN jobs j ON j.id = r.job AND j.fence = r.fence AND j.lease_owner = $2
     JOIN comments c ON c.id = r.comment
     JOIN projects p ON p.id = c.project_id
     JOIN channels ch ON ch.id = c.channel_id
     JOIN posts po ON po.id = c.post_id
     LEFT JOIN campaigns ca ON ca.id = c.campaign_id
     LEFT JOIN accounts a ON a.id = c.account_id
     LEFT JOIN thread_messages m ON m.id = c.answers_id {FOR UPDATE OF j, c}"
));

#[derive(Serialize)]
struct SendRow {
    job: JobId,
    fence: i64,
    comment: CommentId,
}

/// A comment that is due, with everything the last check stands on.
struct Due {
    facts: Facts,
    account: AccountId,
    channel_peer: PeerId,
    discussion: Option<PeerId>,
    post: MessageId,
    answers: Option<MessageId>,
    thread: Option<Thread>,
}

impl Store {
    /// Checks each comment once more and marks those that may leave now as being sent; answers in the order given.
    /// Concurrent callers share a transaction.
    ///
    /// # Errors
    /// Only the database's own; then nothing was begun.
    pub async fn begin_sends(
        &self,
        node: &str,
        sends: &[(Lease, CommentId)],
        now: Timestamp,
    ) -> Result<Vec<Begun>, StoreError> {
        self.gathers().begins.run(self, node, sends, now).await
    }
}

pub(crate) fn gather_begins(round: &Arc<Round>) -> Arc<Gather<(Lease, CommentId), Begun>> {
    Gather::writing(round, BEGINNING, |tx, node, sends, now| {
        Box::pin(async move { begin(tx, &node, &sends, now).await })
    })
}

async fn begin(
    tx: &mut Tx,
    node: &str,
    sends: &[(Lease, CommentId)],
    now: Timestamp,
) -> Result<Vec<Begun>, StoreError> {
    let (mut comments, due, held) = read_due(tx, node, sends, now).await?;
    let mut begun = Vec::with_capacity(sends.len());
    let (mut finished, mut deferred) = (Vec::new(), Vec::new());
    let mut busy = HashSet::new();
    for (lease, id) in sends {
        let stored = comments.get_mut(id).filter(|_| held.contains(&lease.job));
        let answer = match (stored, due.get(id)) {
            (None, _) => Begun::Stale,
            (Some(_), None) => Begun::Settled,
            (Some(stored), Some(due)) => decide(stored, due, &mut busy, now)
                .map_err(|source| StoreError::Comment { operation: BEGINNING, source })?,
        };
        match &answer {
            Begun::Settled => finished.push(*lease),
            Begun::Deferred(until) => deferred.push((*lease, *until)),
            Begun::Send(_) | Begun::Stale => {}
        }
        begun.push(answer);
    }
    finish_in(tx, node, &finished, now).await?;
    reschedule_in(tx, node, &deferred).await?;
    write(tx, comments.values(), now).await?;
    Ok(begun)
}

/// The comments, what the check of each stands on (nothing for those that cannot be sent any more), and whose lease holds.
async fn read_due(
    tx: &Tx,
    node: &str,
    sends: &[(Lease, CommentId)],
    now: Timestamp,
) -> Result<(Comments, HashMap<CommentId, Due>, HashSet<JobId>), StoreError> {
    let row = |(lease, comment): &(Lease, CommentId)| SendRow {
        job: lease.job,
        fence: lease.fence,
        comment: *comment,
    };
    let asked: Vec<_> = sends.iter().map(row).collect();
    let (mut comments, mut due, mut held) = (Comments::new(), HashMap::new(), HashSet::new());
    for row in &tx.rows(&FACTS, [rows(BEGINNING, &asked)?, node.into(), now.micros().into()]).await? {
        held.insert(row.get("job_id")?);
        let stored = Stored::read(row)?;
        if matches!(stored.state, State::Scheduled(_) | State::Sending(_) | State::Unknown(_)) {
            due.extend(read_facts(row, &stored, now)?.map(|facts| (stored.id, facts)));
        }
        comments.insert(stored.id, stored);
    }
    Ok((comments, due, held))
}

/// `None` when the account is gone: nobody can send it.
fn read_facts(row: &Row, stored: &Stored, now: Timestamp) -> Result<Option<Due>, StoreError> {
    let (Some(account), Some(window)) = (stored.account, stored.window) else { return Ok(None) };
    let zone = row.zone("timezone")?;
    let counts = row.get::<i64>("sent_day")? == i64::from(zone.day(now).0);
    let quiet = match row.maybe_named::<Preset>("preset")? {
        Some(preset) => Policy::of(preset, row.json("policy")?).quiet,
        None => QuietHours { from: 0, to: 0 },
    };
    let changed = stored.post_revision != Some(row.get("post_now")?) || row.get("answers_deleted")?;
    let target = if row.get("post_deleted")? {
        Target::Gone
    } else if changed {
        Target::Changed
    } else {
        Target::Intact
    };
    let facts = Facts {
        system_paused: row.get("system_paused")?,
        project: row.named("project_status")?,
        campaign: row.maybe_named("campaign_status")?.unwrap_or(CampaignStatus::Off),
        consent: row.get("consent")?,
        account: read_status(row)?,
        labelled: row.named::<Kind>("account_kind")?.is_labelled(row.maybe("label_verified_at")?),
        limits: read_limits(row)?,
        sent_today: if counts { row.small("sent_today")? } else { 0 },
        last_sent_at: row.maybe("last_sent_at")?,
        another_in_flight: row.get("in_flight")?,
        target,
        approved: row.get("approved")?,
        window,
        quiet,
        zone,
        again: matches!(stored.state, State::Sending(_) | State::Unknown(_)),
    };
    let thread = match (row.maybe("thread_group")?, row.maybe("thread_root")?) {
        (Some(group), Some(root)) => Some(Thread { group, root }),
        _ => None,
    };
    Ok(Some(Due {
        facts,
        account,
        channel_peer: row.get("channel_peer")?,
        discussion: row.maybe("discussion_id")?,
        post: row.get("post_message")?,
        answers: row.maybe("answers_message")?,
        thread,
    }))
}

/// Asks the domain and steps the comment accordingly. `busy` has the accounts that already send in this transaction.
fn decide(
    stored: &mut Stored,
    due: &Due,
    busy: &mut HashSet<AccountId>,
    now: Timestamp,
) -> Result<Begun, Illegal> {
    let again = due.facts.again;
    if let (Some(due_at), false) = (stored.due_at, again)
        && due_at > now
    {
        return Ok(Begun::Deferred(due_at));
    }
    let facts = Facts {
        another_in_flight: due.facts.another_in_flight || busy.contains(&due.account),
        ..due.facts.clone()
    };
    let event = match check(&facts, now) {
        Verdict::Send | Verdict::Reconcile => {
            stored.step(Event::Begin)?;
            busy.insert(due.account);
            return Ok(
                ticket(stored, due, again).map_or(Begun::Settled, |ticket| Begun::Send(Box::new(ticket)))
            );
        }
        Verdict::Defer { until, .. } => {
            if !again {
                stored.step(Event::Defer(until))?;
            }
            return Ok(Begun::Deferred(until));
        }
        Verdict::Skip(reason) => Event::Skip(reason),
        Verdict::Expire => Event::Expire,
        Verdict::Void => Event::Invalidate,
    };
    stored.step(event)?;
    Ok(Begun::Settled)
}

fn ticket(stored: &Stored, due: &Due, again: bool) -> Option<SendTicket> {
    let State::Sending(slot) = &stored.state else { return None };
    Some(SendTicket {
        comment: stored.id,
        account: due.account,
        project: stored.project,
        channel: stored.channel,
        channel_peer: due.channel_peer,
        discussion: due.discussion,
        post: due.post,
        answers: due.answers,
        signed: slot.signed.clone(),
        random_id: slot.random_id,
        thread: due.thread,
        again,
    })
}
