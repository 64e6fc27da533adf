//! That what is told is what the description says.

use actors::payload;
use domain::event::EventType;
use domain::id::{ChannelId, CommentId, EventId, ProjectId, ProxyId};
use domain::time::Timestamp;
use persistence::outbox::{Event, Subject};
use poem_openapi::types::{ParseFromJSON as _, ToJSON as _};

use super::{LiveEvent, frame};

fn event(kind: EventType) -> Event {
    let subject = Subject {
        channel: Some(ChannelId(3)),
        comment: Some(CommentId(88)),
        proxy: Some(ProxyId(2)),
        detail: Some("CHAT_RESTRICTED".to_owned()),
        ..Subject::default()
    };
    let occurred_at = Timestamp::from_secs(1_772_442_541);
    Event { id: EventId(7), project: Some(ProjectId(1)), kind, subject, occurred_at }
}

#[test]
fn every_event_is_told_as_it_is_described() {
    for kind in EventType::ALL {
        let event = event(*kind);
        let told = serde_json::from_str(&payload(&event)).unwrap();
        let read = LiveEvent::parse_from_json(Some(told)).unwrap();
        let listed = LiveEvent::of(*kind, event.occurred_at, Some(1), event.subject);
        assert_eq!(read.to_json(), listed.to_json());
    }
}

#[test]
fn an_event_is_a_block_of_lines() {
    let event = event(EventType::CommentRefused);
    let expected = format!("id: 7\nevent: comment.refused\ndata: {}\n\n", payload(&event));
    assert_eq!(frame::event(&event), expected);
}
