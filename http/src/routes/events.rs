//! `/api/v1/events`: what happens, as it happens.

use std::collections::HashSet;

use domain::event::EventType;
use domain::id::EventId;
use poem::Request;
use poem::web::Data;
use poem_openapi::param::{Header, Query};
use poem_openapi::{ApiResponse, OpenApi};

use super::Part;
use crate::auth::{self, Proof};
use crate::gateway::Gateway;
use crate::live::{EventFrames, EventKind, Reader};
use crate::problem::{Failure, Kind};

pub(crate) struct EventsApi;

/// The answer that does not end.
#[derive(ApiResponse)]
enum Stream {
    /// The stream; the `data` of each event is one such object. It does not end by itself.
    #[oai(status = 200)]
    Open(EventFrames),
}

#[OpenApi(tag = "Part::Live")]
impl EventsApi {
    /// Follow what happens
    ///
    /// Server-Sent Events: each has an `id`, its type as `event`, and JSON as `data`. Whoever comes back with the last id in
    /// `Last-Event-ID` misses nothing and hears nothing twice, as long as events are kept (7 days unless configured
    /// otherwise); what is not kept any more is announced by an event `gone` whose data name the `oldest_id` that is.
    /// A comment line comes at least every 15 seconds. A stream ends when its token or session does.
    #[oai(path = "/api/v1/events", method = "get", operation_id = "streamEvents")]
    async fn events(
        &self,
        gateway: Data<&Gateway>,
        caller: auth::Reader,
        request: &Request,
        /// Only what happens in this project; left out, in all that you may see.
        project: Query<Option<i64>>,
        /// Only events of these types; left out, all.
        #[oai(name = "type", validator(max_items = 32))]
        kinds: Query<Option<Vec<EventKind>>>,
        /// The id of the last event that was heard; left out, the stream begins now.
        #[oai(name = "Last-Event-ID")]
        last_event_id: Header<Option<String>>,
    ) -> Result<Stream, Failure> {
        let last = last_event_id.0.map(|text| position(&text)).transpose()?;
        let kinds: HashSet<EventType> =
            kinds.0.unwrap_or_default().into_iter().map(EventType::from).collect();
        let reader = Reader::begin(&gateway, (&*caller, Proof::of(request)), project.0, kinds, last).await?;
        Ok(Stream::Open(EventFrames(reader)))
    }
}

/// The place that an id names.
fn position(text: &str) -> Result<EventId, Failure> {
    let id = text.parse().ok().filter(|id: &EventId| id.get() >= 0);
    id.ok_or_else(|| Failure::of(Kind::BadRequest, "Last-Event-ID is no id of an event".to_owned()))
}
