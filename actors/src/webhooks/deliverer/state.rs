//! Who is busy, and what makes the deliverer look.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use domain::id::WebhookId;
use domain::time::Timestamp;
use persistence::webhooks::ClaimedDelivery;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use super::attempt::attempt;
use super::{Deliverer, DelivererMessage};
use crate::deps::Deps;
use crate::error::ActorError;
use crate::runtime::{Address, Cx};

/// After a look that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// What the deliverer remembers. Attempts that are under way end with it; their deliveries come back.
#[derive(Default)]
pub(crate) struct State {
    busy: HashSet<WebhookId>,
    attempts: JoinSet<()>,
    next_due: watch::Sender<Option<Timestamp>>,
    hints: Option<AbortHandle>,
}

/// An endpoint's one place; whoever leaves it says so, also by a panic.
struct Lane {
    webhook: WebhookId,
    deliverer: Address<DelivererMessage>,
}

impl Drop for Lane {
    fn drop(&mut self) {
        // A deliverer that is gone has nobody in its lanes any more.
        drop(self.deliverer.cast(DelivererMessage::Free(self.webhook)));
    }
}

impl State {
    /// The endpoints that have an attempt under way.
    pub(super) const fn busy(&self) -> &HashSet<WebhookId> {
        &self.busy
    }

    /// Begins an attempt.
    pub(super) fn begin(&mut self, cx: &Cx<Deliverer>, delivery: ClaimedDelivery) {
        while self.attempts.try_join_next().is_some() {}
        self.busy.insert(delivery.webhook);
        let lane = Lane { webhook: delivery.webhook, deliverer: cx.me.clone() };
        let (deps, flight) = (cx.deps.clone(), cx.deps.traffic.depart());
        self.attempts.spawn(async move {
            attempt(&deps, delivery).await;
            drop(lane);
            drop(flight);
        });
    }

    /// An endpoint's attempt has ended.
    pub(super) fn free(&mut self, webhook: WebhookId) {
        self.busy.remove(&webhook);
    }

    /// Says when to look again if nothing happens before; `None`: no sooner than usual.
    pub(super) fn look_again_at(&self, due: Option<Timestamp>) {
        self.next_due.send_replace(due);
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(hints) = &self.hints {
            hints.abort();
        }
    }
}

/// A state that is made to look at once, then after every commit that told events and whenever the next due time is
/// reached. One look at a time: hints that come meanwhile are one hint.
pub(super) fn forward_hints(deps: Arc<Deps>, deliverer: Address<DelivererMessage>) -> State {
    let mut state = State::default();
    let mut due = state.next_due.subscribe();
    let task = tokio::spawn(async move {
        let mut events = deps.store.tells();
        loop {
            let looked = deliverer.ask(DelivererMessage::Look).await;
            let now = deps.now();
            let longest = match looked {
                Ok(()) => deps.settings.longest_nap,
                Err(ActorError::Gone) => return,
                Err(_) => AFTER_FAILURE,
            };
            let nap = due.borrow_and_update().map_or(now + longest, |due| due.min(now + longest));
            tokio::select! {
                changed = events.changed() => if changed.is_err() { return },
                changed = due.changed() => if changed.is_err() { return },
                _ = deps.clock.until(nap, &deps.traffic) => {}
            }
        }
    });
    state.hints = Some(task.abort_handle());
    state
}
