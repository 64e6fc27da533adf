//! Reads the outbox in order and broadcasts each event once to this process's subscribers.
//!
//! What the tree itself has to know of them is in `heed`. The first relay of a process starts at the newest event there is:
//! who needs older ones reads the outbox. One that takes over from a crashed one goes on where that was. A subscriber that is
//! too slow is told how many it missed and slows nobody down.

mod heed;

use std::sync::Arc;

use domain::id::EventId;
use tokio::task::AbortHandle;

use crate::deps::{Deps, Only};
use crate::error::ActorError;
use crate::events::Told;
use crate::runtime::{Address, Cx, Kind, Named, Registry, Reply, Worker};
use crate::settings::Drive;
use heed::Heed;

/// Events read at once.
const BATCH: u32 = 500;

/// The relay.
pub(crate) struct Relay;

/// What the relay is told.
pub(crate) enum RelayMessage {
    /// There may be new events: pass them on.
    Pass(Reply<()>),
}

/// How far it is.
pub(crate) struct State {
    last: EventId,
    hints: Option<AbortHandle>,
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(hints) = &self.hints {
            hints.abort();
        }
    }
}

impl Worker for Relay {
    const KIND: Kind = Kind::Relay;
    const GROUP: Kind = Kind::Events;
    type Key = Only;
    type Message = RelayMessage;
    type State = State;

    fn registry(deps: &Deps) -> &Registry<Only, RelayMessage> {
        &deps.directory.relay
    }

    async fn roster(_: &Deps) -> Result<Vec<Only>, ActorError> {
        Ok(vec![Only])
    }

    async fn start(cx: &Cx<Self>) -> Result<State, ActorError> {
        let newest = cx.deps.store.latest_event().await?;
        let last = *cx.deps.relayed().get_or_insert(newest);
        let hints = match cx.deps.settings.drive {
            Drive::Stepped => None,
            Drive::Live => Some(forward_hints(cx.deps.clone(), cx.me.clone())),
        };
        Ok(State { last, hints })
    }

    async fn handle(cx: &Cx<Self>, state: &mut State, message: RelayMessage) -> Result<(), ActorError> {
        match message {
            RelayMessage::Pass(reply) => {
                pass(cx, state).await?;
                reply.send(());
                Ok(())
            }
        }
    }
}

async fn pass(cx: &Cx<Relay>, state: &mut State) -> Result<(), ActorError> {
    let mut heed = Heed::default();
    loop {
        let events = cx.deps.store.events_after(state.last, BATCH).await?;
        let count = events.len();
        for event in events {
            state.last = event.id;
            heed.hear(&cx.deps, &event);
            // Nobody listening is no error.
            drop(cx.deps.events.send(Arc::new(Told::new(event))));
        }
        *cx.deps.relayed() = Some(state.last);
        if count < BATCH as usize {
            heed.follow(&cx.deps).await;
            return Ok(());
        }
    }
}

/// Asks for a pass after every commit that told events; hints that come during one are one hint.
fn forward_hints(deps: Arc<Deps>, relay: Address<RelayMessage>) -> AbortHandle {
    let task = tokio::spawn(async move {
        let mut commits = deps.store.tells();
        loop {
            if let Err(ActorError::Gone) = relay.ask(RelayMessage::Pass).await {
                return;
            }
            tokio::select! {
                changed = commits.changed() => if changed.is_err() { return },
                _ = deps.clock.until(deps.now() + deps.settings.longest_nap, &deps.traffic) => {}
            }
        }
    });
    task.abort_handle()
}

impl Named for RelayMessage {
    fn name(&self) -> &'static str {
        match self {
            Self::Pass(_) => "pass",
        }
    }
}
