//! Makes deliveries of new events and attempts those that are due.
//!
//! Each endpoint has one attempt under way at a time, in a task of its own: one that hangs holds up nobody but itself. What
//! the deliverer remembers is who is busy; everything else are rows, which come back by themselves if this process dies (see
//! `persistence::webhooks`). A fault of an endpoint is an outcome, not an error.

mod attempt;
mod message;
mod state;

pub(crate) use message::DelivererMessage;

use std::time::Duration;

use crate::deps::{Deps, Only};
use crate::error::ActorError;
use crate::runtime::{Cx, Kind, Registry, Worker};
use crate::settings::Drive;
use state::{State, forward_hints};

/// Events that are spread to the endpoints in one transaction.
const BATCH: u32 = 500;

/// Attempts that are under way at the same time, at most; one for an endpoint.
const SIDE_BY_SIDE: usize = 512;

/// How long a delivery is this process's before others may take it up: longer than an attempt may take.
const LEASE: Duration = Duration::from_secs(60);

/// The deliverer.
pub(crate) struct Deliverer;

impl Worker for Deliverer {
    const KIND: Kind = Kind::Deliverer;
    const GROUP: Kind = Kind::Webhooks;
    type Key = Only;
    type Message = DelivererMessage;
    type State = State;

    fn registry(deps: &Deps) -> &Registry<Only, DelivererMessage> {
        &deps.directory.deliverer
    }

    async fn roster(_: &Deps) -> Result<Vec<Only>, ActorError> {
        Ok(vec![Only])
    }

    async fn start(cx: &Cx<Self>) -> Result<State, ActorError> {
        Ok(match cx.deps.settings.drive {
            Drive::Stepped => State::default(),
            Drive::Live => forward_hints(cx.deps.clone(), cx.me.clone()),
        })
    }

    async fn handle(cx: &Cx<Self>, state: &mut State, message: DelivererMessage) -> Result<(), ActorError> {
        match message {
            DelivererMessage::Look(reply) => {
                look(cx, state).await?;
                reply.send(());
                Ok(())
            }
            DelivererMessage::Free(webhook) => {
                state.free(webhook);
                look(cx, state).await
            }
        }
    }
}

/// Makes deliveries of what is new, begins the attempts that are due and have room, and says when to look again.
async fn look(cx: &Cx<Deliverer>, state: &mut State) -> Result<(), ActorError> {
    let (store, now) = (&cx.deps.store, cx.deps.now());
    if cx.deps.is_stopping() {
        return Ok(());
    }
    while store.spread_events(BATCH, now).await?.is_some() {}
    let mut next = store.next_delivery(state.busy()).await?;
    if next.is_some_and(|due| due <= now) {
        let room = u32::try_from(SIDE_BY_SIDE - state.busy().len()).unwrap_or(0);
        for delivery in store.claim_deliveries(state.busy(), room, LEASE, now).await? {
            state.begin(cx, delivery);
        }
        next = store.next_delivery(state.busy()).await?;
    }
    // Where there is no room, the next one who is free looks again.
    state.look_again_at(next.filter(|_| state.busy().len() < SIDE_BY_SIDE));
    Ok(())
}
