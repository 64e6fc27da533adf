//! An event as it is told: its payload, and the one copy that all listeners of this process share.

use std::ops::Deref;
use std::sync::OnceLock;

use bytes::Bytes;
use domain::event::EventType;
use domain::id::{
    AccountId, CampaignId, ChannelId, CommentId, ConsentId, PostId, ProjectId, ProxyId, ThreadMessageId,
};
use persistence::outbox::Event;
use serde::Serialize;

/// An event on its way to those who listen.
#[derive(Debug)]
pub struct Told {
    event: Event,
    shown: OnceLock<Bytes>,
}

impl Told {
    pub(super) const fn new(event: Event) -> Self {
        Self { event, shown: OnceLock::new() }
    }

    /// What the first listener who asked made of it; the others share that. All of them pass the same `show`.
    pub fn shown(&self, show: impl FnOnce(&Event) -> Bytes) -> Bytes {
        self.shown.get_or_init(|| show(&self.event)).clone()
    }
}

impl Deref for Told {
    type Target = Event;

    fn deref(&self) -> &Event {
        &self.event
    }
}

#[derive(Serialize)]
struct Payload<'a> {
    r#type: EventType,
    timestamp: String,
    data: Data<'a>,
}

/// Ids as the gateway calls them; who wants to know more asks for it there, and is shown what they may see.
#[derive(Serialize)]
struct Data<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<ProjectId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel_id: Option<ChannelId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_id: Option<PostId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread_message_id: Option<ThreadMessageId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment_id: Option<CommentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign_id: Option<CampaignId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consent_id: Option<ConsentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy_id: Option<ProxyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

/// What the outside is told of an event, on the stream and by webhooks alike: JSON on one line.
#[must_use]
pub fn payload(event: &Event) -> String {
    let subject = &event.subject;
    let payload = Payload {
        r#type: event.kind,
        timestamp: event.occurred_at.rfc3339(),
        data: Data {
            project_id: event.project,
            channel_id: subject.channel,
            post_id: subject.post,
            thread_message_id: subject.message,
            comment_id: subject.comment,
            account_id: subject.account,
            campaign_id: subject.campaign,
            consent_id: subject.consent,
            proxy_id: subject.proxy,
            detail: subject.detail.as_deref(),
        },
    };
    // Plain fields always serialise.
    serde_json::to_string(&payload).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use domain::id::EventId;
    use domain::time::Timestamp;
    use persistence::outbox::Subject;

    use super::*;

    #[test]
    fn a_payload_is_thin_and_on_one_line() {
        let event = Event {
            id: EventId(9),
            project: Some(ProjectId(1)),
            kind: EventType::CommentRefused,
            subject: Subject {
                comment: Some(CommentId(88)),
                detail: Some("CHAT_\nRESTRICTED".to_owned()),
                ..Subject::default()
            },
            occurred_at: Timestamp::from_secs(1_772_442_000),
        };
        assert_eq!(
            payload(&event),
            r#"{"type":"comment.refused","timestamp":"2026-03-02T09:00:00.000000Z","data":{"project_id":1,"comment_id":88,"detail":"CHAT_\nRESTRICTED"}}"#
        );
    }
}
