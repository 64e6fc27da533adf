//! Endpoints as they are listed: without their secrets.

use domain::event::EventType;
use domain::id::{ProjectId, WebhookId};
use domain::time::Timestamp;
use domain::webhook::Status;

use super::WEBHOOK;
use crate::error::StoreError;
use crate::row::Row;
use crate::rows::Sql;
use crate::store::{Run, Store};

macro_rules! webhooks {
    ($rest:literal) => {
        concat!(
            "SELECT id, url, description, types, status, old_secret_until, created_at FROM webhooks
             WHERE project_id = $1 AND ",
            $rest
        )
    };
}

static PAGE: Sql = Sql::new(webhooks!("id < $2 ORDER BY id DESC LIMIT $3"));

static ONE: Sql = Sql::new(webhooks!("id = $2"));

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedWebhook {
    /// Its row.
    pub id: WebhookId,
    /// Where it is.
    pub url: String,
    /// What its owner calls it.
    pub description: String,
    /// What it is told; empty for everything.
    pub types: Vec<EventType>,
    /// Whether it is told anything.
    pub status: Status,
    /// Until when payloads are signed with its former secret too, after an exchange.
    pub old_secret_until: Option<Timestamp>,
    /// Since when there is one.
    pub created_at: Timestamp,
}

impl Store {
    /// A project's endpoints, the newest first, behind `after`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list_webhooks(
        &self,
        project: ProjectId,
        after: Option<WebhookId>,
        limit: u32,
    ) -> Result<Vec<ListedWebhook>, StoreError> {
        let before = after.map_or(i64::MAX, WebhookId::get);
        let values = [project.get().into(), before.into(), i64::from(limit).into()];
        self.read("list webhooks").rows(&PAGE, values).await?.iter().map(listed).collect()
    }

    /// One of a project's endpoints.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such endpoint.
    pub async fn webhook(&self, project: ProjectId, webhook: WebhookId) -> Result<ListedWebhook, StoreError> {
        one(&self.read("show a webhook"), project, webhook).await
    }
}

/// One of a project's endpoints, as this transaction or session sees it.
pub(super) async fn one(
    run: &impl Run,
    project: ProjectId,
    webhook: WebhookId,
) -> Result<ListedWebhook, StoreError> {
    let row = run.row(&ONE, [project.get().into(), webhook.get().into()]).await?;
    let missing = StoreError::NotFound { operation: run.operation(), what: WEBHOOK };
    listed(&row.ok_or(missing)?)
}

fn listed(row: &Row) -> Result<ListedWebhook, StoreError> {
    Ok(ListedWebhook {
        id: row.get("id")?,
        url: row.get("url")?,
        description: row.get("description")?,
        types: row.json("types")?,
        status: row.named("status")?,
        old_secret_until: row.maybe("old_secret_until")?,
        created_at: row.get("created_at")?,
    })
}
