//! How things look on the stream (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).

use actors::payload;
use bytes::Bytes;
use domain::id::EventId;
use persistence::outbox::Event;

/// An event: its id, its type, its payload. A payload has no line breaks.
pub(super) fn event(event: &Event) -> Bytes {
    Bytes::from(format!("id: {}\nevent: {}\ndata: {}\n\n", event.id, event.kind, payload(event)))
}

/// The first thing that a reader hears: where it begins, and how long to wait before it comes back.
pub(super) fn greeting(at: EventId) -> Bytes {
    Bytes::from(format!(": hello\nretry: 2000\nid: {at}\n\n"))
}

/// A sign of life. It says how far everything was told, so that whoever hears little need not begin far back.
pub(super) fn heartbeat(at: EventId) -> Bytes {
    Bytes::from(format!(": still here\nid: {at}\n\n"))
}

/// What lies before `oldest` is not kept any more, and was not told.
pub(super) fn gone(oldest: EventId) -> Bytes {
    let before = oldest.get() - 1;
    Bytes::from(format!("id: {before}\nevent: gone\ndata: {{\"oldest_id\":{oldest}}}\n\n"))
}
