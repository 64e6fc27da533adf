//! What the dispatcher remembers, and the task that turns hints into claims.

use std::sync::Arc;
use std::time::Duration;

use domain::time::Timestamp;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::DispatcherMessage;
use crate::deps::Deps;
use crate::error::ActorError;
use crate::queue::Outstanding;
use crate::runtime::Address;

/// How long it waits after a claim that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// What the dispatcher remembers.
pub(crate) struct State {
    pub(super) outstanding: Arc<Outstanding>,
    /// The next writer's turn.
    pub(super) turn: usize,
    /// When the next job is due, as far as the last claim saw.
    pub(super) next_due: watch::Sender<Option<Timestamp>>,
    hints: Option<AbortHandle>,
}

impl State {
    pub(super) fn new(
        outstanding: Arc<Outstanding>,
        hints: Option<(AbortHandle, watch::Sender<Option<Timestamp>>)>,
    ) -> Self {
        let (hints, next_due) = hints.map_or_else(|| (None, watch::Sender::new(None)), |(h, n)| (Some(h), n));
        Self { outstanding, turn: 0, next_due, hints }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(hints) = &self.hints {
            hints.abort();
        }
    }
}

/// Asks for a claim at once, then whenever a commit made something due, room came back, or the next due time is reached.
/// One claim at a time: hints that come meanwhile are one hint.
pub(super) fn forward_hints(
    deps: Arc<Deps>,
    dispatcher: Address<DispatcherMessage>,
    outstanding: Arc<Outstanding>,
) -> (AbortHandle, watch::Sender<Option<Timestamp>>) {
    let next_due = watch::Sender::<Option<Timestamp>>::new(None);
    let due = next_due.subscribe();
    let longest = deps.settings.longest_nap;
    let task = tokio::spawn(async move {
        let mut commits = deps.store.wakes();
        loop {
            let now = match dispatcher.ask(DispatcherMessage::Claim).await {
                Ok(_) => deps.now(),
                Err(ActorError::Gone) => return,
                Err(_) => {
                    drop(deps.clock.until(deps.now() + AFTER_FAILURE, &deps.traffic).await);
                    continue;
                }
            };
            let nap = due.borrow().map_or(now + longest, |due| due.min(now + longest));
            tokio::select! {
                changed = commits.changed() => if changed.is_err() { return },
                () = outstanding.freed() => {}
                _ = deps.clock.until(nap, &deps.traffic) => {}
            }
        }
    });
    (task.abort_handle(), next_due)
}
