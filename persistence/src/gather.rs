//! Group commit: callers of one operation that come one at a time are taken together.
//!
//! Those who come while others are served wait in a line; what stands in it then is one batch, up to a bound. Batches of
//! several operations share a transaction in a [`Round`]. If what was tried together fails, each caller's part is tried
//! alone, so that a part that cannot be written harms only its own caller.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::time::Timestamp;
use tokio::sync::oneshot;

use crate::error::StoreError;
use crate::round::{Batch, Line, Round, Stage};
use crate::store::{Store, Tx};

/// The most items of a batch, unless one caller alone brings more.
const BOUND: usize = 512;

type Answer<O> = Result<Vec<O>, StoreError>;
type Running<'a, O> = Pin<Box<dyn Future<Output = Answer<O>> + Send + 'a>>;

/// Writes items for a node at a time within a transaction, and answers each in order.
pub(crate) type Write<I, O> = for<'a> fn(&'a mut Tx, Arc<str>, Arc<Vec<I>>, Timestamp) -> Running<'a, O>;

/// Answers each of the items, in order, from what is committed.
pub(crate) type Read<I, O> = fn(Store, Arc<Vec<I>>, Timestamp) -> Running<'static, O>;

enum Apply<I, O> {
    Write(Write<I, O>),
    Read(Read<I, O>),
}

impl<I, O> Clone for Apply<I, O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I, O> Copy for Apply<I, O> {}

/// Where the callers of one operation meet.
pub(crate) struct Gather<I, O> {
    operation: &'static str,
    apply: Apply<I, O>,
    round: Arc<Round>,
    parts: Mutex<Parts<I, O>>,
}

struct Parts<I, O> {
    waiting: VecDeque<Part<I, O>>,
    /// Whether the round knows that somebody waits here.
    announced: bool,
}

struct Part<I, O> {
    store: Store,
    node: Arc<str>,
    items: Vec<I>,
    now: Timestamp,
    answer: oneshot::Sender<Answer<O>>,
}

impl<I, O> std::fmt::Debug for Gather<I, O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gather").field("operation", &self.operation).finish_non_exhaustive()
    }
}

impl<I: Clone + Send + Sync + 'static, O: Send + 'static> Gather<I, O> {
    /// Of an operation that writes, in the transactions of `round`.
    pub(crate) fn writing(round: &Arc<Round>, operation: &'static str, write: Write<I, O>) -> Arc<Self> {
        Self::new(round.clone(), operation, Apply::Write(write))
    }

    /// Of an operation that only reads: it needs no transaction and waits for none.
    pub(crate) fn reading(operation: &'static str, read: Read<I, O>) -> Arc<Self> {
        Self::new(Round::new(), operation, Apply::Read(read))
    }

    fn new(round: Arc<Round>, operation: &'static str, apply: Apply<I, O>) -> Arc<Self> {
        let parts = Mutex::new(Parts { waiting: VecDeque::new(), announced: false });
        Arc::new(Self { operation, apply, round, parts })
    }

    /// Applies `items`, together with those of others. Only callers of the same node share a batch.
    pub(crate) async fn run(
        self: &Arc<Self>,
        store: &Store,
        node: &str,
        items: &[I],
        now: Timestamp,
    ) -> Answer<O> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let (answer, answered) = oneshot::channel();
        let part = Part { store: store.clone(), node: node.into(), items: items.to_vec(), now, answer };
        let first = {
            let mut parts = self.parts();
            parts.waiting.push_back(part);
            !std::mem::replace(&mut parts.announced, true)
        };
        if first {
            self.round.join(self.clone());
        }
        answered.await.unwrap_or(Err(StoreError::Abandoned { operation: self.operation }))
    }

    fn parts(&self) -> MutexGuard<'_, Parts<I, O>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<I: Clone + Send + Sync + 'static, O: Send + 'static> Line for Gather<I, O> {
    fn next(self: Arc<Self>) -> Option<Box<dyn Batch>> {
        let mut line = self.parts();
        let first = line.waiting.pop_front()?;
        let mut size = first.items.len();
        let mut parts = vec![first];
        while let Some(next) = line.waiting.front() {
            size += next.items.len();
            if size > BOUND || next.node != parts[0].node {
                break;
            }
            parts.extend(line.waiting.pop_front());
        }
        line.announced = !line.waiting.is_empty();
        if line.announced {
            self.round.join(self.clone());
        }
        let now = parts.iter().map(|part| part.now).max()?;
        let (store, node) = (parts[0].store.clone(), parts[0].node.clone());
        let items = Arc::new(parts.iter().flat_map(|part| part.items.clone()).collect());
        let stage = Stage { store, operation: self.operation };
        Some(Box::new(Taken { stage, apply: self.apply, node, items, now, parts, answers: None }))
    }
}

/// The parts of one batch.
struct Taken<I, O> {
    stage: Stage,
    apply: Apply<I, O>,
    node: Arc<str>,
    items: Arc<Vec<I>>,
    now: Timestamp,
    parts: Vec<Part<I, O>>,
    /// What to answer if what was written is committed.
    answers: Option<Vec<O>>,
}

impl<I: Clone + Send + Sync + 'static, O: Send + 'static> Batch for Taken<I, O> {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn write<'a>(
        &'a mut self,
        tx: &'a mut Tx,
    ) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>> {
        Box::pin(async move {
            let (node, items) = (self.node.clone(), self.items.clone());
            let answers = match self.apply {
                Apply::Write(write) => write(tx, node, items, self.now).await?,
                Apply::Read(read) => read(self.stage.store.clone(), items, self.now).await?,
            };
            self.answers = Some(answers);
            Ok(())
        })
    }

    fn committed(self: Box<Self>) {
        let mut answers = self.answers.into_iter().flatten();
        for part in self.parts {
            let answer = answers.by_ref().take(part.items.len()).collect();
            // Whoever has gone away does not need an answer.
            drop(part.answer.send(Ok(answer)));
        }
    }

    fn alone(mut self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            let together = attempt(self.apply, &self.stage, &self.node, &self.items, self.now).await;
            match together {
                Ok(answers) => {
                    self.answers = Some(answers);
                    self.committed();
                }
                Err(error) if self.parts.len() == 1 => {
                    self.parts.pop().map(|part| part.answer.send(Err(error)));
                }
                Err(_) => {
                    for part in self.parts {
                        let own = Arc::new(part.items);
                        let answer = attempt(self.apply, &self.stage, &part.node, &own, part.now).await;
                        drop(part.answer.send(answer));
                    }
                }
            }
        })
    }
}

/// One transaction, in a task of its own so that a panic ends it and nothing else.
async fn attempt<I: Send + Sync + 'static, O: Send + 'static>(
    apply: Apply<I, O>,
    stage: &Stage,
    node: &Arc<str>,
    items: &Arc<Vec<I>>,
    now: Timestamp,
) -> Answer<O> {
    let (store, operation) = (stage.store.clone(), stage.operation);
    let (node, items) = (node.clone(), items.clone());
    let running = tokio::spawn(async move {
        match apply {
            Apply::Read(read) => read(store, items, now).await,
            Apply::Write(write) => {
                let mut tx = store.begin(operation).await?;
                let answers = write(&mut tx, node, items, now).await?;
                tx.commit().await?;
                Ok(answers)
            }
        }
    });
    running.await.unwrap_or(Err(StoreError::Abandoned { operation }))
}
