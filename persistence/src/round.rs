//! Rounds: operations that wait at the same time share one transaction.
//!
//! On SQLite one connection writes, so whoever waits for it may as well go together: what is fixed about a transaction is
//! paid once for all of them. A round takes whoever waits at its beginning; who comes later waits for the next. If anything
//! in it fails, all of it is undone and each batch is tried alone. On PostgreSQL every operation has rounds of its own,
//! because there writers do not wait for each other.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::StoreError;
use crate::store::{Store, Tx};

/// How often a round lets others go first before it takes who has come: one transaction for all of those who are about to
/// come instead of one for the first.
const TURNS: usize = 3;

/// On whose behalf a batch is written.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    /// The Store of the first caller.
    pub(crate) store: Store,
    /// What is done, as errors name it.
    pub(crate) operation: &'static str,
}

/// Where callers of one operation wait.
pub(crate) trait Line: Send + Sync {
    /// The batch to serve next; `None` if nobody waits. A line where somebody is left joins again by itself.
    fn next(self: Arc<Self>) -> Option<Box<dyn Batch>>;
}

/// Callers of one operation that are served together.
pub(crate) trait Batch: Send {
    /// On whose behalf it is.
    fn stage(&self) -> &Stage;

    /// Writes it within a transaction and remembers what to answer.
    fn write<'a>(
        &'a mut self,
        tx: &'a mut Tx,
    ) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;

    /// Answers the callers: what was written is committed.
    fn committed(self: Box<Self>);

    /// Writes it in a transaction of its own, or each part in one, and answers the callers.
    fn alone(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// Who shares transactions with whom.
#[derive(Default)]
pub(crate) struct Round {
    hall: Mutex<Hall>,
}

#[derive(Default)]
struct Hall {
    lines: Vec<Arc<dyn Line>>,
    running: bool,
}

impl Round {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Takes a line into the next round.
    pub(crate) fn join(self: &Arc<Self>, line: Arc<dyn Line>) {
        let first = {
            let mut hall = self.hall();
            hall.lines.push(line);
            !std::mem::replace(&mut hall.running, true)
        };
        if first {
            // A task of its own: a caller that goes away does not stop the others.
            tokio::spawn(self.clone().serve());
        }
    }

    fn hall(&self) -> MutexGuard<'_, Hall> {
        self.hall.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(self: Arc<Self>) {
        loop {
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
            let lines = {
                let mut hall = self.hall();
                hall.running = !hall.lines.is_empty();
                std::mem::take(&mut hall.lines)
            };
            if lines.is_empty() {
                return;
            }
            let batches: Vec<_> = lines.into_iter().filter_map(Line::next).collect();
            serve_batches(batches).await;
        }
    }
}

async fn serve_batches(batches: Vec<Box<dyn Batch>>) {
    let left = match batches.len() {
        0 | 1 => batches,
        // A panic among them ends the transaction, and the callers of all learn that they were abandoned.
        _ => tokio::spawn(together(batches)).await.unwrap_or_default(),
    };
    for batch in left {
        batch.alone().await;
    }
}

/// Writes all batches in one transaction; returns them if that failed.
async fn together(mut batches: Vec<Box<dyn Batch>>) -> Vec<Box<dyn Batch>> {
    match write_all(&mut batches).await {
        Ok(()) => {
            batches.into_iter().for_each(Batch::committed);
            Vec::new()
        }
        Err(error) => {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "what was written together is tried apart"
            );
            batches
        }
    }
}

async fn write_all(batches: &mut [Box<dyn Batch>]) -> Result<(), StoreError> {
    let Some(first) = batches.first() else { return Ok(()) };
    let mut tx = first.stage().store.begin(first.stage().operation).await?;
    for batch in batches {
        tx.on_behalf_of(batch.stage());
        batch.write(&mut tx).await?;
        // What the next one reads must find what this one wrote.
        tx.run_last().await?;
    }
    tx.commit().await
}
