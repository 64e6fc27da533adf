//! How to reach an actor, and what travels.

use std::sync::Arc;

use ractor::ActorRef;
use tokio::sync::oneshot;

use super::traffic::{Flight, Traffic};
use super::vitals::Vitals;
use crate::error::ActorError;

/// A message on its way: counted on the whole tree and on its receiver until it was handled or dropped.
pub(crate) struct Envelope<M> {
    pub(super) message: M,
    pub(super) passage: Passage,
}

/// The two counts an envelope holds.
pub(super) struct Passage {
    vitals: Arc<Vitals>,
    _flight: Flight,
}

impl Drop for Passage {
    fn drop(&mut self) {
        self.vitals.leave();
    }
}

/// An actor's address. It outlives the actor: then casting says so.
pub(crate) struct Address<M> {
    pub(super) actor: ActorRef<Envelope<M>>,
    pub(super) vitals: Arc<Vitals>,
    pub(super) traffic: Arc<Traffic>,
}

impl<M> Clone for Address<M> {
    fn clone(&self) -> Self {
        Self { actor: self.actor.clone(), vitals: self.vitals.clone(), traffic: self.traffic.clone() }
    }
}

/// Where an answer goes.
pub(crate) struct Reply<T>(oneshot::Sender<T>);

impl<T> Reply<T> {
    /// Answers; whoever asked may be gone, and then nobody minds.
    pub(crate) fn send(self, answer: T) {
        drop(self.0.send(answer));
    }
}

impl<M: Send + 'static> Address<M> {
    /// Puts a message into the actor's mailbox.
    pub(crate) fn cast(&self, message: M) -> Result<(), ActorError> {
        self.vitals.enter();
        let passage = Passage { vitals: self.vitals.clone(), _flight: self.traffic.depart() };
        self.actor.send_message(Envelope { message, passage }).map_err(|_| ActorError::Gone)
    }

    /// Puts a question into the actor's mailbox and waits for the answer.
    pub(crate) async fn ask<T>(&self, question: impl FnOnce(Reply<T>) -> M) -> Result<T, ActorError> {
        let (reply, answer) = oneshot::channel();
        self.cast(question(Reply(reply)))?;
        answer.await.map_err(|_| ActorError::Unanswered)
    }
}
