//! `/api/v1/audit`: who did what, in a project and in the whole installation.

use chrono::{DateTime, Utc};
use domain::access::Right;
use domain::id::{ProjectId, UserId};
use domain::time::Timestamp;
use persistence::audit::{AuditFilter, ListedEntry};
use persistence::outbox::Actor;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};
use serde_json::Value;

use crate::auth::{Administrator, Reader};
use crate::gateway::Gateway;
use crate::moment::moment;
use crate::page::{List, usual};
use crate::problem::Failure;
use crate::routes::catalogue::page;
use crate::routes::{Found, Part};

/// What was done once, by whom and to what.
#[derive(Debug, Object)]
#[oai(example)]
struct AuditEntry {
    /// Its place in the log: later entries have greater ones.
    id: i64,
    /// The user who did it; missing if the product did, or if they are gone.
    #[oai(skip_serializing_if_is_none)]
    user_id: Option<i64>,
    /// Their username.
    #[oai(skip_serializing_if_is_none)]
    username: Option<String>,
    /// The project it was done in; missing for what belongs to none.
    #[oai(skip_serializing_if_is_none)]
    project_id: Option<i64>,
    /// What was done, such as `account.login`.
    action: String,
    /// To what, such as `account:7`.
    subject: String,
    /// Why, or in which way, in words.
    #[oai(skip_serializing_if_is_none)]
    note: Option<String>,
    /// What became different, value by value.
    #[oai(skip_serializing_if_is_empty)]
    changes: Vec<AuditChange>,
    /// When.
    at: DateTime<Utc>,
}

/// A value that became different.
#[derive(Debug, Object)]
struct AuditChange {
    /// What of it.
    field: String,
    /// What it is from then on, as JSON writes it; texts without quotes.
    value: String,
}

page! {
    /// Some entries, the latest first.
    AuditPage of AuditEntry
}

pub(crate) struct AuditApi;

#[OpenApi(tag = "Part::Audit")]
impl AuditApi {
    /// List the audit log
    ///
    /// Of the whole installation, the latest first; it is kept as long as the setting `records_days` says. For administrators
    /// of the installation.
    #[oai(path = "/api/v1/audit", method = "get", operation_id = "listAudit")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the address")]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        /// Only what this user did.
        user_id: Query<Option<i64>>,
        /// Only what was done to this, such as `account:7`.
        #[oai(validator(max_length = 100))]
        subject: Query<Option<String>>,
        /// Only this action, such as `account.login`, or this family of them, such as `account`.
        #[oai(validator(max_length = 100))]
        action: Query<Option<String>>,
        /// Only what was done from then on.
        since: Query<Option<DateTime<Utc>>>,
        /// Only what was done before then.
        until: Query<Option<DateTime<Utc>>>,
        /// `next` of the page before; left out, the list begins with the latest.
        after: Query<Option<String>>,
        /// The most entries to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<AuditPage>, Failure> {
        caller.installation()?;
        let filter = filter(user_id.0, subject.0, action.0, since.0, until.0);
        page_of(&gateway, None, &filter, after.0.as_deref(), limit.0).await
    }

    /// List a project's audit log
    ///
    /// The latest first; it is kept as long as the setting `records_days` says.
    #[oai(path = "/api/v1/projects/:project_id/audit", method = "get", operation_id = "listProjectAudit")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the address")]
    async fn list_of_project(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// Only what this user did.
        user_id: Query<Option<i64>>,
        /// Only what was done to this, such as `account:7`.
        #[oai(validator(max_length = 100))]
        subject: Query<Option<String>>,
        /// Only this action, such as `account.login`, or this family of them, such as `account`.
        #[oai(validator(max_length = 100))]
        action: Query<Option<String>>,
        /// Only what was done from then on.
        since: Query<Option<DateTime<Utc>>>,
        /// Only what was done before then.
        until: Query<Option<DateTime<Utc>>>,
        /// `next` of the page before; left out, the list begins with the latest.
        after: Query<Option<String>>,
        /// The most entries to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<AuditPage>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let filter = filter(user_id.0, subject.0, action.0, since.0, until.0);
        page_of(&gateway, Some(project), &filter, after.0.as_deref(), limit.0).await
    }
}

fn filter(
    user: Option<i64>,
    subject: Option<String>,
    action: Option<String>,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
) -> AuditFilter {
    let instant = |at: DateTime<Utc>| Timestamp::from_micros(at.timestamp_micros());
    AuditFilter {
        user: user.map(UserId),
        subject,
        action,
        since: since.map(instant),
        until: until.map(instant),
    }
}

async fn page_of(
    gateway: &Gateway,
    project: Option<ProjectId>,
    filter: &AuditFilter,
    after: Option<&str>,
    limit: u32,
) -> Result<Found<AuditPage>, Failure> {
    let list = List::of("audit")
        .by("project", project)
        .by("user", filter.user)
        .by("subject", filter.subject.as_ref())
        .by("action", filter.action.as_ref())
        .by("since", filter.since)
        .by("until", filter.until);
    let before = list.position::<i64>(after)?;
    let found = gateway.store.list_audit(project, filter, before, limit + 1).await?;
    let (items, next) = list.cut(found, limit, |listed| listed.id);
    Ok(Found::Whole(Json(AuditPage { items: items.into_iter().map(AuditEntry::from).collect(), next })))
}

/// A detail that is a JSON object says what became different; whatever else it is are words.
fn read_detail(detail: String) -> (Option<String>, Vec<AuditChange>) {
    match serde_json::from_str(&detail) {
        Ok(Value::Object(fields)) => {
            let change = |(field, value)| match value {
                Value::String(value) => AuditChange { field, value },
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                    AuditChange { field, value: value.to_string() }
                }
            };
            (None, fields.into_iter().map(change).collect())
        }
        Ok(_) | Err(_) => (Some(detail).filter(|words| !words.is_empty()), Vec::new()),
    }
}

impl From<ListedEntry> for AuditEntry {
    fn from(listed: ListedEntry) -> Self {
        let entry = listed.entry;
        let (note, changes) = read_detail(entry.detail);
        Self {
            id: listed.id,
            user_id: match entry.actor {
                Actor::User(user) => Some(user.get()),
                Actor::System => None,
            },
            username: listed.username,
            project_id: entry.project.map(ProjectId::get),
            action: entry.action,
            subject: entry.subject,
            note,
            changes,
            at: moment(entry.at),
        }
    }
}

impl Example for AuditEntry {
    fn example() -> Self {
        Self {
            id: 512,
            user_id: Some(3),
            username: Some("ann".into()),
            project_id: Some(1),
            action: "project.updated".into(),
            subject: "project:1".into(),
            note: None,
            changes: vec![AuditChange { field: "status".into(), value: "paused".into() }],
            at: moment(Timestamp::from_secs(1_772_442_000)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_is_shown_value_by_value_or_in_its_words() {
        let (note, changes) = read_detail(r#"{"name":"trams","quota":null,"tags":["a"]}"#.into());
        let mut shown: Vec<_> = changes.into_iter().map(|change| (change.field, change.value)).collect();
        shown.sort();
        let expected = [("name", "trams"), ("quota", "null"), ("tags", r#"["a"]"#)];
        assert_eq!(shown, expected.map(|(field, value)| (field.to_owned(), value.to_owned())));
        assert_eq!(note, None);
        for words in ["limited: PEER_FLOOD", "7", "true", "{"] {
            assert_eq!(read_detail(words.into()).0.as_deref(), Some(words));
        }
        assert_eq!(read_detail(String::new()).0, None);
    }
}
