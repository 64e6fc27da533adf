//! This process's right to connect accounts, as long as it has it.
//!
//! Where one process has the whole database, the right lasts until it leaves. Where several nodes share it, the node gives
//! its word every so often that it is alive, and holds its accounts until that word runs out; it lets go a margin earlier, so
//! that clocks that differ a little never make two nodes hold one account. Nothing here waits: the `heartbeat` actor keeps the
//! word, the accounts' actors ask for their holds.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use domain::id::AccountId;
use domain::time::Timestamp;
use persistence::nodes::{Hold, Presence};
use persistence::{Store, StoreError};

/// How long the database may take to hear that the node is alive.
const PATIENCE: Duration = Duration::from_secs(5);

/// The right, if there is one.
#[derive(Debug, Default)]
pub(crate) struct Tenure(RwLock<State>);

#[derive(Debug, Default)]
enum State {
    /// Not entered, or the word ran out.
    #[default]
    Outside,
    /// Nobody else is here.
    Sole(Presence),
    /// One node of several.
    Shared(Shared),
}

#[derive(Debug)]
struct Shared {
    presence: Arc<Presence>,
    holds: HashMap<AccountId, Hold>,
    /// The word counts until then, less the margin.
    until: Timestamp,
}

impl Tenure {
    /// Enters, and takes every account that nobody holds.
    pub(crate) async fn enter(
        &self,
        store: &Store,
        node: &str,
        now: Timestamp,
        span: Duration,
    ) -> Result<(), StoreError> {
        let presence = store.enter(node, now, now + span).await?;
        let taken = store.take_accounts(&presence, None, now).await?;
        self.begin(presence, taken, now + kept(span));
        Ok(())
    }

    /// Begins with what was taken already, as somebody who is present until then.
    pub(crate) fn begin(&self, presence: Presence, taken: Vec<Hold>, until: Timestamp) {
        let holds = taken.into_iter().map(|hold| (hold.account, hold)).collect();
        self.set(match presence.is_shared() {
            true => State::Shared(Shared { presence: Arc::new(presence), holds, until }),
            false => State::Sole(presence),
        });
    }

    /// Whether accounts are shared out among nodes, so that the word has to be kept. Also while it is lost.
    pub(crate) fn is_shared(&self) -> bool {
        !matches!(*self.read(), State::Sole(_))
    }

    /// The right to an account at `now`.
    pub(crate) fn hold(&self, account: AccountId, now: Timestamp) -> Option<Hold> {
        if self.counts(now) { self.latest_hold(account) } else { None }
    }

    /// The right to an account as it was last known, for a write that the database refuses where somebody else has it by now.
    pub(crate) fn latest_hold(&self, account: AccountId) -> Option<Hold> {
        match &*self.read() {
            State::Outside => None,
            State::Sole(presence) => presence.sole(account),
            State::Shared(shared) => shared.holds.get(&account).copied(),
        }
    }

    /// Whether the word still counts at `now`.
    pub(crate) fn counts(&self, now: Timestamp) -> bool {
        match &*self.read() {
            State::Outside => false,
            State::Sole(_) => true,
            State::Shared(shared) => now < shared.until,
        }
    }

    /// Gives the word anew, and takes what has become free meanwhile; the accounts that were taken now.
    pub(crate) async fn stay(
        &self,
        store: &Store,
        now: Timestamp,
        span: Duration,
    ) -> Result<Vec<AccountId>, StoreError> {
        let presence = match &*self.read() {
            State::Outside | State::Sole(_) => return Ok(Vec::new()),
            State::Shared(shared) => shared.presence.clone(),
        };
        let late = StoreError::Abandoned { operation: "say that the node is alive" };
        let said = tokio::time::timeout(PATIENCE, store.stay(&presence, now, now + span)).await;
        said.unwrap_or(Err(late))?;
        self.change(|shared| shared.until = now + kept(span));
        let taken = store.take_accounts(&presence, None, now).await?;
        self.change(|shared| shared.holds.extend(taken.iter().map(|hold| (hold.account, *hold))));
        Ok(taken.into_iter().map(|hold| hold.account).collect())
    }

    /// Lets everything go without a word: what was held is taken over by others, or by this process when it enters again.
    pub(crate) fn lose(&self) {
        self.set(State::Outside);
    }

    /// Leaves: what was held is free at once.
    pub(crate) async fn leave(&self, store: &Store) -> Result<(), StoreError> {
        let state = std::mem::take(&mut *self.0.write().unwrap_or_else(PoisonError::into_inner));
        let presence = match state {
            State::Outside => None,
            State::Sole(presence) => Some(presence),
            // Somebody who still gives the word drops the presence a moment later.
            State::Shared(shared) => Arc::into_inner(shared.presence),
        };
        match presence {
            Some(presence) => store.leave(presence).await,
            None => Ok(()),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: State) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn change(&self, change: impl FnOnce(&mut Shared)) {
        if let State::Shared(shared) = &mut *self.0.write().unwrap_or_else(PoisonError::into_inner) {
            change(shared);
        }
    }
}

/// How long a word that is given for `span` is relied upon here.
fn kept(span: Duration) -> Duration {
    span - span / 3
}
