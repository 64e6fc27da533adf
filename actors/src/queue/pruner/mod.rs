//! Removes what was kept long enough: finished jobs, relayed events, the audit log, readers' texts, and sessions that ended. And what belonged to
//! projects that were deleted, one bounded step a message, so that a stop never waits for the rest of it.
//!
//! The loop is here, the work is [`run_once`]. How long things are kept is a setting, or what the process was configured with.
//! Metrics and comments are not its business: they stay as long as their project.

use std::time::Duration;

use domain::setting::Setting;
use domain::time::Timestamp;
use persistence::Store;
use persistence::maintenance::Retention;
use persistence::people::Erased;

use crate::deps::{Deps, Only};
use crate::error::ActorError;
use crate::runtime::{Cx, Kind, Named, Registry, Worker};
use crate::settings::Settings;

/// Rows removed by one transaction at most, so that nobody waits long for the database.
const BATCH: u32 = 5000;

/// Rows of a deleted project removed by one transaction, about: each takes others along.
const ERASED_AT_ONCE: u32 = 1000;

/// The pruner.
pub(crate) struct Pruner;

/// What the pruner is told.
pub(crate) enum PrunerMessage {
    /// It is time to look.
    Tick,
    /// A project was deleted, or there is more of one to remove.
    Erase,
}

/// Removes once; the number of rows.
pub(crate) async fn run_once(store: &Store, settings: &Settings, now: Timestamp) -> Result<u64, ActorError> {
    let before = now - kept_for(store, Setting::RecordsDays, settings.retention).await?;
    let readers_text =
        now - kept_for(store, Setting::ReadersTextDays, settings.readers_text_retention).await?;
    let retention = Retention { events: before, audit: before, readers_text };
    let mut removed = prune_jobs(store, before).await? + store.prune_access(now, BATCH).await?;
    loop {
        let batch = store.prune(&retention, BATCH).await?;
        removed += batch;
        if batch < u64::from(BATCH) {
            return Ok(removed);
        }
    }
}

/// How long something is kept: as set, or else as configured.
async fn kept_for(store: &Store, setting: Setting, configured: Duration) -> Result<Duration, ActorError> {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    Ok(store.setting_value(setting).await?.map_or(configured, |days| DAY * days))
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
        // A deletion may have been broken off.
        cx.me.cast(PrunerMessage::Erase)
    }

    async fn handle(cx: &Cx<Self>, (): &mut (), message: PrunerMessage) -> Result<(), ActorError> {
        match message {
            PrunerMessage::Tick => {
                cx.cast_after(cx.deps.settings.prune_every, PrunerMessage::Tick);
                let removed = run_once(&cx.deps.store, &cx.deps.settings, cx.deps.now()).await?;
                tracing::debug!(removed, "pruned");
                cx.me.cast(PrunerMessage::Erase)
            }
            PrunerMessage::Erase => match cx.deps.store.erase_some(ERASED_AT_ONCE).await? {
                Erased::Nothing => Ok(()),
                Erased::Rows(_) => cx.me.cast(PrunerMessage::Erase),
                Erased::Project(project) => {
                    tracing::info!(%project, "nothing of a deleted project is left");
                    cx.me.cast(PrunerMessage::Erase)
                }
            },
        }
    }
}

impl Named for PrunerMessage {
    fn name(&self) -> &'static str {
        match self {
            Self::Tick => "tick",
            Self::Erase => "erase",
        }
    }
}
