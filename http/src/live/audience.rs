//! Who hears what: the projects that a reader may see, narrowed to what they asked for.
//!
//! It is asked again from time to time, and at once when somebody lost something in this process; so a stream tells nothing
//! for long to somebody who was sent away.

use std::collections::HashSet;

use domain::access::Right;
use domain::event::EventType;
use domain::id::ProjectId;
use persistence::outbox::Event;
use persistence::setup::Role;
use tokio::time::Instant;

use super::reader::BEAT;
use crate::auth::{Caller, Proof};
use crate::gateway::Gateway;
use crate::problem::Failure;

/// The audience of one stream: a single reader.
pub(crate) struct Audience {
    proof: Proof,
    asked: Option<i64>,
    kinds: HashSet<EventType>,
    seen: Seen,
    generation: u64,
    asked_at: Instant,
}

/// The projects that a reader sees.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    /// All of them, and what belongs to none.
    Everything,
    /// These.
    Projects(HashSet<ProjectId>),
}

impl Audience {
    /// Whoever asks, for the project that they asked for or for all that they see; no `kinds` are all.
    ///
    /// # Errors
    /// 404 when the project is none of theirs.
    pub(crate) async fn of(
        gateway: &Gateway,
        (caller, proof): (&Caller, Proof),
        asked: Option<i64>,
        kinds: HashSet<EventType>,
    ) -> Result<Self, Failure> {
        let generation = gateway.store.access_generation();
        let seen = seen(gateway, caller, asked).await?;
        Ok(Self { proof, asked, kinds, seen, generation, asked_at: Instant::now() })
    }

    /// Whether they hear of this event.
    pub(super) fn hears(&self, event: &Event) -> bool {
        let theirs = match (&self.seen, event.project) {
            (Seen::Everything, _) => true,
            (Seen::Projects(projects), Some(project)) => projects.contains(&project),
            (Seen::Projects(_), None) => false,
        };
        theirs && (self.kinds.is_empty() || self.kinds.contains(&event.kind))
    }

    /// Whether it is time to ask again who hears what.
    pub(super) fn is_stale(&self, gateway: &Gateway) -> bool {
        gateway.store.access_generation() != self.generation || self.asked_at.elapsed() >= BEAT
    }

    /// Asks again who hears what. Whether there is anybody left to hear anything: a token may have ended, or the project
    /// may be theirs no more.
    ///
    /// # Errors
    /// When the Store does not answer.
    pub(super) async fn ask_again(&mut self, gateway: &Gateway) -> Result<bool, Failure> {
        (self.generation, self.asked_at) = (gateway.store.access_generation(), Instant::now());
        let Some(caller) = self.proof.caller(gateway).await? else { return Ok(false) };
        match seen(gateway, &caller, self.asked).await {
            Ok(seen) => self.seen = seen,
            Err(Failure::NotFound(_) | Failure::Forbidden(_)) => return Ok(false),
            Err(failure) => return Err(failure),
        }
        Ok(true)
    }
}

async fn seen(gateway: &Gateway, caller: &Caller, asked: Option<i64>) -> Result<Seen, Failure> {
    let grant = caller.grant();
    if let Some(asked) = asked.or(grant.project.map(ProjectId::get)) {
        let project = caller.project(gateway, asked, Right::View).await?.id;
        return Ok(Seen::Projects(HashSet::from([project])));
    }
    match grant.role {
        Role::Admin => Ok(Seen::Everything),
        Role::Member => {
            let projects = gateway.store.projects_of(grant.user).await?;
            Ok(Seen::Projects(projects.into_iter().collect()))
        }
    }
}
