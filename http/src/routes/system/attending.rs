//! What administrators of the installation look at and do: the queue, the nodes, an actor started anew, all work paused.

use chrono::{DateTime, Utc};
use domain::time::Timestamp;
use persistence::queue::KindDepth;
use persistence::system::ListedNode;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::Actor;
use crate::auth::Administrator;
use crate::body::Body;
use crate::gateway::Gateway;
use crate::moment::moment;
use crate::problem::Failure;
use crate::routes::jobs::JobKind;
use crate::routes::{Found, Part};

/// How many jobs of one kind there are, of all projects.
#[derive(Debug, Object)]
struct QueueDepth {
    /// The kind.
    kind: JobKind,
    /// Waiting, due or not.
    ready: u64,
    /// Waiting although due.
    due: u64,
    /// Running.
    running: u64,
    /// Given up and kept.
    failed: u64,
    /// Since when the oldest of the due ones is due.
    #[oai(skip_serializing_if_is_none)]
    oldest_due_at: Option<DateTime<Utc>>,
    /// For how many seconds it has been due.
    #[oai(skip_serializing_if_is_none)]
    oldest_due_seconds: Option<u64>,
}

/// How deep the queue is.
#[derive(Debug, Object)]
#[oai(example)]
struct Queues {
    /// The kinds of which there are any.
    items: Vec<QueueDepth>,
}

/// A process that works on the database.
#[derive(Debug, Object)]
struct Node {
    /// Its name.
    name: String,
    /// Whether it is the one that answers.
    here: bool,
    /// When it last said that it is alive; missing where one process has everything.
    #[oai(skip_serializing_if_is_none)]
    heartbeat_at: Option<DateTime<Utc>>,
    /// Until when its word counts; others take its accounts over then.
    #[oai(skip_serializing_if_is_none)]
    alive_until: Option<DateTime<Utc>>,
    /// How many accounts it holds; missing where one process has everything.
    #[oai(skip_serializing_if_is_none)]
    accounts: Option<u64>,
}

/// The processes that work on the database.
#[derive(Debug, Object)]
#[oai(example)]
struct Nodes {
    /// The processes, by their names.
    items: Vec<Node>,
}

/// Whether all work is paused.
#[derive(Debug, Object)]
#[oai(example)]
struct SystemPause {
    /// Whether it is.
    paused: bool,
}

/// Whether all work is to be paused.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct SystemPauseWish {
    /// Whether it is to be.
    paused: bool,
}

impl QueueDepth {
    fn of(depth: KindDepth, now: Timestamp) -> Self {
        Self {
            kind: depth.kind.into(),
            ready: depth.ready,
            due: depth.due,
            running: depth.running,
            failed: depth.failed,
            oldest_due_at: depth.oldest_due.map(moment),
            oldest_due_seconds: depth.oldest_due.map(|due| now.since(due).as_secs()),
        }
    }
}

impl Node {
    fn of(node: ListedNode, here: &str) -> Self {
        Self {
            here: node.name == here,
            name: node.name,
            heartbeat_at: Some(moment(node.heartbeat_at)),
            alive_until: Some(moment(node.until)),
            accounts: Some(node.accounts),
        }
    }

    /// The only one.
    fn alone(name: &str) -> Self {
        Self { name: name.to_owned(), here: true, heartbeat_at: None, alive_until: None, accounts: None }
    }
}

impl Example for Queues {
    fn example() -> Self {
        let at = Timestamp::from_secs(1_772_442_000);
        let depth = QueueDepth {
            kind: JobKind::SendComment,
            ready: 120,
            due: 2,
            running: 4,
            failed: 0,
            oldest_due_at: Some(moment(at)),
            oldest_due_seconds: Some(3),
        };
        Self { items: vec![depth] }
    }
}

impl Example for Nodes {
    fn example() -> Self {
        let at = |seconds: i64| moment(Timestamp::from_secs(1_772_442_000 + seconds));
        let node = Node {
            name: "one".into(),
            here: true,
            heartbeat_at: Some(at(0)),
            alive_until: Some(at(30)),
            accounts: Some(40),
        };
        Self { items: vec![node] }
    }
}

impl Example for SystemPauseWish {
    fn example() -> Self {
        Self { paused: true }
    }
}

impl Example for SystemPause {
    fn example() -> Self {
        Self { paused: true }
    }
}

pub(crate) struct AttendingApi;

#[OpenApi(tag = "Part::System")]
impl AttendingApi {
    /// Restart an actor
    ///
    /// Starts one actor of this process anew, by the names of its group and its own as the tree tells them. It finishes what it
    /// has in hand first; what it crashed of before does not count any more, so one that rests comes back at once.
    #[oai(path = "/api/v1/system/tree/:group/:actor/restart", method = "post", operation_id = "restartActor")]
    async fn restart(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        /// The group it stands in, such as `accounts`.
        group: Path<String>,
        /// Its name in the group, such as `account:7`.
        actor: Path<String>,
    ) -> Result<Found<Actor>, Failure> {
        caller.installation()?;
        let restarted = gateway.system.restart(&group, &actor).await;
        let restarted = restarted.ok_or_else(|| Failure::unknown("actor"))?;
        let subject = format!("actor {}/{}", group.0, actor.0);
        let node = gateway.system.node();
        gateway.store.audit_restart(node, &subject, caller.user(), gateway.now()).await?;
        Ok(Found::Whole(Json(restarted.into())))
    }

    /// Show the queue
    ///
    /// How many jobs of each kind wait, run and have failed, of all projects, and for how long the oldest has been due.
    #[oai(path = "/api/v1/system/queues", method = "get", operation_id = "getQueues")]
    async fn queues(&self, gateway: Data<&Gateway>, caller: Administrator) -> Result<Found<Queues>, Failure> {
        caller.installation()?;
        let now = gateway.now();
        let depths = gateway.store.depths(now).await?;
        let items = depths.into_iter().map(|depth| QueueDepth::of(depth, now)).collect();
        Ok(Found::Whole(Json(Queues { items })))
    }

    /// List the nodes
    ///
    /// The processes that work on the database: one where it is a file, and as many as there are where it is a PostgreSQL.
    #[oai(path = "/api/v1/system/nodes", method = "get", operation_id = "listNodes")]
    async fn nodes(&self, gateway: Data<&Gateway>, caller: Administrator) -> Result<Found<Nodes>, Failure> {
        caller.installation()?;
        let here = gateway.system.node();
        let listed = gateway.store.list_nodes().await?;
        let mut items: Vec<_> = listed.into_iter().map(|node| Node::of(node, here)).collect();
        if items.is_empty() {
            items.push(Node::alone(here));
        }
        Ok(Found::Whole(Json(Nodes { items })))
    }

    /// Tell whether all work is paused
    ///
    /// Whether everything on this installation stands still because an administrator wants it.
    #[oai(path = "/api/v1/system/pause", method = "get", operation_id = "getSystemPause")]
    async fn pause(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
    ) -> Result<Found<SystemPause>, Failure> {
        caller.installation()?;
        let paused = gateway.store.is_system_paused().await?;
        Ok(Found::Whole(Json(SystemPause { paused })))
    }

    /// Pause all work, or let it go on
    ///
    /// Takes effect before the next send, in every process on this database, and lasts until somebody lets the work go on:
    /// restarts change nothing. What is being sent at this moment is finished.
    #[oai(path = "/api/v1/system/pause", method = "put", operation_id = "setSystemPause")]
    async fn set_pause(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        body: Body<SystemPauseWish>,
    ) -> Result<Found<SystemPause>, Failure> {
        caller.installation()?;
        let SystemPauseWish { paused } = body.0;
        gateway.store.set_system_paused(paused, caller.actor(), gateway.now()).await?;
        Ok(Found::Whole(Json(SystemPause { paused })))
    }
}
