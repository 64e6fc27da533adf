//! What became of telling an endpoint something, and asking for it again.

use chrono::{DateTime, Utc};
use domain::access::Right;
use domain::event::EventType;
use domain::id::{DeliveryId, WebhookId};
use domain::time::Timestamp;
use domain::webhook;
use persistence::webhooks::{DeliveryFilter, ListedDelivery, LoggedAttempt};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object, OpenApi};

use crate::auth::Writer;
use crate::gateway::Gateway;
use crate::live::{EventKind, LiveEvent};
use crate::moment::moment;
use crate::page::{self, List};
use crate::problem::Failure;
use crate::routes::{Found, Part};

/// Where the delivery of an event to an endpoint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::webhook::DeliveryState", rename_all = "snake_case")]
enum DeliveryState {
    /// It is attempted at its time.
    Pending,
    /// The endpoint took it.
    Delivered,
    /// The attempts are used up, or the endpoint was switched off.
    Failed,
}

/// Why an endpoint gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::webhook::Fault", rename_all = "snake_case")]
enum DeliveryFault {
    /// Its name leads to no address.
    Unresolved,
    /// It leads only to addresses that are out of reach, such as private ones.
    Forbidden,
    /// Nobody accepts the connection, or what it says is no TLS that could be trusted.
    Unconnected,
    /// It took longer than 15 seconds.
    TimedOut,
    /// The connection broke before there was an answer.
    Broken,
}

/// An attempt to tell an endpoint something.
#[derive(Clone, Debug, Object)]
struct DeliveryAttempt {
    /// Its number, from 1.
    number: u32,
    /// When it ended.
    at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    latency_ms: u64,
    /// The HTTP status that the endpoint answered with; missing if it gave none.
    #[oai(skip_serializing_if_is_none)]
    status: Option<u16>,
    /// Why it gave none; missing if it did.
    #[oai(skip_serializing_if_is_none)]
    fault: Option<DeliveryFault>,
}

/// One event on its way to one endpoint, or arrived, or not.
#[derive(Clone, Debug, Object)]
#[oai(example)]
struct Delivery {
    /// Its id here.
    id: i64,
    /// The id of the event, as on the stream. The header `webhook-id` is `evt_` and this.
    event_id: i64,
    /// What the endpoint is told.
    payload: LiveEvent,
    /// Where it is.
    state: DeliveryState,
    /// When it is attempted next, at the earliest; missing if it is not.
    #[oai(skip_serializing_if_is_none)]
    next_at: Option<DateTime<Utc>>,
    /// What was tried, in order; the latest 30.
    attempts: Vec<DeliveryAttempt>,
}

/// Some deliveries, the newest first.
#[derive(Debug, Object)]
#[oai(example)]
struct DeliveryPage {
    /// The deliveries.
    items: Vec<Delivery>,
    /// The cursor of the following page; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    next: Option<String>,
}

/// How many deliveries are attempted again.
#[derive(Debug, Object)]
#[oai(example)]
struct Replayed {
    /// How many.
    replayed: u64,
}

pub(crate) struct DeliveriesApi;

#[OpenApi(tag = "Part::Live")]
impl DeliveriesApi {
    /// List the deliveries to a webhook
    ///
    /// Everything that the endpoint was or is to be told, the newest first, with every attempt. It is kept as long as events
    /// are.
    #[oai(
        path = "/api/v1/projects/:project_id/webhooks/:webhook_id/deliveries",
        method = "get",
        operation_id = "listDeliveries"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a filter of its own in the address")]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The endpoint.
        webhook_id: Path<i64>,
        /// Only deliveries in this state.
        state: Query<Option<DeliveryState>>,
        /// Only deliveries of events of this type.
        #[oai(name = "type")]
        kind: Query<Option<EventKind>>,
        /// `next` of the page before; left out, the list begins with the newest.
        after: Query<Option<String>>,
        /// The most deliveries to return, 1 to 200.
        #[oai(default = "page::usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<DeliveryPage>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let webhook = WebhookId(webhook_id.0);
        let filter = DeliveryFilter {
            state: state.0.map(webhook::DeliveryState::from),
            kind: kind.0.map(EventType::from),
        };
        let list = List::of("deliveries")
            .by("webhook", Some(webhook))
            .by("state", filter.state.map(webhook::DeliveryState::as_str))
            .by("type", filter.kind);
        let after = list.position(after.as_deref())?.map(DeliveryId);
        let rows = gateway.store.list_deliveries(project, webhook, filter, after, limit.0 + 1).await?;
        let (items, next) = list.cut(rows, limit.0, |delivery| delivery.id.get());
        let items = items.into_iter().map(|delivery| Delivery::of(project.get(), delivery)).collect();
        Ok(Found::Whole(Json(DeliveryPage { items, next })))
    }

    /// Replay a delivery
    ///
    /// The endpoint is told it again, whatever became of it, at once and under the same `webhook-id`; if that fails, the
    /// attempts begin anew.
    #[oai(
        path = "/api/v1/projects/:project_id/webhooks/:webhook_id/deliveries/:delivery_id/replay",
        method = "post",
        operation_id = "replayDelivery"
    )]
    async fn replay(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The endpoint.
        webhook_id: Path<i64>,
        /// The delivery.
        delivery_id: Path<i64>,
    ) -> Result<Found<Delivery>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let (webhook, delivery) = (WebhookId(webhook_id.0), DeliveryId(delivery_id.0));
        let (by, now) = (caller.actor(), gateway.now());
        let replayed = gateway.store.replay_delivery(project, webhook, delivery, by, now).await?;
        Ok(Found::Whole(Json(Delivery::of(project.get(), replayed))))
    }

    /// Replay all failed deliveries of a webhook
    ///
    /// What the endpoint missed while it was down or switched off, as far as it is kept.
    #[oai(
        path = "/api/v1/projects/:project_id/webhooks/:webhook_id/replay",
        method = "post",
        operation_id = "replayFailedDeliveries"
    )]
    async fn replay_failed(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The endpoint.
        webhook_id: Path<i64>,
    ) -> Result<Found<Replayed>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let (webhook, by) = (WebhookId(webhook_id.0), caller.actor());
        let replayed = gateway.store.replay_failed(project, webhook, by, gateway.now()).await?;
        Ok(Found::Whole(Json(Replayed { replayed })))
    }
}

impl Delivery {
    fn of(project: i64, delivery: ListedDelivery) -> Self {
        Self {
            id: delivery.id.get(),
            event_id: delivery.event.get(),
            payload: LiveEvent::of(delivery.kind, delivery.occurred_at, Some(project), delivery.subject),
            state: delivery.state.into(),
            next_at: delivery.next_at.map(moment),
            attempts: delivery.log.into_iter().map(DeliveryAttempt::from).collect(),
        }
    }
}

impl From<LoggedAttempt> for DeliveryAttempt {
    fn from(attempt: LoggedAttempt) -> Self {
        Self {
            number: attempt.number,
            at: moment(attempt.at),
            latency_ms: attempt.latency_ms,
            status: attempt.status,
            fault: attempt.fault.map(DeliveryFault::from),
        }
    }
}

impl Example for Delivery {
    fn example() -> Self {
        let at = |seconds: i64| moment(Timestamp::from_secs(1_772_442_541 + seconds));
        let attempt = |number, seconds, status, fault| DeliveryAttempt {
            number,
            at: at(seconds),
            latency_ms: 84,
            status,
            fault,
        };
        Self {
            id: 9001,
            event_id: 1_204,
            payload: LiveEvent::example(),
            state: DeliveryState::Delivered,
            next_at: None,
            attempts: vec![
                attempt(1, 1, None, Some(DeliveryFault::Unconnected)),
                attempt(2, 7, Some(200), None),
            ],
        }
    }
}

impl Example for DeliveryPage {
    fn example() -> Self {
        Self { items: vec![Delivery::example()], next: None }
    }
}

impl Example for Replayed {
    fn example() -> Self {
        Self { replayed: 12 }
    }
}
