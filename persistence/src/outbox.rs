//! The outbox of events, written with the change they tell of, and the audit log.
//!
//! Events are read in the order of their ids, and that is the order of their commits: on PostgreSQL those who append take
//! a lock until they commit, so that no smaller id appears after a greater one was read.

use domain::event::EventType;
use domain::id::{
    AccountId, CampaignId, ChannelId, CommentId, ConsentId, EventId, PostId, ProjectId, ProxyId,
    ThreadMessageId, UserId,
};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::row::Row;
use crate::rows::{Dialect, Sql, rows};
use crate::store::{Run as _, Store, Tx};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place in the order of all events.
    pub id: EventId,
    /// The project it belongs to, if it belongs to one.
    pub project: Option<ProjectId>,
    /// What happened.
    pub kind: EventType,
    /// To what.
    pub subject: Subject,
    /// When.
    pub occurred_at: Timestamp,
}

/// What an event is about: the rows it touches, and one word more where the type does not say it all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Subject {
    /// The channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    /// The post.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post: Option<PostId>,
    /// The reader's message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<ThreadMessageId>,
    /// The comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<CommentId>,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<CampaignId>,
    /// The consent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentId>,
    /// The proxy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<ProxyId>,
    /// The reason of a skip, the code of a refusal, the new status of an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person.
    User(UserId),
    /// The product itself.
    System,
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Who did it.
    pub actor: Actor,
    /// In which project, if in one.
    pub project: Option<ProjectId>,
    /// What was done, such as `project.status`.
    pub action: String,
    /// To what, such as `project:7`.
    pub subject: String,
    /// How, such as the new value.
    pub detail: String,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// The events after `after`, in order, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn events_after(&self, after: EventId, limit: u32) -> Result<Vec<Event>, StoreError> {
        static AFTER: Sql = Sql::new(
            "SELECT id, project_id, type, payload, occurred_at FROM events WHERE id > $1 ORDER BY id LIMIT $2",
        );
        let read = self.read("read events");
        let found = read.rows(&AFTER, [after.get().into(), i64::from(limit).into()]).await?;
        let event = |row: &Row| {
            Ok(Event {
                id: row.get("id")?,
                project: row.maybe("project_id")?,
                kind: row.named("type")?,
                subject: row.json("payload")?,
                occurred_at: row.get("occurred_at")?,
            })
        };
        found.iter().map(event).collect()
    }

    /// The latest event there is: where a relay begins that wants nothing old. `EventId(0)` when there is none.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn latest_event(&self) -> Result<EventId, StoreError> {
        static LATEST: Sql = Sql::new("SELECT id FROM events ORDER BY id DESC LIMIT 1");
        let latest = self.read("find the latest event").row(&LATEST, []).await?;
        latest.map_or(Ok(EventId(0)), |row| row.get("id"))
    }

    /// The oldest event that is still kept; `None` when none was ever told.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn oldest_event(&self) -> Result<Option<EventId>, StoreError> {
        static OLDEST: Sql = Sql::new("SELECT id FROM events ORDER BY id LIMIT 1");
        let oldest = self.read("find the oldest event").row(&OLDEST, []).await?;
        oldest.map(|row| row.get("id")).transpose()
    }

    /// The latest entries of a project's audit log, newest first, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn audit_entries(&self, project: ProjectId, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        static ENTRIES: Sql = Sql::new(
            "SELECT user_id, project_id, action, subject, detail, at FROM audit_log
             WHERE project_id = $1 ORDER BY id DESC LIMIT $2",
        );
        let read = self.read("read the audit log");
        let found = read.rows(&ENTRIES, [project.get().into(), i64::from(limit).into()]).await?;
        let entry = |row: &Row| {
            Ok(AuditEntry {
                actor: row.maybe::<UserId>("user_id")?.map_or(Actor::System, Actor::User),
                project: row.maybe("project_id")?,
                action: row.get("action")?,
                subject: row.get("subject")?,
                detail: row.get("detail")?,
                at: row.get("at")?,
            })
        };
        found.iter().map(entry).collect()
    }
}

/// An event to be told with a commit.
#[derive(Clone, Debug)]
pub(crate) struct NewEvent {
    pub(crate) project: Option<ProjectId>,
    pub(crate) kind: EventType,
    pub(crate) subject: Subject,
    pub(crate) at: Timestamp,
}

/// Appends events; the last thing a transaction does.
pub(crate) fn append(tx: &Tx, events: &[NewEvent]) -> Result<(), StoreError> {
    // The number only has to be one that nothing else locks. Whoever listens is told when all this is committed.
    static LOCK: Sql = Sql::new("SELECT pg_advisory_xact_lock(48879), pg_notify('beseda_events', '')");
    static APPEND: Sql = Sql::new(
        "INSERT INTO events (project_id, type, payload, occurred_at)
         SELECT r.project_id, r.type, r.payload, r.occurred_at
         FROM rows($1: project_id bigint, type text, payload text, occurred_at bigint) r",
    );
    #[derive(Serialize)]
    struct EventRow<'a> {
        project_id: Option<ProjectId>,
        r#type: EventType,
        payload: &'a Subject,
        occurred_at: Timestamp,
    }
    if events.is_empty() {
        return Ok(());
    }
    if tx.dialect() == Dialect::Postgres {
        tx.at_commit(&LOCK, []);
    }
    let new: Vec<_> = events
        .iter()
        .map(|event| EventRow {
            project_id: event.project,
            r#type: event.kind,
            payload: &event.subject,
            occurred_at: event.at,
        })
        .collect();
    tx.at_commit(&APPEND, [rows(tx.operation(), &new)?]);
    Ok(())
}

/// Writes an entry into the audit log.
pub(crate) async fn audit(tx: &Tx, entry: &AuditEntry) -> Result<(), StoreError> {
    static AUDIT: Sql = Sql::new(
        "INSERT INTO audit_log (actor, user_id, project_id, action, subject, detail, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    );
    let (actor, user) = match entry.actor {
        Actor::User(user) => ("user", Some(user.get())),
        Actor::System => ("system", None),
    };
    let values = [
        actor.into(),
        user.into(),
        entry.project.map(ProjectId::get).into(),
        entry.action.as_str().into(),
        entry.subject.as_str().into(),
        entry.detail.as_str().into(),
        entry.at.micros().into(),
    ];
    tx.run(&AUDIT, values).await?;
    Ok(())
}

/// Who did something, in which project, and when.
#[derive(Clone, Copy)]
pub(crate) struct Deed {
    pub(crate) by: Actor,
    pub(crate) project: Option<ProjectId>,
    pub(crate) at: Timestamp,
}

impl Deed {
    /// Writes the deed into the audit log; its detail is what became different, as JSON.
    pub(crate) async fn note(
        self,
        tx: &Tx,
        action: &str,
        subject: String,
        detail: &(impl Serialize + Sync),
    ) -> Result<(), StoreError> {
        let Self { by: actor, project, at } = self;
        let detail = serde_json::to_string(detail).map_err(|source| StoreError::Unreadable {
            operation: tx.operation(),
            column: "detail",
            source: Box::new(source),
        })?;
        let action = action.to_owned();
        audit(tx, &AuditEntry { actor, project, action, subject, detail, at }).await
    }
}
