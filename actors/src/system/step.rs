//! Moving a clock that stands still: do all that is due, then jump to the next due thing. Nobody ever sleeps.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use domain::time::{Clock, Timestamp};

use super::System;
use crate::clock::VirtualClock;
use crate::error::ActorError;
use crate::events::RelayMessage;
use crate::queue::DispatcherMessage;
use crate::webhooks::DelivererMessage;

/// Drives a tree that was started with [`crate::Drive::Stepped`] on a [`VirtualClock`].
pub struct Stepper<'a> {
    system: &'a System,
    clock: Arc<VirtualClock>,
}

impl<'a> Stepper<'a> {
    /// Drives `system` by moving `clock`, which must be the clock it was started with.
    #[must_use]
    pub fn new(system: &'a System, clock: Arc<VirtualClock>) -> Self {
        Self { system, clock }
    }

    /// Does everything that is due now: claims and handles until nothing is in flight and nothing was claimed. `outside`
    /// says how much the world outside still has under way (updates that nobody took yet).
    ///
    /// # Errors
    /// When a job cannot be claimed because the Store does not answer.
    pub async fn settle(&self, outside: impl Fn() -> usize) -> Result<(), ActorError> {
        let deps = &self.system.deps;
        loop {
            // What was due before runs beside what the world is just telling; only a claim that nothing ran beside can say
            // that nothing is left.
            let alone = deps.traffic.in_flight() == 0 && outside() == 0;
            let departed = deps.traffic.departed();
            let claimed = match deps.directory.dispatcher.find(crate::deps::Only) {
                Some(dispatcher) => dispatcher.ask(DispatcherMessage::Claim).await,
                // It crashed; its supervisor brings it back when the clock moves.
                None => Ok(0),
            };
            // The answer comes before the claim's own flight has ended.
            deps.traffic.quiet().await;
            let only_us = deps.traffic.departed() <= departed + 1;
            if claimed.unwrap_or(0) == 0 && alone && only_us && outside() == 0 {
                break;
            }
            while outside() > 0 {
                tokio::task::yield_now().await;
                deps.traffic.quiet().await;
            }
        }
        if let Some(relay) = deps.directory.relay.find(crate::deps::Only) {
            // A relay that fails passes the same events on at the next step.
            drop(relay.ask(RelayMessage::Pass).await);
        }
        if let Some(deliverer) = deps.directory.deliverer.find(crate::deps::Only) {
            // What cannot be delivered now is due again at the next step.
            drop(deliverer.ask(DelivererMessage::Look).await);
            deps.traffic.quiet().await;
        }
        Ok(())
    }

    /// The next time something is due: a job, a delivery to a webhook, the end of a lease, somebody who waits for the clock,
    /// or `world`, what the world outside does next. `None`: nothing will ever happen.
    ///
    /// # Errors
    /// When the Store does not answer.
    pub async fn next(&self, world: Option<Timestamp>) -> Result<Option<Timestamp>, ActorError> {
        /// What is due already but cannot run (its lane is held by a lease of a crashed actor) is looked at again after this.
        const HELD: Duration = Duration::from_secs(1);
        let job = self.system.deps.store.next_due().await?;
        let delivery = self.system.deps.store.next_delivery(&HashSet::new()).await?;
        let [job, delivery] = [job, delivery].map(|due| due.map(|due| due.max(self.clock.now() + HELD)));
        Ok([job, delivery, self.clock.next_waiter(), world].into_iter().flatten().min())
    }

    /// Moves the clock.
    pub fn advance(&self, to: Timestamp) {
        self.clock.advance(to, &self.system.deps.traffic);
    }
}
