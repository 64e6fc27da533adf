//! Who belongs to the queue's group: one of each.

use std::sync::Arc;

use ractor::ActorCell;

use super::{Dispatcher, Pruner, Rescuer};
use crate::deps::{Deps, Only};
use crate::error::ActorError;
use crate::runtime::{Kind, Of, Staff, Vitals};

/// The staff of the queue's group.
pub(crate) struct QueueStaff;

/// A member of the queue's group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Member {
    Dispatcher,
    Rescuer,
    Pruner,
}

impl std::fmt::Display for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(QueueStaff::kind(*self).as_str())
    }
}

impl Staff for QueueStaff {
    const GROUP: Kind = Kind::Queue;
    type Key = Member;

    fn kind(member: Member) -> Kind {
        match member {
            Member::Dispatcher => Kind::Dispatcher,
            Member::Rescuer => Kind::Rescuer,
            Member::Pruner => Kind::Pruner,
        }
    }

    async fn roster(_: &Deps) -> Result<Vec<Member>, ActorError> {
        Ok(vec![Member::Rescuer, Member::Pruner, Member::Dispatcher])
    }

    async fn hire(
        member: Member,
        deps: Arc<Deps>,
        vitals: Arc<Vitals>,
        supervisor: ActorCell,
    ) -> Result<ActorCell, ActorError> {
        match member {
            Member::Dispatcher => Of::<Dispatcher>::hire(Only, deps, vitals, supervisor).await,
            Member::Rescuer => Of::<Rescuer>::hire(Only, deps, vitals, supervisor).await,
            Member::Pruner => Of::<Pruner>::hire(Only, deps, vitals, supervisor).await,
        }
    }

    fn leave(member: Member, deps: &Deps) {
        match member {
            Member::Dispatcher => Of::<Dispatcher>::leave(Only, deps),
            Member::Rescuer => Of::<Rescuer>::leave(Only, deps),
            Member::Pruner => Of::<Pruner>::leave(Only, deps),
        }
    }
}
