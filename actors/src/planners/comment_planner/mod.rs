//! Decides, for one project, which posts get an opener and which readers an answer.
//!
//! The deciding is `domain::planning`; here a batch of jobs becomes a snapshot, the snapshot decisions, and the decisions
//! one transaction. The planner remembers what each account has promised ([`State`]); it is the only one in its project
//! who promises, so the memory is exact, and after a crash it is read back from the comments that wait.

mod message;
mod plan;
mod state;

pub(crate) use message::PlannerMessage;

use domain::id::ProjectId;

use crate::deps::Deps;
use crate::error::ActorError;
use crate::runtime::{Cx, Kind, Registry, Worker};
use state::State;

/// The planner of one project.
pub(crate) struct CommentPlanner;

impl Worker for CommentPlanner {
    const KIND: Kind = Kind::CommentPlanner;
    const GROUP: Kind = Kind::Planners;
    type Key = ProjectId;
    type Message = PlannerMessage;
    type State = State;

    fn registry(deps: &Deps) -> &Registry<ProjectId, PlannerMessage> {
        &deps.directory.planners
    }

    async fn roster(deps: &Deps) -> Result<Vec<ProjectId>, ActorError> {
        Ok(deps.store.projects_to_plan().await?)
    }

    async fn start(cx: &Cx<Self>) -> Result<State, ActorError> {
        State::restore(&cx.deps.store, cx.key, cx.deps.now()).await
    }

    async fn handle(cx: &Cx<Self>, state: &mut State, message: PlannerMessage) -> Result<(), ActorError> {
        match message {
            PlannerMessage::Plan(work) => plan::plan(cx, state, work).await,
        }
    }
}
