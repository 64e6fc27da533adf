//! Frees jobs whose leases ended, and closes windows that passed.
//!
//! The loop is here, the work is [`run_once`]: it can be called without an actor around it. Running it twice at once, on
//! two nodes, does no harm.

use domain::time::Timestamp;
use persistence::Store;

use crate::deps::{Deps, Only};
use crate::error::ActorError;
use crate::runtime::{Cx, Kind, Named, Registry, Worker};

/// Rows changed by one statement at most, so that nobody waits long for the database.
const BATCH: u32 = 1000;

/// The rescuer.
pub(crate) struct Rescuer;

/// What the rescuer is told.
pub(crate) enum RescuerMessage {
    /// It is time to look.
    Tick,
}

/// What one look did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    /// Jobs that are ready again.
    pub(crate) rescued: u64,
    /// Comments whose window had passed.
    pub(crate) expired: u64,
}

/// Looks once.
pub(crate) async fn run_once(store: &Store, now: Timestamp) -> Result<Report, ActorError> {
    let rescued = store.rescue(now).await?;
    let mut expired = 0;
    loop {
        let batch = store.expire_comments(now, BATCH).await?;
        expired += batch;
        if batch < u64::from(BATCH) {
            return Ok(Report { rescued, expired });
        }
    }
}

impl Worker for Rescuer {
    const KIND: Kind = Kind::Rescuer;
    const GROUP: Kind = Kind::Queue;
    type Key = Only;
    type Message = RescuerMessage;
    type State = ();

    fn registry(deps: &Deps) -> &Registry<Only, RescuerMessage> {
        &deps.directory.rescuer
    }

    async fn roster(_: &Deps) -> Result<Vec<Only>, ActorError> {
        Ok(vec![Only])
    }

    async fn start(cx: &Cx<Self>) -> Result<(), ActorError> {
        cx.me.cast(RescuerMessage::Tick)
    }

    async fn handle(cx: &Cx<Self>, (): &mut (), message: RescuerMessage) -> Result<(), ActorError> {
        match message {
            RescuerMessage::Tick => {
                cx.cast_after(cx.deps.settings.rescue_every, RescuerMessage::Tick);
                let report = run_once(&cx.deps.store, cx.deps.now()).await?;
                if report.rescued > 0 {
                    tracing::info!(?report, "jobs of dead hands are ready again");
                }
                Ok(())
            }
        }
    }
}

impl Named for RescuerMessage {
    fn name(&self) -> &'static str {
        match self {
            Self::Tick => "tick",
        }
    }
}
