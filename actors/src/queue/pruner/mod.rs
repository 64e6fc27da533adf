//! Removes what was kept long enough: finished jobs, relayed events, the audit log, readers' texts.
//!
//! The loop is here, the work is [`run_once`]. Metrics and comments are not its business: they stay as long as their
//! project.

use domain::time::Timestamp;
use persistence::Store;
use persistence::maintenance::Retention;

use crate::deps::{Deps, Only};
use crate::error::ActorError;
use crate::runtime::{Cx, Kind, Named, Registry, Worker};
use crate::settings::Settings;

/// Rows removed by one transaction at most, so that nobody waits long for the database.
const BATCH: u32 = 5000;

/// The pruner.
pub(crate) struct Pruner;

/// What the pruner is told.
pub(crate) enum PrunerMessage {
    /// It is time to look.
    Tick,
}

/// Removes once; the number of rows.
pub(crate) async fn run_once(store: &Store, settings: &Settings, now: Timestamp) -> Result<u64, ActorError> {
    let before = now - settings.retention;
    let readers_text = now - settings.readers_text_retention;
    let retention = Retention { events: before, audit: before, readers_text };
    let mut removed = prune_jobs(store, before).await?;
    loop {
        let batch = store.prune(&retention, BATCH).await?;
        removed += batch;
        if batch < u64::from(BATCH) {
            return Ok(removed);
        }
    }
}

async fn prune_jobs(store: &Store, before: Timestamp) -> Result<u64, ActorError> {
    let mut removed = 0;
    loop {
        let batch = store.prune_jobs(before, BATCH).await?;
        removed += batch;
        if batch < u64::from(BATCH) {
            return Ok(removed);
        }
    }
}

impl Worker for Pruner {
    const KIND: Kind = Kind::Pruner;
    const GROUP: Kind = Kind::Queue;
    type Key = Only;
    type Message = PrunerMessage;
    type State = ();

    fn registry(deps: &Deps) -> &Registry<Only, PrunerMessage> {
        &deps.directory.pruner
    }

    async fn roster(_: &Deps) -> Result<Vec<Only>, ActorError> {
        Ok(vec![Only])
    }

    async fn start(cx: &Cx<Self>) -> Result<(), ActorError> {
        cx.cast_after(cx.deps.settings.prune_every, PrunerMessage::Tick);
        Ok(())
    }

    async fn handle(cx: &Cx<Self>, (): &mut (), message: PrunerMessage) -> Result<(), ActorError> {
        match message {
            PrunerMessage::Tick => {
                cx.cast_after(cx.deps.settings.prune_every, PrunerMessage::Tick);
                let removed = run_once(&cx.deps.store, &cx.deps.settings, cx.deps.now()).await?;
                tracing::debug!(removed, "pruned");
                Ok(())
            }
        }
    }
}

impl Named for PrunerMessage {
    fn name(&self) -> &'static str {
        match self {
            Self::Tick => "tick",
        }
    }
}
