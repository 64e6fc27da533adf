//! Which actor a job is for.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::id::{AccountId, ChannelId, ProjectId};
use domain::job::Job;
use persistence::queue::{ClaimedJob, Lease};

use super::Dispatcher;
use super::state::State;
use crate::accounts::AccountMessage;
use crate::channels::WatcherMessage;
use crate::error::ActorError;
use crate::observers::{ObserverMessage, Shard};
use crate::planners::PlannerMessage;
use crate::queue::Work;
use crate::runtime::Cx;
use crate::writers::{Desk, WriterMessage};

/// How long a job waits for an actor that is not there.
const ABSENT_ACTOR_DELAY: Duration = Duration::from_secs(5);

/// How many drafts a writer gets before it is the next one's turn: what is stored together costs little more than one.
const DRAFTS_PER_TURN: usize = 32;

/// The actor a job is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Account(AccountId),
    Planner(ProjectId),
    Writer(Desk),
    Watcher(ChannelId),
    Observer(Shard),
    Nobody,
}

/// Hands claimed jobs out, one message for each actor concerned; what nobody is there for goes back.
pub(super) async fn hand_out(
    cx: &Cx<Dispatcher>,
    state: &mut State,
    jobs: Vec<ClaimedJob>,
) -> Result<(), ActorError> {
    let mut by_target: BTreeMap<Target, Vec<ClaimedJob>> = BTreeMap::new();
    for claimed in jobs {
        by_target.entry(target(cx, state, &claimed.job)).or_default().push(claimed);
    }
    let mut absent = Vec::new();
    let mut noops = Vec::new();
    for (target, jobs) in by_target {
        if target == Target::Nobody {
            noops.extend(jobs.iter().map(|claimed| claimed.lease));
        } else {
            absent.extend(hand_to(cx, state, target, jobs));
        }
    }
    let (store, node, now) = (&cx.deps.store, &cx.deps.settings.node, cx.deps.now());
    if !noops.is_empty() {
        store.finish(node, &noops, now).await?;
    }
    if !absent.is_empty() {
        let later: Vec<_> = absent.into_iter().map(|lease| (lease, now + ABSENT_ACTOR_DELAY)).collect();
        store.reschedule(node, &later).await?;
    }
    Ok(())
}

fn target(cx: &Cx<Dispatcher>, state: &mut State, job: &Job) -> Target {
    match job {
        Job::PlanPost { project, .. } | Job::PlanAnswer { project, .. } => Target::Planner(*project),
        Job::WriteDraft { .. } => {
            state.turn = state.turn.wrapping_add(1);
            Target::Writer(Desk::of_turn(state.turn / DRAFTS_PER_TURN, cx.deps.settings.writers))
        }
        Job::SendComment { account, .. } => Target::Account(*account),
        Job::ObserveComment { channel, .. } => Target::Observer(Shard::of(*channel)),
        Job::AuditChannel { channel } => Target::Watcher(*channel),
        Job::Noop { .. } => Target::Nobody,
    }
}

/// Gives the leases back when the actor is not there.
fn hand_to(cx: &Cx<Dispatcher>, state: &State, target: Target, jobs: Vec<ClaimedJob>) -> Vec<Lease> {
    let directory = &cx.deps.directory;
    let leases: Vec<Lease> = jobs.iter().map(|claimed| claimed.lease).collect();
    let work = Work::new(jobs, &state.outstanding);
    let handed = match target {
        Target::Account(id) => directory.accounts.find(id).map(|to| to.cast(AccountMessage::Send(work))),
        Target::Planner(id) => directory.planners.find(id).map(|to| to.cast(PlannerMessage::Plan(work))),
        Target::Writer(desk) => directory.writers.find(desk).map(|to| to.cast(WriterMessage::Write(work))),
        Target::Watcher(id) => directory.watchers.find(id).map(|to| to.cast(WatcherMessage::Audit(work))),
        Target::Observer(id) => directory.observers.find(id).map(|to| to.cast(ObserverMessage::Look(work))),
        Target::Nobody => None,
    };
    if matches!(handed, Some(Ok(()))) { Vec::new() } else { leases }
}
