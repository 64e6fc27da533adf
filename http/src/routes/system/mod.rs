//! `/api/v1/system`: the running tree, as it is this moment, and what its administrators attend to.

mod attending;

use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object, OpenApi};

use attending::AttendingApi;

use super::{Found, Part};
use crate::auth::Administrator;
use crate::gateway::Gateway;
use crate::problem::Failure;

/// How an actor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "actors::Status", rename_all = "snake_case")]
enum ActorStatus {
    /// It works.
    Running,
    /// It crashed and comes back after its backoff.
    Restarting,
    /// It crashed too often and is left alone for a while.
    Resting,
    /// It was told to stop.
    Stopped,
}

/// One actor with those it supervises.
#[derive(Debug, Object)]
#[oai(example)]
struct Actor {
    /// Unique among the children of one supervisor.
    name: String,
    /// What it is: `account`, `channel_watcher`, …
    kind: String,
    /// How it is.
    status: ActorStatus,
    /// How often it was restarted.
    restarts: u32,
    /// Messages waiting or being handled.
    mailbox_depth: u64,
    /// Messages handled, over all its lives.
    handled: u64,
    /// What went wrong last, if anything did.
    #[oai(skip_serializing_if_is_none)]
    last_error: Option<String>,
    /// Those it supervises.
    children: Vec<Actor>,
}

impl From<actors::TreeNode> for Actor {
    fn from(node: actors::TreeNode) -> Self {
        Self {
            name: node.name,
            kind: node.kind.as_str().to_owned(),
            status: node.status.into(),
            restarts: node.restarts,
            mailbox_depth: u64::try_from(node.mailbox_depth).unwrap_or(u64::MAX),
            handled: node.handled,
            last_error: node.last_error,
            children: node.children.into_iter().map(Self::from).collect(),
        }
    }
}

impl Example for Actor {
    fn example() -> Self {
        let quiet = |name: &str, kind: &str, children| Self {
            name: name.into(),
            kind: kind.into(),
            status: ActorStatus::Running,
            restarts: 0,
            mailbox_depth: 0,
            handled: 12,
            last_error: None,
            children,
        };
        quiet(
            "beseda",
            "beseda",
            vec![quiet("accounts", "accounts", vec![quiet("account 7", "account", vec![])])],
        )
    }
}

pub(crate) struct TreeApi;

/// All of it.
pub(crate) type SystemApi = (TreeApi, AttendingApi);

/// All of it, to be served.
pub(crate) const SYSTEM: SystemApi = (TreeApi, AttendingApi);

#[OpenApi(tag = "Part::System")]
impl TreeApi {
    /// Show the running tree
    ///
    /// Every actor with its status, its restarts and what waits for it, supervisors above those they supervise.
    #[oai(path = "/api/v1/system/tree", method = "get", operation_id = "getSystemTree")]
    async fn tree(&self, gateway: Data<&Gateway>, caller: Administrator) -> Result<Found<Actor>, Failure> {
        caller.installation()?;
        Ok(Found::Whole(Json(gateway.system.tree().await.into())))
    }
}
