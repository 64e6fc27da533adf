//! Claims due jobs in bounded batches and hands each to the actor it is for.
//!
//! Owns the pace of the whole tree: nothing runs that it did not claim, and it claims no more than there is room for. What
//! wakes it is only a hint (a commit, a timer, room); the rows decide. A job whose actor is not there goes back a little
//! later. A claim that fails is tried again at the next hint, of which the timer is always one.

mod claim;
mod message;
mod route;
mod state;

pub(crate) use message::DispatcherMessage;

use super::work::Outstanding;
use crate::deps::{Deps, Only};
use crate::error::ActorError;
use crate::runtime::{Cx, Kind, Registry, Worker};
use crate::settings::Drive;
use state::State;

/// The dispatcher.
pub(crate) struct Dispatcher;

impl Worker for Dispatcher {
    const KIND: Kind = Kind::Dispatcher;
    const GROUP: Kind = Kind::Queue;
    type Key = Only;
    type Message = DispatcherMessage;
    type State = State;

    fn registry(deps: &Deps) -> &Registry<Only, DispatcherMessage> {
        &deps.directory.dispatcher
    }

    async fn roster(_: &Deps) -> Result<Vec<Only>, ActorError> {
        Ok(vec![Only])
    }

    async fn start(cx: &Cx<Self>) -> Result<State, ActorError> {
        let outstanding = std::sync::Arc::<Outstanding>::default();
        Ok(match cx.deps.settings.drive {
            Drive::Stepped => State::new(outstanding, None),
            Drive::Live => {
                let hints = state::forward_hints(cx.deps.clone(), cx.me.clone(), outstanding.clone());
                State::new(outstanding, Some(hints))
            }
        })
    }

    async fn handle(cx: &Cx<Self>, state: &mut State, message: DispatcherMessage) -> Result<(), ActorError> {
        match message {
            DispatcherMessage::Claim(reply) => claim::claim(cx, state, reply).await,
        }
    }
}
