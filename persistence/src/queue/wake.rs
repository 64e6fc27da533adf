//! Hearing from the other processes on a PostgreSQL that they made jobs due, or told events.
//!
//! The statements that do so notify the channel `beseda_jobs` or `beseda_events` when they commit. One connection of each
//! Store listens, from the first call of [`crate::Store::wakes`] or [`crate::Store::tells`] until the Store is gone. When it
//! breaks it is made anew, and everything that may have been missed counts as one wake. A wake is a hint: it may come twice
//! or for nothing, and whoever waits for one also looks when [`crate::Store::next_due`] says so.

use std::time::Duration;

use sea_orm::sqlx;
use sea_orm::sqlx::postgres::{PgListener, PgPool, PgPoolOptions};
use tokio::sync::watch;
use tokio::task::JoinSet;

const JOBS: &str = "beseda_jobs";

const EVENTS: &str = "beseda_events";

/// What changes when there is something new.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bells {
    /// There are jobs that were not due before.
    pub(crate) jobs: watch::Sender<u64>,
    /// There are new events.
    pub(crate) events: watch::Sender<u64>,
}

/// How long to wait before a broken connection is made anew.
const PAUSE: Duration = Duration::from_secs(1);

/// The task that listens; it ends with this value.
#[derive(Debug)]
pub(crate) struct Listener {
    _task: JoinSet<()>,
}

impl Listener {
    /// Begins to listen with a connection of its own, made like those of `pool`. Needs a tokio runtime.
    pub(crate) fn start(pool: &PgPool, bells: Bells) -> Self {
        let options = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
        let own = options.connect_lazy_with((*pool.connect_options()).clone());
        let mut task = JoinSet::new();
        task.spawn(listen(own, bells));
        Self { _task: task }
    }
}

async fn listen(pool: PgPool, bells: Bells) {
    loop {
        if let Err(error) = listen_once(&pool, &bells).await {
            tracing::warn!(%error, "other processes' jobs are noticed late: the connection that listens for them broke");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Listens until the connection breaks.
async fn listen_once(pool: &PgPool, bells: &Bells) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen_all([JOBS, EVENTS]).await?;
    bump(&bells.jobs);
    bump(&bells.events);
    while let Some(heard) = listener.try_recv().await? {
        bump(if heard.channel() == EVENTS { &bells.events } else { &bells.jobs });
    }
    Ok(())
}

/// Lets every receiver of the channel see a change.
pub(crate) fn bump(wakes: &watch::Sender<u64>) {
    wakes.send_modify(|count| *count = count.wrapping_add(1));
}
