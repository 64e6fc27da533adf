//! How time passes in a demo: either a clock runs some times faster than the machine's, or it jumps from one due thing to
//! the next as fast as the work gets done.

use std::sync::Arc;
use std::time::Duration;

use actors::clock::{ScaledClock, Timer, VirtualClock};
use actors::{Stepper, Traffic};
use domain::time::Clock as _;

use super::doorway::Doorway;
use super::show::Show;
use crate::error::AppError;
use crate::signals::Signals;

/// Due things that lie closer together than this are done together.
pub(super) const STEP: Duration = Duration::from_secs(300);

/// How often the people look around while the clock runs, in real time.
const LOOK_AROUND: Duration = Duration::from_millis(200);

/// How a drive ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Everything that was to happen has happened.
    Complete,
    /// Somebody asked to stop.
    Stopped,
}

/// Jumps until the demo is over or somebody asks to stop.
///
/// # Errors
/// When the Store does not answer.
pub(crate) async fn jump(
    show: &mut Show,
    clock: &Arc<VirtualClock>,
    door: &Doorway,
    signals: &mut Signals,
) -> Result<End, AppError> {
    let system = show.system.clone();
    let stepper = Stepper::new(&system, clock.clone());
    loop {
        tokio::select! {
            biased;
            () = signals.stop_asked() => return Ok(End::Stopped),
            settled = stepper.settle(|| door.pending()) => settled?,
        }
        let now = clock.now();
        if show.look_around(now).await? {
            return Ok(End::Complete);
        }
        let outside = [show.world.next_event_at(), show.people.next_at()].into_iter().flatten().min();
        let next = stepper.next(outside).await?.unwrap_or(now + STEP).max(now);
        let to = next.round_up(STEP);
        stepper.advance(to);
        show.world.advance(to);
    }
}

/// Lets the clock run until the demo is over or somebody asks to stop.
///
/// # Errors
/// When the Store does not answer.
pub(crate) async fn run(
    show: &mut Show,
    clock: &Arc<ScaledClock>,
    signals: &mut Signals,
) -> Result<End, AppError> {
    let world = show.world.clone();
    let happenings = tokio::spawn({
        let clock = clock.clone();
        async move {
            let traffic = Traffic::new();
            while let Some(at) = world.next_event_at() {
                drop(clock.until(at, &traffic).await);
                world.advance(clock.now());
            }
        }
    });
    let end = loop {
        tokio::select! {
            () = signals.stop_asked() => break End::Stopped,
            () = tokio::time::sleep(LOOK_AROUND) => {}
        }
        if show.look_around(clock.now()).await? {
            break End::Complete;
        }
    };
    happenings.abort();
    Ok(end)
}
