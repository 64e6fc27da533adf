//! The stream as an answer, and what the description of the API says of it.

use chrono::{DateTime, Utc};
use domain::event::EventType;
use domain::id::{AccountId, CampaignId, ChannelId, CommentId, ConsentId, PostId, ProxyId, ThreadMessageId};
use domain::time::Timestamp;
use futures::stream;
use persistence::outbox::Subject;
use poem::{Body, IntoResponse, Response};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::{Example, Type as _};
use poem_openapi::{Enum, Object};

use super::Reader;
use crate::moment::moment;

/// What an event tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[oai(remote = "domain::event::EventType")]
pub(crate) enum EventKind {
    /// A post was recorded.
    #[oai(rename = "post.new")]
    PostNew,
    /// A recorded post got another text.
    #[oai(rename = "post.edited")]
    PostEdited,
    /// A recorded post is gone.
    #[oai(rename = "post.deleted")]
    PostDeleted,
    /// A reader wrote something that deserves an answer.
    #[oai(rename = "reader.asked")]
    ReaderAsked,
    /// A comment was decided upon.
    #[oai(rename = "comment.planned")]
    CommentPlanned,
    /// A comment was decided against; `detail` is the reason.
    #[oai(rename = "comment.skipped")]
    CommentSkipped,
    /// A comment has a text.
    #[oai(rename = "comment.drafted")]
    CommentDrafted,
    /// A comment may be sent.
    #[oai(rename = "comment.approved")]
    CommentApproved,
    /// A person rejected a comment.
    #[oai(rename = "comment.rejected")]
    CommentRejected,
    /// An approval became void.
    #[oai(rename = "comment.void")]
    CommentVoid,
    /// A comment stands in its thread.
    #[oai(rename = "comment.sent")]
    CommentSent,
    /// Telegram refused a comment; `detail` is its code.
    #[oai(rename = "comment.refused")]
    CommentRefused,
    /// A comment's window closed.
    #[oai(rename = "comment.expired")]
    CommentExpired,
    /// A comment disappeared from its thread.
    #[oai(rename = "comment.removed")]
    CommentRemoved,
    /// An account changed; `detail` is its new status.
    #[oai(rename = "account.changed")]
    AccountChanged,
    /// A campaign was paused, by a person or by its error rate.
    #[oai(rename = "campaign.paused")]
    CampaignPaused,
    /// A channel is to be watched.
    #[oai(rename = "channel.added")]
    ChannelAdded,
    /// A channel can no longer be read.
    #[oai(rename = "channel.lost")]
    ChannelLost,
    /// A proxy failed so often that accounts leave it.
    #[oai(rename = "proxy.down")]
    ProxyDown,
    /// A proxy that was down answers again.
    #[oai(rename = "proxy.up")]
    ProxyUp,
    /// A consent was given.
    #[oai(rename = "consent.granted")]
    ConsentGranted,
    /// A consent ended.
    #[oai(rename = "consent.revoked")]
    ConsentRevoked,
}

/// Something that happened, as streams and webhooks tell it: ids alone, whose objects are to be asked for.
#[derive(Clone, Debug, Object)]
#[oai(example)]
pub(crate) struct LiveEvent {
    /// What happened.
    #[oai(rename = "type")]
    kind: EventKind,
    /// When.
    timestamp: DateTime<Utc>,
    /// To what.
    data: EventData,
}

/// What an event is about; what has nothing to do with it is missing.
#[derive(Clone, Debug, Default, Object)]
pub(crate) struct EventData {
    /// The project; missing for what belongs to none.
    #[oai(skip_serializing_if_is_none)]
    project_id: Option<i64>,
    /// The channel.
    #[oai(skip_serializing_if_is_none)]
    channel_id: Option<i64>,
    /// The post.
    #[oai(skip_serializing_if_is_none)]
    post_id: Option<i64>,
    /// The reader's message.
    #[oai(skip_serializing_if_is_none)]
    thread_message_id: Option<i64>,
    /// The comment.
    #[oai(skip_serializing_if_is_none)]
    comment_id: Option<i64>,
    /// The account.
    #[oai(skip_serializing_if_is_none)]
    account_id: Option<i64>,
    /// The campaign.
    #[oai(skip_serializing_if_is_none)]
    campaign_id: Option<i64>,
    /// The consent.
    #[oai(skip_serializing_if_is_none)]
    consent_id: Option<i64>,
    /// The proxy.
    #[oai(skip_serializing_if_is_none)]
    proxy_id: Option<i64>,
    /// One word more where the type does not say it all.
    #[oai(skip_serializing_if_is_none)]
    detail: Option<String>,
}

impl LiveEvent {
    /// An event, of a project or of none.
    pub(crate) fn of(kind: EventType, at: Timestamp, project: Option<i64>, subject: Subject) -> Self {
        let data = EventData {
            project_id: project,
            channel_id: subject.channel.map(ChannelId::get),
            post_id: subject.post.map(PostId::get),
            thread_message_id: subject.message.map(ThreadMessageId::get),
            comment_id: subject.comment.map(CommentId::get),
            account_id: subject.account.map(AccountId::get),
            campaign_id: subject.campaign.map(CampaignId::get),
            consent_id: subject.consent.map(ConsentId::get),
            proxy_id: subject.proxy.map(ProxyId::get),
            detail: subject.detail,
        };
        Self { kind: kind.into(), timestamp: moment(at), data }
    }
}

impl Example for LiveEvent {
    fn example() -> Self {
        let data = EventData {
            project_id: Some(1),
            channel_id: Some(3),
            post_id: Some(1042),
            comment_id: Some(88),
            account_id: Some(7),
            campaign_id: Some(1),
            ..EventData::default()
        };
        let timestamp = moment(Timestamp::from_secs(1_772_442_541));
        Self { kind: EventKind::CommentSent, timestamp, data }
    }
}

/// An open stream.
pub(crate) struct EventFrames(pub(crate) Reader);

impl Payload for EventFrames {
    const CONTENT_TYPE: &'static str = "text/event-stream";

    fn schema_ref() -> MetaSchemaRef {
        LiveEvent::schema_ref()
    }

    fn register(registry: &mut Registry) {
        LiveEvent::register(registry);
    }
}

impl IntoResponse for EventFrames {
    fn into_response(self) -> Response {
        let frames = stream::unfold(self.0, |mut reader| async move {
            let frame = reader.next().await?;
            Some((Ok::<_, std::io::Error>(frame), reader))
        });
        Response::builder()
            .content_type(Self::CONTENT_TYPE)
            // Nobody on the way keeps it or waits for its end.
            .header("cache-control", "no-store")
            .header("x-accel-buffering", "no")
            .body(Body::from_bytes_stream(frames))
    }
}
