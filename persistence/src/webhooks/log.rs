//! The log of deliveries, and asking for one again by hand.

use domain::event::EventType;
use domain::id::{DeliveryId, EventId, ProjectId, WebhookId};
use domain::time::Timestamp;
use domain::webhook::{DeliveryState, Fault};
use sea_orm::Value;
use serde::{Deserialize, Serialize};

use super::list::one;
use super::{Attempt, subject};
use crate::error::StoreError;
use crate::outbox::{Actor, Deed, Subject};
use crate::row::Row;
use crate::rows::Sql;
use crate::store::{Run as _, Store};

/// Attempts that a delivery's log keeps, the latest.
pub(super) const LONGEST_LOG: usize = 30;

macro_rules! deliveries {
    ($rest:literal) => {
        concat!(
            "SELECT id, event_id, type, payload, occurred_at, state, next_at, log FROM webhook_deliveries
             WHERE project_id = $1 AND webhook_id = $2 AND ",
            $rest
        )
    };
}

static PAGE: Sql =
    Sql::new(deliveries!("id < $3 AND $4 IN ('', state) AND $5 IN ('', type) ORDER BY id DESC LIMIT $6"));

static ONE: Sql = Sql::new(deliveries!("id = $3"));

/// One that is on its way already comes at once. Delivery 0 stands for all that have failed.
static AGAIN: Sql = Sql::new(
    "UPDATE webhook_deliveries SET state = 'pending', next_at = $4, round_from = attempt
     WHERE project_id = $1 AND webhook_id = $2 AND (id = $3 OR $3 = 0 AND state = 'failed')",
);

/// One event on its way to one endpoint, or arrived, or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedDelivery {
    /// Its row.
    pub id: DeliveryId,
    /// The event's place in the order of all events.
    pub event: EventId,
    /// What happened.
    pub kind: EventType,
    /// To what.
    pub subject: Subject,
    /// When.
    pub occurred_at: Timestamp,
    /// Where it is.
    pub state: DeliveryState,
    /// When it is attempted next, at the earliest.
    pub next_at: Option<Timestamp>,
    /// What was tried, in order.
    pub log: Vec<LoggedAttempt>,
}

/// An attempt as the log keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedAttempt {
    /// Its number, from 1.
    pub number: u32,
    /// When it ended.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub latency_ms: u64,
    /// The HTTP status that the endpoint answered with.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub fault: Option<Fault>,
}

impl LoggedAttempt {
    pub(super) fn of(attempt: &Attempt) -> Self {
        Self {
            number: attempt.number,
            at: attempt.at,
            latency_ms: u64::try_from(attempt.latency.as_millis()).unwrap_or(u64::MAX),
            status: attempt.answer.ok(),
            fault: attempt.answer.err(),
        }
    }
}

/// Which deliveries are listed.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeliveryFilter {
    /// Those in this state.
    pub state: Option<DeliveryState>,
    /// Those of this type.
    pub kind: Option<EventType>,
}

/// What the audit log says of a replay.
#[derive(Serialize)]
struct Replayed {
    delivery: Option<DeliveryId>,
    replayed: u64,
}

impl Store {
    /// The deliveries to an endpoint, the newest first, behind `after`, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such endpoint.
    pub async fn list_deliveries(
        &self,
        project: ProjectId,
        webhook: WebhookId,
        filter: DeliveryFilter,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<ListedDelivery>, StoreError> {
        let read = self.read("list deliveries to a webhook");
        one(&read, project, webhook).await?;
        let values = [
            project.get().into(),
            webhook.get().into(),
            after.map_or(i64::MAX, DeliveryId::get).into(),
            filter.state.map_or("", DeliveryState::as_str).into(),
            filter.kind.map_or("", EventType::as_str).into(),
            i64::from(limit).into(),
        ];
        read.rows(&PAGE, values).await?.iter().map(listed).collect()
    }

    /// Asks for a delivery again, whatever became of it: it is due at once, and its waits begin anew. Returns it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the endpoint has no such delivery.
    pub async fn replay_delivery(
        &self,
        project: ProjectId,
        webhook: WebhookId,
        delivery: DeliveryId,
        by: Actor,
        now: Timestamp,
    ) -> Result<ListedDelivery, StoreError> {
        let tx = self.begin("replay a delivery").await?;
        let key = [project.get(), webhook.get(), delivery.get()].map(Value::from);
        let [of, to, which] = key.clone();
        tx.run(&AGAIN, [of, to, which, now.micros().into()]).await?;
        let missing = StoreError::NotFound { operation: tx.operation(), what: "delivery" };
        let replayed = listed(&tx.row(&ONE, key).await?.ok_or(missing)?)?;
        let deed = Deed { by, project: Some(project), at: now };
        deed.note(
            &tx,
            "webhook.replayed",
            subject(webhook),
            &Replayed { delivery: Some(delivery), replayed: 1 },
        )
        .await?;
        tx.commit().await?;
        self.ring();
        Ok(replayed)
    }

    /// Asks again for all deliveries to an endpoint that have failed, and returns how many.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such endpoint.
    pub async fn replay_failed(
        &self,
        project: ProjectId,
        webhook: WebhookId,
        by: Actor,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let tx = self.begin("replay failed deliveries").await?;
        one(&tx, project, webhook).await?;
        let values = [project.get(), webhook.get(), 0, now.micros()].map(Value::from);
        let replayed = tx.run(&AGAIN, values).await?;
        let deed = Deed { by, project: Some(project), at: now };
        deed.note(&tx, "webhook.replayed", subject(webhook), &Replayed { delivery: None, replayed }).await?;
        tx.commit().await?;
        self.ring();
        Ok(replayed)
    }
}

fn listed(row: &Row) -> Result<ListedDelivery, StoreError> {
    Ok(ListedDelivery {
        id: row.get("id")?,
        event: row.get("event_id")?,
        kind: row.named("type")?,
        subject: row.json("payload")?,
        occurred_at: row.get("occurred_at")?,
        state: row.named("state")?,
        next_at: row.maybe("next_at")?,
        log: row.json("log")?,
    })
}
