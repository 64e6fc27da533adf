//! The one handle to the running tree: start, describe, listen, stop, and (for a clock that stands still) step.

mod access;
mod attend;
mod errands;
mod logins;
mod people;
mod proxies;
mod rehearsal;
mod root;
mod step;

use std::sync::Arc;

use domain::time::Timestamp;
use domain::webhook::Reach;
use ractor::{Actor, ActorRef};
use tokio::sync::broadcast;

use crate::deps::{Deps, Ports};
use crate::error::ActorError;
use crate::events::Told;
use crate::meters::Meters;
use crate::runtime::{Group, Kind, Status, Supervisor, TreeNode};
use crate::settings::Part;
use crate::settings::Settings;
use root::RootStaff;
pub use step::Stepper;

/// The running tree. Cheap to clone: all clones are handles to the one tree.
#[derive(Clone)]
pub struct System {
    deps: Arc<Deps>,
    root: ActorRef<root::Message>,
}

/// How a stop went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopReport {
    /// Claimed jobs that were given back because there was no time for them.
    pub given_back: u64,
}

/// In which order groups stop: first nobody claims, then whoever needs an account, then the accounts, then the listeners.
const STOP_ORDER: [Kind; 11] = [
    Kind::Queue,
    Kind::Logins,
    Kind::Planners,
    Kind::Writers,
    Kind::Observers,
    Kind::Channels,
    Kind::Proxies,
    Kind::Accounts,
    Kind::Upkeep,
    Kind::Webhooks,
    Kind::Events,
];

impl System {
    /// Starts the tree from what the Store holds.
    ///
    /// # Errors
    /// When the Store cannot be read, or an actor that everything needs does not start.
    pub async fn start(ports: Ports, settings: Settings) -> Result<Self, ActorError> {
        let deps = Arc::new(Deps::new(ports, settings));
        if deps.settings.part == Part::Whole {
            let (node, now, span) = (&deps.settings.node, deps.now(), deps.settings.tenure);
            deps.tenure.enter(&deps.store, node, now, span).await?;
        }
        // What an earlier process of this name had claimed is free again: it is gone, or it would be us.
        let released = give_back(&deps).await?;
        if released > 0 {
            tracing::info!(released, "jobs of an earlier run are ready again");
        }
        let started = Supervisor::<RootStaff>::spawn(None, Supervisor::new(), deps.clone()).await;
        let (root, _) = started.map_err(|error| ActorError::Start(error.to_string()))?;
        Ok(Self { deps, root })
    }

    /// The tree as it is now.
    pub async fn tree(&self) -> TreeNode {
        let mut groups = self.root.describe().await;
        for group in &mut groups {
            if let Some(supervisor) = self.deps.directory.group(group.kind) {
                group.children = supervisor.describe().await;
            }
        }
        TreeNode {
            name: Kind::Root.as_str().to_owned(),
            kind: Kind::Root,
            status: Status::Running,
            restarts: 0,
            mailbox_depth: 0,
            handled: 0,
            last_error: None,
            children: groups,
        }
    }

    /// Starts actors for accounts, channels and projects that were added since.
    pub async fn enrol(&self) {
        for kind in STOP_ORDER.iter().rev() {
            if let Some(group) = self.deps.directory.group(*kind) {
                group.enrol().await;
            }
        }
    }

    /// Lets an account connect again after its owner logged in.
    pub fn reconnect(&self, account: domain::id::AccountId) {
        if let Some(actor) = self.deps.directory.accounts.find(account) {
            // An actor that is gone connects by itself when it is back.
            drop(actor.cast(crate::accounts::AccountMessage::Connect));
        }
    }

    /// The time that the tree goes by.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.deps.now()
    }

    /// Every event committed from now on, in order.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Told>> {
        self.deps.events.subscribe()
    }

    /// How far webhooks are carried.
    #[must_use]
    pub fn webhook_reach(&self) -> Reach {
        self.deps.courier.reach()
    }

    /// Waits until nothing is in flight: every message that was cast is handled.
    pub async fn quiet(&self) {
        self.deps.traffic.quiet().await;
    }

    /// What was measured since the start.
    #[must_use]
    pub fn meters(&self) -> &Meters {
        &self.deps.meters
    }

    /// Stops: nothing is claimed any more, what is in hand is finished within each actor's grace, the rest is given back.
    ///
    /// # Errors
    /// When the rest could not be given back; its leases end by themselves.
    pub async fn stop(self) -> Result<StopReport, ActorError> {
        self.deps.stop_claiming();
        for kind in STOP_ORDER {
            if let Some(group) = self.deps.directory.group(kind) {
                group.drain().await;
            }
        }
        self.root.drain().await;
        self.root.stop(None);
        let given_back = give_back(&self.deps).await?;
        self.deps.tenure.leave(&self.deps.store).await?;
        Ok(StopReport { given_back })
    }
}

/// Gives back what this node has claimed. A part of the tree that claims nothing leaves alone what a service of the same name
/// is at.
async fn give_back(deps: &Deps) -> Result<u64, ActorError> {
    match deps.settings.part {
        Part::Whole => Ok(deps.store.release(&deps.settings.node).await?),
        Part::Logins => Ok(0),
    }
}
