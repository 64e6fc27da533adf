//! Endpoints: adding, changing, removing them, and exchanging their secrets.

use chrono::{DateTime, Utc};
use domain::access::Right;
use domain::event::EventType;
use domain::id::WebhookId;
use domain::time::Timestamp;
use domain::webhook::{Endpoint, Secret};
use persistence::webhooks::{ListedWebhook, NewWebhook, WebhookChange};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use secrecy::ExposeSecret as _;

use crate::auth::{Administrator, Writer};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::live::EventKind;
use crate::moment::moment;
use crate::page::{self, List};
use crate::problem::{Failure, FieldError};
use crate::routes::{Found, Gone, Part};

/// Whether an endpoint is told anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::webhook::Status", rename_all = "snake_case")]
enum WebhookStatus {
    /// It is told what happens from now on.
    Enabled,
    /// Somebody switched it off: it is told nothing, and not later either.
    Disabled,
    /// It answered 410 Gone, which means the same until somebody enables it again.
    Gone,
}

/// An endpoint that is told what happens in a project.
#[derive(Clone, Debug, Object)]
#[oai(example)]
struct Webhook {
    /// Its id here.
    id: i64,
    /// Where it is.
    url: String,
    /// What its owner calls it.
    description: String,
    /// What it is told; empty for everything.
    types: Vec<EventKind>,
    /// Whether it is told anything.
    status: WebhookStatus,
    /// Until when payloads are signed with its former secret too; missing if they are not.
    #[oai(skip_serializing_if_is_none)]
    old_secret_until: Option<DateTime<Utc>>,
    /// When it was added.
    created_at: DateTime<Utc>,
}

/// Some endpoints, the newest first.
#[derive(Debug, Object)]
#[oai(example)]
struct WebhookPage {
    /// The endpoints.
    items: Vec<Webhook>,
    /// The cursor of the following page; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    next: Option<String>,
}

/// An endpoint to be added.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct WebhookDraft {
    /// Where it is: an `https` address that leads to the internet.
    #[oai(validator(min_length = 1, max_length = 2000))]
    url: String,
    /// What you call it.
    #[oai(default, validator(max_length = 200))]
    description: String,
    /// What it is to be told; empty for everything.
    #[oai(default, validator(max_items = 32, unique_items))]
    types: Vec<EventKind>,
}

/// What is to become different about an endpoint; what is left out stays.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct WebhookPatch {
    /// Where it is.
    #[oai(validator(min_length = 1, max_length = 2000))]
    url: Option<String>,
    /// What you call it.
    #[oai(validator(max_length = 200))]
    description: Option<String>,
    /// What it is to be told; empty for everything.
    #[oai(validator(max_items = 32, unique_items))]
    types: Option<Vec<EventKind>>,
    /// Whether it is to be told anything. One that is enabled again is told what happens from then on.
    enabled: Option<bool>,
}

/// An endpoint with its secret, which is shown this once.
#[derive(Debug, Object)]
#[oai(example)]
struct WebhookSecret {
    /// The endpoint.
    webhook: Webhook,
    /// What its payloads are signed with: `whsec_` and base64, as libraries for Standard Webhooks take it.
    secret: String,
}

/// The answer that holds a secret; nobody on the way keeps it.
#[derive(ApiResponse)]
enum Secretive {
    /// It was added.
    #[oai(status = 201)]
    Made(
        Json<WebhookSecret>,
        /// Where it is from now on.
        #[oai(header = "Location")]
        String,
        /// Always `no-store`.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

/// The answer that holds another secret; nobody on the way keeps it.
#[derive(ApiResponse)]
enum Renewed {
    /// The secret was exchanged.
    #[oai(status = 200)]
    Whole(
        Json<WebhookSecret>,
        /// Always `no-store`.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

pub(crate) struct WebhooksApi;

#[OpenApi(tag = "Part::Live")]
impl WebhooksApi {
    /// List the webhooks of a project
    ///
    /// The endpoints that are told what happens, the newest first; their secrets are not shown.
    #[oai(path = "/api/v1/projects/:project_id/webhooks", method = "get", operation_id = "listWebhooks")]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// `next` of the page before; left out, the list begins with the newest.
        after: Query<Option<String>>,
        /// The most endpoints to return, 1 to 200.
        #[oai(default = "page::usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<WebhookPage>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let list = List::of("webhooks").by("project", Some(project));
        let after = list.position(after.as_deref())?.map(WebhookId);
        let webhooks = gateway.store.list_webhooks(project, after, limit.0 + 1).await?;
        let (items, next) = list.cut(webhooks, limit.0, |webhook| webhook.id.get());
        Ok(Found::Whole(Json(WebhookPage { items: items.into_iter().map(Webhook::from).collect(), next })))
    }

    /// Add a webhook
    ///
    /// From now on the endpoint is told what happens in the project, after the Standard Webhooks specification: a POST with
    /// the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`, and JSON of type, timestamp and ids. Any 2xx
    /// takes it; anything else is attempted again, ten times in a little over three days; 410 ends it. Redirects are not
    /// followed. The answer holds the secret, which is shown this once.
    #[oai(path = "/api/v1/projects/:project_id/webhooks", method = "post", operation_id = "createWebhook")]
    async fn create(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        /// The project.
        project_id: Path<i64>,
        body: Body<WebhookDraft>,
    ) -> Result<Secretive, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Own).await?.id;
        let Body(WebhookDraft { url, description, types }) = body;
        let (endpoint, types) = (endpoint(&gateway, &url)?, kinds(types));
        let new = NewWebhook { endpoint: &endpoint, description: &description, types: &types };
        let made = gateway.store.create_webhook(project, new, caller.actor(), gateway.now()).await?;
        let location = format!("/api/v1/projects/{project}/webhooks/{}", made.0.id);
        Ok(Secretive::Made(Json(made.into()), location, "no-store".to_owned()))
    }

    /// Show a webhook
    ///
    /// One endpoint, without its secret.
    #[oai(
        path = "/api/v1/projects/:project_id/webhooks/:webhook_id",
        method = "get",
        operation_id = "getWebhook"
    )]
    async fn show(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The endpoint.
        webhook_id: Path<i64>,
    ) -> Result<Found<Webhook>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let webhook = gateway.store.webhook(project, WebhookId(webhook_id.0)).await?;
        Ok(Found::Whole(Json(webhook.into())))
    }

    /// Change a webhook
    ///
    /// Another address, description or choice of types; or on and off. What is on its way to an endpoint that is switched
    /// off has failed, and can be replayed later.
    #[oai(
        path = "/api/v1/projects/:project_id/webhooks/:webhook_id",
        method = "patch",
        operation_id = "updateWebhook"
    )]
    async fn update(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        /// The project.
        project_id: Path<i64>,
        /// The endpoint.
        webhook_id: Path<i64>,
        body: Body<WebhookPatch>,
    ) -> Result<Found<Webhook>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Own).await?.id;
        let Body(WebhookPatch { url, description, types, enabled }) = body;
        let change = WebhookChange {
            endpoint: url.map(|url| endpoint(&gateway, &url)).transpose()?,
            description,
            types: types.map(kinds),
            enabled,
        };
        let (webhook, by) = (WebhookId(webhook_id.0), caller.actor());
        let changed = gateway.store.change_webhook(project, webhook, &change, by, gateway.now()).await?;
        Ok(Found::Whole(Json(changed.into())))
    }

    /// Remove a webhook
    ///
    /// The endpoint is told nothing more; its log goes with it.
    #[oai(
        path = "/api/v1/projects/:project_id/webhooks/:webhook_id",
        method = "delete",
        operation_id = "deleteWebhook"
    )]
    async fn delete(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        /// The project.
        project_id: Path<i64>,
        /// The endpoint.
        webhook_id: Path<i64>,
    ) -> Result<Gone, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Own).await?.id;
        let webhook = WebhookId(webhook_id.0);
        gateway.store.delete_webhook(project, webhook, caller.actor(), gateway.now()).await?;
        Ok(Gone::Done)
    }

    /// Exchange the secret of a webhook
    ///
    /// For a day payloads are signed with both the new and the former secret. The answer holds the new one, which is shown
    /// this once.
    #[oai(
        path = "/api/v1/projects/:project_id/webhooks/:webhook_id/rotate",
        method = "post",
        operation_id = "rotateWebhookSecret"
    )]
    async fn rotate(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        /// The project.
        project_id: Path<i64>,
        /// The endpoint.
        webhook_id: Path<i64>,
    ) -> Result<Renewed, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Own).await?.id;
        let (webhook, by) = (WebhookId(webhook_id.0), caller.actor());
        let renewed = gateway.store.rotate_webhook_secret(project, webhook, by, gateway.now()).await?;
        Ok(Renewed::Whole(Json(renewed.into()), "no-store".to_owned()))
    }
}

/// The address of an endpoint, as far as this installation carries webhooks.
fn endpoint(gateway: &Gateway, url: &str) -> Result<Endpoint, Failure> {
    let endpoint = Endpoint::parse(url, gateway.system.webhook_reach());
    endpoint.map_err(|wrong| Failure::invalid(vec![FieldError::at("/url", wrong.to_string())]))
}

fn kinds(kinds: Vec<EventKind>) -> Vec<EventType> {
    kinds.into_iter().map(EventType::from).collect()
}

impl From<ListedWebhook> for Webhook {
    fn from(webhook: ListedWebhook) -> Self {
        Self {
            id: webhook.id.get(),
            url: webhook.url,
            description: webhook.description,
            types: webhook.types.into_iter().map(EventKind::from).collect(),
            status: webhook.status.into(),
            old_secret_until: webhook.old_secret_until.map(moment),
            created_at: moment(webhook.created_at),
        }
    }
}

impl From<(ListedWebhook, Secret)> for WebhookSecret {
    fn from((webhook, secret): (ListedWebhook, Secret)) -> Self {
        Self { webhook: webhook.into(), secret: secret.reveal().expose_secret().to_owned() }
    }
}

impl Example for Webhook {
    fn example() -> Self {
        Self {
            id: 4,
            url: "https://example.com/hooks/beseda".into(),
            description: "our dashboard".into(),
            types: vec![EventKind::CommentSent, EventKind::CommentRefused],
            status: WebhookStatus::Enabled,
            old_secret_until: None,
            created_at: moment(Timestamp::from_secs(1_772_442_000)),
        }
    }
}

impl Example for WebhookPage {
    fn example() -> Self {
        Self { items: vec![Webhook::example()], next: None }
    }
}

impl Example for WebhookDraft {
    fn example() -> Self {
        let Webhook { url, description, types, .. } = Webhook::example();
        Self { url, description, types }
    }
}

impl Example for WebhookPatch {
    fn example() -> Self {
        Self { url: None, description: None, types: Some(Vec::new()), enabled: Some(true) }
    }
}

impl Example for WebhookSecret {
    fn example() -> Self {
        Self {
            webhook: Webhook::example(),
            secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=".into(),
        }
    }
}
