//! Who belongs to the upkeep: one of each.

use std::sync::Arc;

use ractor::ActorCell;

use super::{Clerk, Heartbeat, Inspector};
use crate::deps::{Deps, Only};
use crate::error::ActorError;
use crate::runtime::{Kind, Of, Staff, Vitals};

/// The staff of the upkeep.
pub(crate) struct UpkeepStaff;

/// A member of the upkeep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Member {
    Heartbeat,
    Inspector,
    Clerk,
}

impl std::fmt::Display for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(UpkeepStaff::kind(*self).as_str())
    }
}

impl Staff for UpkeepStaff {
    const GROUP: Kind = Kind::Upkeep;
    type Key = Member;

    fn kind(member: Member) -> Kind {
        match member {
            Member::Heartbeat => Kind::Heartbeat,
            Member::Inspector => Kind::Inspector,
            Member::Clerk => Kind::Clerk,
        }
    }

    async fn roster(_: &Deps) -> Result<Vec<Member>, ActorError> {
        Ok(vec![Member::Heartbeat, Member::Inspector, Member::Clerk])
    }

    async fn hire(
        member: Member,
        deps: Arc<Deps>,
        vitals: Arc<Vitals>,
        supervisor: ActorCell,
    ) -> Result<ActorCell, ActorError> {
        match member {
            Member::Heartbeat => Of::<Heartbeat>::hire(Only, deps, vitals, supervisor).await,
            Member::Inspector => Of::<Inspector>::hire(Only, deps, vitals, supervisor).await,
            Member::Clerk => Of::<Clerk>::hire(Only, deps, vitals, supervisor).await,
        }
    }

    fn leave(member: Member, deps: &Deps) {
        match member {
            Member::Heartbeat => Of::<Heartbeat>::leave(Only, deps),
            Member::Inspector => Of::<Inspector>::leave(Only, deps),
            Member::Clerk => Of::<Clerk>::leave(Only, deps),
        }
    }
}
