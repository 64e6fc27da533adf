//! What people do to endpoints: adding, changing, removing, and exchanging the secret. Each is audited.

use domain::event::EventType;
use domain::id::{ProjectId, WebhookId};
use domain::time::Timestamp;
use domain::webhook::{Endpoint, Secret, Status};
use serde::Serialize;

use super::list::one;
use super::{ListedWebhook, WEBHOOK, secrets, subject};
use crate::error::StoreError;
use crate::outbox::{Actor, Deed};
use crate::row::Row;
use crate::rows::{Sql, name_of, storable};
use crate::store::{Run as _, Store, Tx};

/// Endpoints a project may have: each of them costs a row for every event.
const WEBHOOKS_PER_PROJECT: u32 = 20;

/// The project's row is held, so that two who add one at once do not both take the last place.
static HOLD: Sql = Sql::new("SELECT id FROM projects WHERE id = $1 {FOR NO KEY UPDATE}");

static COUNT: Sql = Sql::new("SELECT count(*) AS webhooks FROM webhooks WHERE project_id = $1");

static CREATE: Sql = Sql::new(
    "INSERT INTO webhooks (project_id, url, description, types, status, read_up_to, created_at)
     VALUES ($1, $2, $3, $4, 'enabled', (SELECT coalesce(max(id), 0) FROM events), $5) RETURNING id",
);

static FIND: Sql = Sql::new(
    "SELECT id, url, description, types, status, secret_sealed FROM webhooks WHERE project_id = $1 AND id = $2
     {FOR UPDATE}",
);

static WRITE: Sql =
    Sql::new("UPDATE webhooks SET url = $2, description = $3, types = $4, status = $5 WHERE id = $1");

/// What happened before is not told later.
static READ_FROM_NOW: Sql =
    Sql::new("UPDATE webhooks SET read_up_to = (SELECT coalesce(max(id), 0) FROM events) WHERE id = $1");

static GIVE_UP: Sql = Sql::new(
    "UPDATE webhook_deliveries SET state = 'failed', next_at = NULL WHERE webhook_id = $1 AND state = 'pending'",
);

static DELETE: Sql = Sql::new("DELETE FROM webhooks WHERE id = $1");

/// An endpoint to be added.
#[derive(Clone, Copy, Debug)]
pub struct NewWebhook<'a> {
    /// Where it is.
    pub endpoint: &'a Endpoint,
    /// What its owner calls it.
    pub description: &'a str,
    /// What it is told; empty for everything.
    pub types: &'a [EventType],
}

/// What is to become different about an endpoint; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct WebhookChange {
    /// Where it is.
    pub endpoint: Option<Endpoint>,
    /// What its owner calls it.
    pub description: Option<String>,
    /// What it is told; empty for everything.
    pub types: Option<Vec<EventType>>,
    /// Whether it is told anything. An endpoint that was off, or gone, is told what happens from then on.
    pub enabled: Option<bool>,
}

/// What the audit log says of an endpoint.
#[derive(Serialize)]
struct Detail<'a> {
    url: &'a str,
    types: &'a [EventType],
    status: Status,
}

impl Store {
    /// Adds an endpoint, which is told what happens from now on, and returns it with its secret. This is the one time that
    /// the secret is shown.
    ///
    /// # Errors
    /// [`StoreError::QuotaReached`] when the project has twenty, [`StoreError::Vault`] when the secret cannot be sealed,
    /// [`StoreError::NotFound`] without the project.
    pub async fn create_webhook(
        &self,
        project: ProjectId,
        new: NewWebhook<'_>,
        by: Actor,
        now: Timestamp,
    ) -> Result<(ListedWebhook, Secret), StoreError> {
        let tx = self.begin("add a webhook").await?;
        let operation = tx.operation();
        let missing = || StoreError::NotFound { operation, what: "project" };
        tx.row(&HOLD, [project.get().into()]).await?.ok_or_else(missing)?;
        let row = tx.row(&COUNT, [project.get().into()]).await?;
        if row.map_or(Ok(0), |row| row.small::<u32>("webhooks"))? >= WEBHOOKS_PER_PROJECT {
            let (what, limit) = ("webhooks in a project", WEBHOOKS_PER_PROJECT);
            return Err(StoreError::QuotaReached { operation, what, limit });
        }
        let values = [
            project.get().into(),
            new.endpoint.as_str().into(),
            storable(new.description).into_owned().into(),
            names(&tx, new.types)?.into(),
            now.micros().into(),
        ];
        let webhook: WebhookId = tx.row(&CREATE, values).await?.ok_or_else(missing)?.get("id")?;
        let secret = secrets::renew(&tx, webhook).await?;
        let detail = Detail { url: new.endpoint.as_str(), types: new.types, status: Status::Enabled };
        deed(by, project, now).note(&tx, "webhook.created", subject(webhook), &detail).await?;
        let listed = one(&tx, project, webhook).await?;
        tx.commit().await?;
        Ok((listed, secret))
    }

    /// Changes an endpoint and returns it. What was on its way to one that is switched off has failed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such endpoint.
    pub async fn change_webhook(
        &self,
        project: ProjectId,
        webhook: WebhookId,
        change: &WebhookChange,
        by: Actor,
        now: Timestamp,
    ) -> Result<ListedWebhook, StoreError> {
        let tx = self.begin("change a webhook").await?;
        let row = find(&tx, project, webhook).await?;
        let before: Status = row.named("status")?;
        let status = match change.enabled {
            Some(true) => Status::Enabled,
            Some(false) => Status::Disabled,
            None => before,
        };
        let url = match &change.endpoint {
            Some(endpoint) => endpoint.as_str().to_owned(),
            None => row.get("url")?,
        };
        let types = change.types.clone().map_or_else(|| row.json("types"), Ok)?;
        let description = change.description.as_deref().map(|text| storable(text).into_owned());
        let values = [
            webhook.get().into(),
            url.as_str().into(),
            description.map_or_else(|| row.get("description"), Ok)?.into(),
            names(&tx, &types)?.into(),
            name_of(status).into(),
        ];
        tx.run(&WRITE, values).await?;
        if status == Status::Enabled && before != Status::Enabled {
            tx.run(&READ_FROM_NOW, [webhook.get().into()]).await?;
        } else if status != Status::Enabled {
            give_up(&tx, webhook).await?;
        }
        let detail = Detail { url: &url, types: &types, status };
        deed(by, project, now).note(&tx, "webhook.updated", subject(webhook), &detail).await?;
        let listed = one(&tx, project, webhook).await?;
        tx.commit().await?;
        Ok(listed)
    }

    /// Removes an endpoint with its log.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such endpoint.
    pub async fn delete_webhook(
        &self,
        project: ProjectId,
        webhook: WebhookId,
        by: Actor,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tx = self.begin("remove a webhook").await?;
        let url: String = find(&tx, project, webhook).await?.get("url")?;
        tx.run(&DELETE, [webhook.get().into()]).await?;
        deed(by, project, now).note(&tx, "webhook.deleted", subject(webhook), &url).await?;
        tx.commit().await
    }

    /// Gives an endpoint another secret and returns it, once. For a day payloads are signed with both.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such endpoint, [`StoreError::Vault`] when the secret cannot be
    /// sealed.
    pub async fn rotate_webhook_secret(
        &self,
        project: ProjectId,
        webhook: WebhookId,
        by: Actor,
        now: Timestamp,
    ) -> Result<(ListedWebhook, Secret), StoreError> {
        let tx = self.begin("exchange a webhook's secret").await?;
        let row = find(&tx, project, webhook).await?;
        secrets::retire(&tx, &row, now).await?;
        let secret = secrets::renew(&tx, webhook).await?;
        deed(by, project, now).note(&tx, "webhook.secret_rotated", subject(webhook), &()).await?;
        let listed = one(&tx, project, webhook).await?;
        tx.commit().await?;
        Ok((listed, secret))
    }
}

/// What waits for an endpoint is not attempted any more.
pub(super) async fn give_up(tx: &Tx, webhook: WebhookId) -> Result<(), StoreError> {
    tx.run(&GIVE_UP, [webhook.get().into()]).await?;
    Ok(())
}

/// A project's endpoint, held until the transaction ends.
async fn find(tx: &Tx, project: ProjectId, webhook: WebhookId) -> Result<Row, StoreError> {
    let row = tx.row(&FIND, [project.get().into(), webhook.get().into()]).await?;
    row.ok_or(StoreError::NotFound { operation: tx.operation(), what: WEBHOOK })
}

fn deed(by: Actor, project: ProjectId, at: Timestamp) -> Deed {
    Deed { by, project: Some(project), at }
}

fn names(tx: &Tx, types: &[EventType]) -> Result<String, StoreError> {
    serde_json::to_string(types).map_err(|source| StoreError::Unreadable {
        operation: tx.operation(),
        column: "types",
        source: Box::new(source),
    })
}
