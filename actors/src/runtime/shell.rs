//! How an actor is written here, and the ractor actor around it.
//!
//! A handler's `Err` is a failure of the work (a database that did not answer, say): it is noted and logged, the actor goes
//! on, and the jobs in hand come back when their leases end. A panic is a bug: ractor catches it at the actor's border and
//! the supervisor replaces the actor.

use std::fmt::Display;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use ractor::{Actor, ActorProcessingErr, ActorRef};

use super::address::{Address, Envelope};
use super::policy::Kind;
use super::registry::Registry;
use super::vitals::Vitals;
use crate::deps::Deps;
use crate::error::ActorError;

/// An actor of this house.
pub(crate) trait Worker: Sized + Send + Sync + 'static {
    /// What it is.
    const KIND: Kind;
    /// The kind of its supervisor.
    const GROUP: Kind;
    /// What tells it from its siblings.
    type Key: Copy + Eq + Hash + Display + Send + Sync + 'static;
    /// What it is told and asked.
    type Message: Named + Send + 'static;
    /// What it remembers between messages; all of it can be rebuilt.
    type State: Send + 'static;

    /// Where its living instances are found.
    fn registry(deps: &Deps) -> &Registry<Self::Key, Self::Message>;

    /// The keys that must have a worker when the tree starts.
    fn roster(deps: &Deps) -> impl Future<Output = Result<Vec<Self::Key>, ActorError>> + Send;

    /// Builds the state of a new instance. Quick: what takes time is a message to itself.
    fn start(cx: &Cx<Self>) -> impl Future<Output = Result<Self::State, ActorError>> + Send;

    /// Handles one message.
    fn handle(
        cx: &Cx<Self>,
        state: &mut Self::State,
        message: Self::Message,
    ) -> impl Future<Output = Result<(), ActorError>> + Send;
}

/// A message that can be named, for logs and for faults injected by tests.
pub(crate) trait Named {
    fn name(&self) -> &'static str;
}

/// What a worker has at hand.
pub(crate) struct Cx<W: Worker> {
    pub(crate) deps: Arc<Deps>,
    pub(crate) key: W::Key,
    pub(crate) me: Address<W::Message>,
}

impl<W: Worker> Cx<W> {
    /// Tells itself something after `wait`, by the clock. Forgotten if the actor is gone by then.
    pub(crate) fn cast_after(&self, wait: Duration, message: W::Message) {
        let (deps, me) = (self.deps.clone(), self.me.clone());
        let at = deps.now() + wait;
        tokio::spawn(async move {
            let flight = deps.clock.until(at, &deps.traffic).await;
            drop(me.cast(message));
            drop(flight);
        });
    }
}

/// The ractor actor around a worker.
pub(crate) struct Shell<W>(PhantomData<W>);

impl<W> Shell<W> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

/// What a shell starts from.
pub(crate) struct Start<K> {
    pub(super) deps: Arc<Deps>,
    pub(super) key: K,
    pub(super) vitals: Arc<Vitals>,
}

/// A worker's context and state.
pub(crate) struct Life<W: Worker> {
    cx: Cx<W>,
    state: W::State,
}

impl<W: Worker> Actor for Shell<W> {
    type Msg = Envelope<W::Message>;
    type State = Life<W>;
    type Arguments = Start<W::Key>;

    async fn pre_start(
        &self,
        actor: ActorRef<Self::Msg>,
        start: Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        let Start { deps, key, vitals } = start;
        let me = Address { actor, vitals, traffic: deps.traffic.clone() };
        let cx = Cx { deps, key, me };
        let state = W::start(&cx).await?;
        W::registry(&cx.deps).enter(key, cx.me.clone());
        Ok(Life { cx, state })
    }

    async fn handle(
        &self,
        _: ActorRef<Self::Msg>,
        envelope: Self::Msg,
        life: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let Envelope { message, passage } = envelope;
        let name = message.name();
        if let Some(probe) = &life.cx.deps.probe {
            probe.before(W::KIND, name);
        }
        if let Err(error) = W::handle(&life.cx, &mut life.state, message).await {
            tracing::warn!(actor = W::KIND.as_str(), key = %life.cx.key, message = name, %error, "a message failed");
            life.cx.me.vitals.note_error(&crate::error::chain(&error));
        }
        life.cx.me.vitals.count_handled();
        drop(passage);
        Ok(())
    }
}
