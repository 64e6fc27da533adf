//! Starts the members of one group, brings back those that crash, and tells how they are.
//!
//! A supervisor does no work of its own, so there is little in it that can crash; if it does, the root starts another,
//! which reads its roster anew. Restarts are messages to itself after the child's backoff, by the clock. Who belongs to a
//! group and how each is started is its [`Staff`]; the root is a supervisor whose members are supervisors.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ractor::{Actor, ActorCell, ActorId, ActorProcessingErr, ActorRef, SupervisionEvent};
use tokio::sync::oneshot;

use super::policy::{History, Kind, Verdict};
use super::shell::{Shell, Start, Worker};
use super::tree::{Status, TreeNode};
use super::vitals::Vitals;
use crate::deps::Deps;
use crate::error::ActorError;

/// Who belongs to a group.
pub(crate) trait Staff: Sized + Send + Sync + 'static {
    /// The group's own kind.
    const GROUP: Kind;
    /// What tells members apart.
    type Key: Copy + Eq + Hash + Display + Send + Sync + 'static;

    /// What a member is.
    fn kind(key: Self::Key) -> Kind;

    /// Who must be there when the group starts.
    fn roster(deps: &Deps) -> impl Future<Output = Result<Vec<Self::Key>, ActorError>> + Send;

    /// Starts a member below `supervisor`.
    fn hire(
        key: Self::Key,
        deps: Arc<Deps>,
        vitals: Arc<Vitals>,
        supervisor: ActorCell,
    ) -> impl Future<Output = Result<ActorCell, ActorError>> + Send;

    /// A member is gone: nobody should find it any more.
    fn leave(key: Self::Key, deps: &Deps);
}

/// The staff of a group whose members are all of one kind.
pub(crate) struct Of<W>(PhantomData<W>);

impl<W: Worker> Staff for Of<W> {
    const GROUP: Kind = W::GROUP;
    type Key = W::Key;

    fn kind(_: W::Key) -> Kind {
        W::KIND
    }

    async fn roster(deps: &Deps) -> Result<Vec<W::Key>, ActorError> {
        W::roster(deps).await
    }

    async fn hire(
        key: W::Key,
        deps: Arc<Deps>,
        vitals: Arc<Vitals>,
        supervisor: ActorCell,
    ) -> Result<ActorCell, ActorError> {
        let start = Start { deps, key, vitals };
        match Shell::<W>::spawn_linked(None, Shell::new(), start, supervisor).await {
            Ok((actor, _)) => Ok(actor.get_cell()),
            Err(error) => Err(ActorError::Start(error.to_string())),
        }
    }

    fn leave(key: W::Key, deps: &Deps) {
        W::registry(deps).leave(key);
    }
}

/// The supervisor of one group.
pub(crate) struct Supervisor<S>(PhantomData<S>);

/// What a supervisor is told and asked.
pub(crate) enum SupervisorMessage<K> {
    /// Read the roster again and start whoever is new.
    Enrol(oneshot::Sender<()>),
    /// A backoff or a rest is over.
    Revive(K),
    /// How are they?
    Describe(oneshot::Sender<Vec<TreeNode>>),
    /// Let the one of this name finish what it has in hand, and start it anew.
    Restart(String, oneshot::Sender<Option<TreeNode>>),
    /// Let each finish what it has in hand, then stop it.
    Drain(oneshot::Sender<()>),
}

/// A supervisor, whatever its members are.
#[async_trait]
pub(crate) trait Group: Send + Sync + 'static {
    /// Starts members that are new on the roster.
    async fn enrol(&self);
    /// Describes the members; none if the supervisor is gone.
    async fn describe(&self) -> Vec<TreeNode>;
    /// Starts the member of this name anew and describes it; `None` if there is none, or the supervisor is gone.
    async fn restart(&self, name: String) -> Option<TreeNode>;
    /// Drains the members.
    async fn drain(&self);
}

#[async_trait]
impl<K: Send + 'static> Group for ActorRef<SupervisorMessage<K>> {
    async fn enrol(&self) {
        let (done, finished) = oneshot::channel();
        if self.send_message(SupervisorMessage::Enrol(done)).is_ok() {
            drop(finished.await);
        }
    }

    async fn describe(&self) -> Vec<TreeNode> {
        let (reply, answer) = oneshot::channel();
        match self.send_message(SupervisorMessage::Describe(reply)) {
            Ok(()) => answer.await.unwrap_or_default(),
            Err(_) => Vec::new(),
        }
    }

    async fn restart(&self, name: String) -> Option<TreeNode> {
        let (reply, answer) = oneshot::channel();
        self.send_message(SupervisorMessage::Restart(name, reply)).ok()?;
        answer.await.ok()?
    }

    async fn drain(&self) {
        let (done, finished) = oneshot::channel();
        if self.send_message(SupervisorMessage::Drain(done)).is_ok() {
            drop(finished.await);
        }
    }
}

struct Child {
    actor: Option<ActorCell>,
    vitals: Arc<Vitals>,
    history: History,
    status: Status,
}

/// The members by key and by ractor's id.
pub(crate) struct Members<K> {
    deps: Arc<Deps>,
    by_key: HashMap<K, Child>,
    by_actor: HashMap<ActorId, K>,
    draining: bool,
}

type Me<S> = ActorRef<SupervisorMessage<<S as Staff>::Key>>;

impl<S: Staff> Supervisor<S> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }

    async fn bring(me: &Me<S>, members: &mut Members<S::Key>, key: S::Key) {
        let child = members.by_key.entry(key).or_insert_with(|| Child {
            actor: None,
            vitals: Arc::default(),
            history: History::default(),
            status: Status::Restarting,
        });
        match S::hire(key, members.deps.clone(), child.vitals.clone(), me.get_cell()).await {
            Ok(actor) => {
                child.status = Status::Running;
                members.by_actor.insert(actor.get_id(), key);
                child.actor = Some(actor);
            }
            Err(error) => Self::crashed(me, members, key, &error.to_string()),
        }
    }

    fn crashed(me: &Me<S>, members: &mut Members<S::Key>, key: S::Key, error: &str) {
        S::leave(key, &members.deps);
        let Some(child) = members.by_key.get_mut(&key) else { return };
        child.actor = None;
        child.vitals.note_error(error);
        child.vitals.count_restart();
        let wait = match child.history.crash(&S::kind(key).policy(), members.deps.now()) {
            Verdict::Restart(wait) => {
                child.status = Status::Restarting;
                wait
            }
            Verdict::Rest(wait) => {
                child.status = Status::Resting;
                wait
            }
        };
        tracing::error!(actor = S::kind(key).as_str(), %key, error, back_in = ?wait, "an actor crashed");
        revive_later(me.clone(), members.deps.clone(), key, wait);
    }

    /// Starts a member anew because a person wants it: what it has in hand is finished first, within its grace, and what
    /// went wrong before is not held against it any more.
    async fn restart(me: &Me<S>, members: &mut Members<S::Key>, name: &str) -> Option<TreeNode> {
        let key = members.by_key.keys().copied().find(|key| self::name::<S>(*key) == name)?;
        let child = members.by_key.get_mut(&key)?;
        child.history = History::default();
        child.vitals.count_restart();
        if let Some(actor) = child.actor.take() {
            members.by_actor.remove(&actor.get_id());
            if actor.drain_and_wait(Some(S::kind(key).policy().grace)).await.is_err() {
                actor.kill();
            }
            S::leave(key, &members.deps);
        }
        tracing::info!(actor = S::kind(key).as_str(), %key, "an actor is started anew, as a person asked");
        Self::bring(me, members, key).await;
        members.by_key.get(&key).map(|child| describe_one::<S>(name.to_owned(), key, child))
    }

    async fn enrol(me: &Me<S>, members: &mut Members<S::Key>) {
        match S::roster(&members.deps).await {
            Ok(roster) => {
                for key in roster {
                    if !members.by_key.contains_key(&key) {
                        Self::bring(me, members, key).await;
                    }
                }
            }
            Err(error) => tracing::error!(group = S::GROUP.as_str(), %error, "the roster could not be read"),
        }
    }
}

/// Sends `Revive` after `wait`, by the clock.
fn revive_later<K: Send + 'static>(
    me: ActorRef<SupervisorMessage<K>>,
    deps: Arc<Deps>,
    key: K,
    wait: Duration,
) {
    let at = deps.now() + wait;
    tokio::spawn(async move {
        let flight = deps.clock.until(at, &deps.traffic).await;
        // A supervisor that is gone meanwhile has left its members to its successor.
        drop(me.send_message(SupervisorMessage::Revive(key)));
        drop(flight);
    });
}

impl<S: Staff> Actor for Supervisor<S> {
    type Msg = SupervisorMessage<S::Key>;
    type State = Members<S::Key>;
    type Arguments = Arc<Deps>;

    async fn pre_start(&self, me: Me<S>, deps: Arc<Deps>) -> Result<Self::State, ActorProcessingErr> {
        let roster = S::roster(&deps).await?;
        let mut members = Members {
            by_key: HashMap::with_capacity(roster.len()),
            by_actor: HashMap::with_capacity(roster.len()),
            deps,
            draining: false,
        };
        for key in roster {
            Self::bring(&me, &mut members, key).await;
        }
        members.deps.directory.enter_group(S::GROUP, Arc::new(me));
        Ok(members)
    }

    async fn handle(
        &self,
        me: Me<S>,
        message: Self::Msg,
        members: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            SupervisorMessage::Enrol(done) => {
                if !members.draining {
                    Self::enrol(&me, members).await;
                }
                // Whoever asked may be gone.
                let _ = done.send(());
            }
            SupervisorMessage::Revive(key) => {
                let down = members.by_key.get(&key).is_some_and(|child| child.actor.is_none());
                if down && !members.draining {
                    Self::bring(&me, members, key).await;
                }
            }
            SupervisorMessage::Describe(reply) => drop(reply.send(describe::<S>(members))),
            SupervisorMessage::Restart(name, reply) => {
                let restarted =
                    if members.draining { None } else { Self::restart(&me, members, &name).await };
                drop(reply.send(restarted));
            }
            SupervisorMessage::Drain(done) => {
                members.draining = true;
                drain::<S>(members).await;
                // Whoever asked may be gone.
                let _ = done.send(());
            }
        }
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        me: Me<S>,
        event: SupervisionEvent,
        members: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let (actor, error) = match event {
            SupervisionEvent::ActorFailed(actor, error) => (actor, error.to_string()),
            SupervisionEvent::ActorTerminated(actor, _, reason) => {
                (actor, reason.unwrap_or_else(|| "stopped unasked".to_owned()))
            }
            SupervisionEvent::ActorStarted(_) | SupervisionEvent::ProcessGroupChanged(_) => return Ok(()),
        };
        let Some(key) = members.by_actor.remove(&actor.get_id()) else { return Ok(()) };
        if !members.draining {
            Self::crashed(&me, members, key, &error);
        }
        Ok(())
    }
}

/// Lets every member finish its mailbox, all together, each within its grace; what is left then is killed, and what it
/// held comes back when its lease ends.
async fn drain<S: Staff>(members: &mut Members<S::Key>) {
    let deps = members.deps.clone();
    let leaving = members.by_key.iter_mut().filter_map(|(key, child)| {
        child.status = Status::Stopped;
        Some((*key, child.actor.take()?))
    });
    let drained = leaving.map(|(key, actor)| async move {
        let outcome = actor.drain_and_wait(Some(S::kind(key).policy().grace)).await;
        (key, actor, outcome)
    });
    for (key, actor, outcome) in futures::future::join_all(drained).await {
        if outcome.is_err() {
            actor.kill();
        }
        S::leave(key, &deps);
    }
}

fn describe<S: Staff>(members: &Members<S::Key>) -> Vec<TreeNode> {
    let by_name: BTreeMap<String, (S::Key, &Child)> =
        members.by_key.iter().map(|(key, child)| (name::<S>(*key), (*key, child))).collect();
    by_name.into_iter().map(|(name, (key, child))| describe_one::<S>(name, key, child)).collect()
}

fn describe_one<S: Staff>(name: String, key: S::Key, child: &Child) -> TreeNode {
    TreeNode {
        name,
        kind: S::kind(key),
        status: child.status,
        restarts: child.vitals.restarts(),
        mailbox_depth: child.vitals.depth(),
        handled: child.vitals.handled(),
        last_error: child.vitals.last_error(),
        children: Vec::new(),
    }
}

/// The kind alone where the key says no more.
fn name<S: Staff>(key: S::Key) -> String {
    let (kind, key) = (S::kind(key).as_str(), key.to_string());
    if kind == key { key } else { format!("{kind}:{key}") }
}
