//! What a planner remembers: the moments its project's accounts have promised.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::id::{AccountId, ProjectId};
use domain::pacing::Ledger;
use domain::time::{Timestamp, Zone};
use persistence::Store;

use crate::error::ActorError;

/// Promises older than this cannot matter to a new one: longer than a local day and any gap.
const MEMORY: Duration = Duration::from_secs(48 * 3600);

/// The promises, by account.
pub(crate) struct State {
    pub(super) ledgers: BTreeMap<AccountId, Ledger>,
    forgot_at: Timestamp,
}

impl State {
    /// Reads the promises back from the comments that wait or left lately.
    pub(super) async fn restore(
        store: &Store,
        project: ProjectId,
        now: Timestamp,
    ) -> Result<Self, ActorError> {
        let zone: Zone = store.planning_snapshot(project, &[], &[], now).await?.desk.zone;
        let mut ledgers: BTreeMap<AccountId, Ledger> = BTreeMap::new();
        for (account, due_at) in store.bookings(project, now - MEMORY).await? {
            ledgers.entry(account).or_default().book(due_at, zone);
        }
        Ok(Self { ledgers, forgot_at: now })
    }

    /// Lets go of promises that cannot matter any more, now and then.
    pub(super) fn forget(&mut self, now: Timestamp) {
        if now.since(self.forgot_at) >= MEMORY / 4 {
            self.forgot_at = now;
            self.ledgers.values_mut().for_each(|ledger| ledger.forget_before(now - MEMORY));
        }
    }
}
