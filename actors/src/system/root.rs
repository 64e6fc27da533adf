//! The root: a supervisor whose members are the groups' supervisors.

use std::sync::Arc;

use ractor::{Actor, ActorCell};

use crate::accounts::Account;
use crate::channels::ChannelWatcher;
use crate::deps::Deps;
use crate::error::ActorError;
use crate::events::Relay;
use crate::logins::Login;
use crate::observers::Observer;
use crate::planners::CommentPlanner;
use crate::proxies::ProxyPool;
use crate::queue::QueueStaff;
use crate::runtime::{Kind, Of, Staff, Supervisor, SupervisorMessage, Vitals};
use crate::settings::Part;
use crate::upkeep::UpkeepStaff;
use crate::webhooks::Deliverer;
use crate::writers::WriterWorker;

/// What the root is told and asked.
pub(super) type Message = SupervisorMessage<GroupKey>;

/// The staff of the root.
pub(crate) struct RootStaff;

/// A group of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum GroupKey {
    Events,
    Proxies,
    Accounts,
    Channels,
    Planners,
    Writers,
    Observers,
    Logins,
    Upkeep,
    Webhooks,
    Queue,
}

impl std::fmt::Display for GroupKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(RootStaff::kind(*self).as_str())
    }
}

impl Staff for RootStaff {
    const GROUP: Kind = Kind::Root;
    type Key = GroupKey;

    fn kind(group: GroupKey) -> Kind {
        match group {
            GroupKey::Events => Kind::Events,
            GroupKey::Proxies => Kind::Proxies,
            GroupKey::Accounts => Kind::Accounts,
            GroupKey::Channels => Kind::Channels,
            GroupKey::Planners => Kind::Planners,
            GroupKey::Writers => Kind::Writers,
            GroupKey::Observers => Kind::Observers,
            GroupKey::Logins => Kind::Logins,
            GroupKey::Upkeep => Kind::Upkeep,
            GroupKey::Webhooks => Kind::Webhooks,
            GroupKey::Queue => Kind::Queue,
        }
    }

    /// Watchers before accounts, so that no update comes to nobody; the queue last, so that no job does.
    async fn roster(deps: &Deps) -> Result<Vec<GroupKey>, ActorError> {
        match deps.settings.part {
            Part::Logins => return Ok(vec![GroupKey::Logins]),
            Part::Whole => {}
        }
        Ok(vec![
            GroupKey::Events,
            GroupKey::Proxies,
            GroupKey::Channels,
            GroupKey::Accounts,
            GroupKey::Planners,
            GroupKey::Writers,
            GroupKey::Observers,
            GroupKey::Logins,
            GroupKey::Upkeep,
            GroupKey::Webhooks,
            GroupKey::Queue,
        ])
    }

    async fn hire(
        group: GroupKey,
        deps: Arc<Deps>,
        _: Arc<Vitals>,
        root: ActorCell,
    ) -> Result<ActorCell, ActorError> {
        match group {
            GroupKey::Events => supervise::<Of<Relay>>(deps, root).await,
            GroupKey::Proxies => supervise::<Of<ProxyPool>>(deps, root).await,
            GroupKey::Accounts => supervise::<Of<Account>>(deps, root).await,
            GroupKey::Channels => supervise::<Of<ChannelWatcher>>(deps, root).await,
            GroupKey::Planners => supervise::<Of<CommentPlanner>>(deps, root).await,
            GroupKey::Writers => supervise::<Of<WriterWorker>>(deps, root).await,
            GroupKey::Observers => supervise::<Of<Observer>>(deps, root).await,
            GroupKey::Logins => supervise::<Of<Login>>(deps, root).await,
            GroupKey::Upkeep => supervise::<UpkeepStaff>(deps, root).await,
            GroupKey::Webhooks => supervise::<Of<Deliverer>>(deps, root).await,
            GroupKey::Queue => supervise::<QueueStaff>(deps, root).await,
        }
    }

    fn leave(group: GroupKey, deps: &Deps) {
        deps.directory.leave_group(Self::kind(group));
    }
}

async fn supervise<S: Staff>(deps: Arc<Deps>, root: ActorCell) -> Result<ActorCell, ActorError> {
    match Supervisor::<S>::spawn_linked(None, Supervisor::new(), deps, root).await {
        Ok((actor, _)) => Ok(actor.get_cell()),
        Err(error) => Err(ActorError::Start(error.to_string())),
    }
}
