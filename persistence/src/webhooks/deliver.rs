//! Deliveries as work: taking up what is due, one for each endpoint, and keeping what came of it.
//!
//! Who takes a delivery up counts an attempt and puts it off for as long as an attempt may last; so one whose process died
//! comes back by itself, and an outcome counts only under the number of its attempt.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use domain::id::{DeliveryId, WebhookId};
use domain::time::Timestamp;
use domain::webhook::{Answer, DeliveryState, Secret, Verdict};
use serde::Serialize;

use super::change::give_up;
use super::log::{LONGEST_LOG, LoggedAttempt};
use super::{secrets, subject};
use crate::error::StoreError;
use crate::outbox::{Actor, Deed, Event};
use crate::row::Row;
use crate::rows::{Sql, rows};
use crate::store::{Run as _, Store};

/// The conditions on `d` are said twice because PostgreSQL, having waited for a lock, asks only the outer ones again.
static CLAIM: Sql = Sql::new(
    "UPDATE webhook_deliveries SET attempt = attempt + 1, next_at = $2
     WHERE id IN (SELECT d.id FROM webhooks w JOIN webhook_deliveries d
             ON d.id = (SELECT x.id FROM webhook_deliveries x
                 WHERE x.webhook_id = w.id AND x.state = 'pending' AND x.next_at <= $1 ORDER BY x.next_at, x.id LIMIT 1)
         WHERE w.status = 'enabled' AND w.secret_sealed IS NOT NULL AND d.state = 'pending' AND d.next_at <= $1
             AND w.id NOT IN (SELECT r.id FROM rows($3: id bigint) r)
         ORDER BY d.next_at, d.id LIMIT $4 {FOR UPDATE OF d SKIP LOCKED})
     RETURNING id, webhook_id, project_id, event_id, type, payload, occurred_at, attempt, round_from",
);

static ENDPOINTS: Sql = Sql::new(
    "SELECT w.id, w.url, w.secret_sealed, w.old_secret_sealed, w.old_secret_until
     FROM rows($1: id bigint) r CROSS JOIN webhooks w WHERE w.id = r.id",
);

static NEXT: Sql = Sql::new(
    "SELECT min((SELECT min(d.next_at) FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state = 'pending'))
         AS next_at
     FROM webhooks w
     WHERE w.status = 'enabled' AND w.secret_sealed IS NOT NULL
         AND w.id NOT IN (SELECT r.id FROM rows($1: id bigint) r)",
);

static HOLD: Sql = Sql::new(
    "SELECT project_id, webhook_id, state, log FROM webhook_deliveries WHERE id = $1 AND attempt = $2 {FOR UPDATE}",
);

static SETTLE: Sql =
    Sql::new("UPDATE webhook_deliveries SET state = $2, next_at = $3, log = $4 WHERE id = $1");

static GONE: Sql = Sql::new("UPDATE webhooks SET status = 'gone' WHERE id = $1 AND status = 'enabled'");

/// A delivery that was taken up.
#[derive(Clone, Debug)]
pub struct ClaimedDelivery {
    /// Its row.
    pub id: DeliveryId,
    /// The endpoint.
    pub webhook: WebhookId,
    /// Where that is.
    pub url: String,
    /// What signs for it, the current secret first.
    pub secrets: Vec<Secret>,
    /// What it is told.
    pub event: Event,
    /// Which attempt this is, of all there ever were.
    pub attempt: u32,
    /// Which attempt this is since its waits began, from 1.
    pub turn: u16,
}

/// An attempt that was made.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// Of which delivery.
    pub delivery: DeliveryId,
    /// Its number, as it was claimed.
    pub number: u32,
    /// When it ended.
    pub at: Timestamp,
    /// How long it took.
    pub latency: Duration,
    /// What came of it.
    pub answer: Answer,
    /// What follows from that.
    pub verdict: Verdict,
}

#[derive(Serialize)]
struct IdRow {
    id: WebhookId,
}

fn ids(webhooks: impl IntoIterator<Item = WebhookId>) -> Vec<IdRow> {
    webhooks.into_iter().map(|id| IdRow { id }).collect()
}

impl Store {
    /// Takes up deliveries that are due, the first one of each endpoint that is not `busy`, at most `limit`. Others may take
    /// them over after `lease`.
    ///
    /// # Errors
    /// Only the database's own. An endpoint whose secret does not open is left alone and harms no other.
    pub async fn claim_deliveries(
        &self,
        busy: &HashSet<WebhookId>,
        limit: u32,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<ClaimedDelivery>, StoreError> {
        let tx = self.begin("take up deliveries to webhooks").await?;
        let values = [
            now.micros().into(),
            (now + lease).micros().into(),
            rows(tx.operation(), &ids(busy.iter().copied()))?,
            i64::from(limit).into(),
        ];
        let claimed = tx.rows(&CLAIM, values).await?;
        if claimed.is_empty() {
            return Ok(Vec::new());
        }
        let webhooks: Vec<WebhookId> =
            claimed.iter().map(|row| row.get("webhook_id")).collect::<Result<_, _>>()?;
        let mut endpoints = HashMap::new();
        for row in &tx.rows(&ENDPOINTS, [rows(tx.operation(), &ids(webhooks))?]).await? {
            let webhook: WebhookId = row.get("id")?;
            match secrets::signing(self, row, now) {
                Ok(secrets) => drop(endpoints.insert(webhook, (row.get::<String>("url")?, secrets))),
                Err(error) => {
                    tracing::error!(%webhook, error = &error as &dyn std::error::Error, "no signature")
                }
            }
        }
        tx.commit().await?;
        let deliveries = claimed.iter().map(|row| read_claimed(row, &endpoints));
        deliveries.filter_map(Result::transpose).collect()
    }

    /// When the next delivery is due to an endpoint that is not `busy`, past or future; `None` when none waits.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn next_delivery(&self, busy: &HashSet<WebhookId>) -> Result<Option<Timestamp>, StoreError> {
        let read = self.read("look when a webhook is to be told something");
        let busy = rows("look when a webhook is to be told something", &ids(busy.iter().copied()))?;
        read.row(&NEXT, [busy]).await?.map_or(Ok(None), |row| row.maybe("next_at"))
    }

    /// Keeps what came of an attempt, and what follows. Returns whether it counted: another attempt may have been begun
    /// meanwhile.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn settle_delivery(&self, attempt: &Attempt) -> Result<bool, StoreError> {
        let tx = self.begin("keep what came of a delivery").await?;
        let key = [attempt.delivery.get().into(), i64::from(attempt.number).into()];
        let Some(row) = tx.row(&HOLD, key).await? else { return Ok(false) };
        let mut log: Vec<LoggedAttempt> = row.json("log")?;
        log.push(LoggedAttempt::of(attempt));
        let log = log.split_off(log.len().saturating_sub(LONGEST_LOG));
        let pending = row.named::<DeliveryState>("state")? == DeliveryState::Pending;
        let (state, next_at) = match attempt.verdict {
            Verdict::Delivered => (DeliveryState::Delivered, None),
            Verdict::Again(at) if pending => (DeliveryState::Pending, Some(at.micros())),
            Verdict::Again(_) | Verdict::Failed | Verdict::Gone => (DeliveryState::Failed, None),
        };
        let values = [
            attempt.delivery.get().into(),
            state.as_str().into(),
            next_at.into(),
            serde_json::to_string(&log).map_err(|source| row.unreadable("log", source))?.into(),
        ];
        tx.run(&SETTLE, values).await?;
        let webhook: WebhookId = row.get("webhook_id")?;
        if attempt.verdict == Verdict::Gone && tx.run(&GONE, [webhook.get().into()]).await? > 0 {
            give_up(&tx, webhook).await?;
            let deed = Deed { by: Actor::System, project: row.maybe("project_id")?, at: attempt.at };
            deed.note(&tx, "webhook.gone", subject(webhook), &"it answered 410 Gone").await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

fn read_claimed(
    row: &Row,
    endpoints: &HashMap<WebhookId, (String, Vec<Secret>)>,
) -> Result<Option<ClaimedDelivery>, StoreError> {
    let webhook = row.get("webhook_id")?;
    let Some((url, secrets)) = endpoints.get(&webhook) else { return Ok(None) };
    let attempt: u32 = row.small("attempt")?;
    let turn = attempt.saturating_sub(row.small("round_from")?);
    Ok(Some(ClaimedDelivery {
        id: row.get("id")?,
        webhook,
        url: url.clone(),
        secrets: secrets.clone(),
        event: Event {
            id: row.get("event_id")?,
            project: row.maybe("project_id")?,
            kind: row.named("type")?,
            subject: row.json("payload")?,
            occurred_at: row.get("occurred_at")?,
        },
        attempt,
        turn: u16::try_from(turn).unwrap_or(u16::MAX),
    }))
}
