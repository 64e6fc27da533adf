//! Claims what is due, as long as there is room and more of it.

use persistence::queue::Claim;

use super::state::State;
use super::{Dispatcher, route};
use crate::error::ActorError;
use crate::runtime::{Cx, Reply};
use crate::settings::Drive;

/// Claims batch after batch and hands them out; answers with the number of jobs.
pub(super) async fn claim(
    cx: &Cx<Dispatcher>,
    state: &mut State,
    reply: Reply<usize>,
) -> Result<(), ActorError> {
    let settings = &cx.deps.settings;
    let mut handed = 0;
    while !cx.deps.is_stopping() {
        let room = u32::try_from(state.outstanding.room(settings.outstanding)).unwrap_or(u32::MAX);
        let limit = room.min(settings.claim_batch);
        if limit == 0 {
            break;
        }
        let claim = Claim { node: &settings.node, limit, kinds: &[], lease: settings.lease };
        let jobs = cx.deps.store.claim(&claim, cx.deps.now()).await?;
        let claimed = jobs.len();
        handed += claimed;
        if claimed > 0 {
            route::hand_out(cx, state, jobs).await?;
        }
        if claimed < limit as usize {
            break;
        }
    }
    if settings.drive == Drive::Live {
        state.next_due.send_replace(cx.deps.store.next_due().await?);
    }
    reply.send(handed);
    Ok(())
}
