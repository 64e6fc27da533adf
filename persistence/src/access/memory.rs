//! What was just found out about who may what.
//!
//! An entry lives two seconds, which bounds how long another process's change goes unseen. A change of this process is seen
//! at once: it moves the generation on, and an entry belongs to the generation in which its question began. An answer that
//! was read before the change and arrives after it is thus kept under a generation that nobody asks any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::access::ProjectRole;
use domain::id::{ProjectId, UserId};
use moka::sync::Cache;

use super::Grant;

/// How long another process's change may go unseen.
const LIFE: Duration = Duration::from_secs(2);
/// The most entries of a kind.
const ROOM: u64 = 10_000;

/// As what something is shown: a token that is shown as a session is none, however well it is remembered as a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Means {
    /// A token.
    Token,
    /// A browser's session.
    Session,
}

/// Grants by the hash of what was shown, and roles by person and project.
pub(crate) struct Memory {
    generation: AtomicU64,
    grants: Cache<(u64, Means, [u8; 32]), Arc<Grant>>,
    roles: Cache<(u64, UserId, ProjectId), Option<ProjectRole>>,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory").field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self {
            generation: AtomicU64::new(0),
            grants: Cache::builder().max_capacity(ROOM).time_to_live(LIFE).build(),
            roles: Cache::builder().max_capacity(ROOM).time_to_live(LIFE).build(),
        }
    }

    /// The generation that a question begins in.
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// From now on nothing that was found out before counts.
    pub(super) fn forget(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn grant(&self, generation: u64, means: Means, hash: [u8; 32]) -> Option<Arc<Grant>> {
        self.grants.get(&(generation, means, hash))
    }

    pub(super) fn keep_grant(&self, generation: u64, means: Means, hash: [u8; 32], grant: &Arc<Grant>) {
        self.grants.insert((generation, means, hash), grant.clone());
    }

    pub(super) fn role(
        &self,
        generation: u64,
        user: UserId,
        project: ProjectId,
    ) -> Option<Option<ProjectRole>> {
        self.roles.get(&(generation, user, project))
    }

    pub(super) fn keep_role(
        &self,
        generation: u64,
        user: UserId,
        project: ProjectId,
        role: Option<ProjectRole>,
    ) {
        self.roles.insert((generation, user, project), role);
    }
}
