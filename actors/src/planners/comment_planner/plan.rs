//! One batch: snapshot, decisions, one transaction.

use domain::id::{PostId, ThreadMessageId};
use domain::job::Job;
use domain::planning;
use persistence::planning::{PlanOutcome, PlanSubject, PlanningSnapshot};
use persistence::queue::ClaimedJob;

use super::CommentPlanner;
use super::state::State;
use crate::error::ActorError;
use crate::queue::Work;
use crate::runtime::Cx;

/// Decides about everything in `work` and writes the decisions down.
pub(super) async fn plan(cx: &Cx<CommentPlanner>, state: &mut State, work: Work) -> Result<(), ActorError> {
    let (posts, messages) = subjects(&work.jobs);
    let now = cx.deps.now();
    let store = &cx.deps.store;
    let mut snapshot = store.planning_snapshot(cx.key, &posts, &messages, now).await?;
    state.forget(now);
    std::mem::swap(&mut snapshot.desk.ledgers, &mut state.ledgers);
    let outcomes: Vec<PlanOutcome> =
        work.jobs.iter().filter_map(|claimed| decide(cx, &mut snapshot, claimed)).collect();
    std::mem::swap(&mut snapshot.desk.ledgers, &mut state.ledgers);
    if let Err(error) = store.apply_plans(&cx.deps.settings.node, cx.key, &outcomes, now).await {
        // The promises above were not kept: remember only what the database does.
        *state = State::restore(store, cx.key, now).await?;
        return Err(error.into());
    }
    cx.deps.meters.planned(posts.into_iter());
    Ok(())
}

fn subjects(jobs: &[ClaimedJob]) -> (Vec<PostId>, Vec<ThreadMessageId>) {
    let mut posts = Vec::new();
    let mut messages = Vec::new();
    for claimed in jobs {
        match claimed.job {
            Job::PlanPost { post, .. } => posts.push(post),
            Job::PlanAnswer { message, .. } => messages.push(message),
            Job::WriteDraft { .. }
            | Job::SendComment { .. }
            | Job::ObserveComment { .. }
            | Job::AuditChannel { .. }
            | Job::Noop { .. } => {}
        }
    }
    (posts, messages)
}

/// `None` leaves the job to its lease: a subject that is not in the snapshot was removed with its channel meanwhile, and
/// its jobs go with it.
fn decide(
    cx: &Cx<CommentPlanner>,
    snapshot: &mut PlanningSnapshot,
    claimed: &ClaimedJob,
) -> Option<PlanOutcome> {
    let (now, seed) = (cx.deps.now(), cx.deps.settings.seed);
    let (subject, decision) = match claimed.job {
        Job::PlanPost { post, .. } => {
            let seen = snapshot.posts.get(&post)?;
            let decision = planning::opener(seen, &mut snapshot.desk, now, seed.derive("opener", post.get()));
            (PlanSubject::Opener(post), decision)
        }
        Job::PlanAnswer { message, .. } => {
            let seen = snapshot.messages.get(&message)?;
            let decision =
                planning::answer(seen, &mut snapshot.desk, now, seed.derive("answer", message.get()));
            (PlanSubject::Answer(message), decision)
        }
        Job::WriteDraft { .. }
        | Job::SendComment { .. }
        | Job::ObserveComment { .. }
        | Job::AuditChannel { .. }
        | Job::Noop { .. } => return None,
    };
    Some(PlanOutcome { lease: claimed.lease, subject, decision })
}
