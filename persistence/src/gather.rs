//! Group commit: callers that come one at a time share a transaction with whoever comes while another one runs.
//!
//! The first caller starts a runner; those who come while its transaction is under way are taken together into the next
//! one, up to a bound. If a joint transaction fails, each caller's part is tried alone, so that a part that cannot be
//! written harms only its own caller. The runner is a task of its own: a caller that goes away does not stop the others.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use domain::time::Timestamp;
use tokio::sync::oneshot;

use crate::error::StoreError;
use crate::store::Store;

/// The most items that share a transaction, unless one caller alone brings more.
const BOUND: usize = 512;

/// How often a runner lets others go first before it takes what has come.
const TURNS: usize = 3;

type Answer<O> = Result<Vec<O>, StoreError>;
type Running<O> = Pin<Box<dyn Future<Output = Answer<O>> + Send>>;

/// Applies items for a node at a time, in one transaction, and answers each in order.
pub(crate) type Apply<I, O> = fn(Store, Arc<str>, Arc<Vec<I>>, Timestamp) -> Running<O>;

/// Where the callers of one operation meet.
pub(crate) struct Gather<I, O> {
    operation: &'static str,
    apply: Apply<I, O>,
    line: Mutex<Line<I, O>>,
}

struct Line<I, O> {
    parts: VecDeque<Part<I, O>>,
    running: bool,
}

struct Part<I, O> {
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
    pub(crate) fn new(operation: &'static str, apply: Apply<I, O>) -> Arc<Self> {
        let line = Mutex::new(Line { parts: VecDeque::new(), running: false });
        Arc::new(Self { operation, apply, line })
    }

    /// Applies `items`, together with those of others. Only callers of the same node share a transaction.
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
        let part = Part { node: node.into(), items: items.to_vec(), now, answer };
        let first = {
            let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
            line.parts.push_back(part);
            !std::mem::replace(&mut line.running, true)
        };
        if first {
            tokio::spawn(self.clone().serve(store.clone()));
        }
        answered.await.unwrap_or(Err(StoreError::Abandoned { operation: self.operation }))
    }

    async fn serve(self: Arc<Self>, store: Store) {
        loop {
            // Those who are about to come get their turn first: one transaction for all instead of one for the first.
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
            let Some(parts) = self.next_parts() else { return };
            self.serve_parts(&store, parts).await;
        }
    }

    /// The parts of the next transaction; `None` ends the runner.
    fn next_parts(&self) -> Option<Vec<Part<I, O>>> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(first) = line.parts.pop_front() else {
            line.running = false;
            return None;
        };
        let mut size = first.items.len();
        let mut parts = vec![first];
        while let Some(next) = line.parts.front() {
            size += next.items.len();
            if size > BOUND || next.node != parts[0].node {
                break;
            }
            parts.extend(line.parts.pop_front());
        }
        Some(parts)
    }

    async fn serve_parts(&self, store: &Store, mut parts: Vec<Part<I, O>>) {
        let Some(now) = parts.iter().map(|part| part.now).max() else { return };
        let node = parts[0].node.clone();
        let lengths: Vec<_> = parts.iter().map(|part| part.items.len()).collect();
        let items: Arc<Vec<I>> =
            Arc::new(parts.iter_mut().flat_map(|part| std::mem::take(&mut part.items)).collect());
        let together = self.attempt(store, &node, items.clone(), now).await;
        if parts.len() == 1 {
            if let Some(part) = parts.pop() {
                // Whoever has gone away does not need an answer.
                drop(part.answer.send(together));
            }
            return;
        }
        let mut together = together.ok().map(Vec::into_iter);
        let mut begin = 0;
        for (part, length) in parts.into_iter().zip(lengths) {
            let answer = match &mut together {
                Some(answers) => Ok(answers.by_ref().take(length).collect()),
                None => {
                    let own = Arc::new(items[begin..begin + length].to_vec());
                    self.attempt(store, &node, own, part.now).await
                }
            };
            begin += length;
            drop(part.answer.send(answer));
        }
    }

    /// One transaction, in a task of its own so that a panic ends it and not the runner.
    async fn attempt(&self, store: &Store, node: &Arc<str>, items: Arc<Vec<I>>, now: Timestamp) -> Answer<O> {
        let running = tokio::spawn((self.apply)(store.clone(), node.clone(), items, now));
        running.await.unwrap_or(Err(StoreError::Abandoned { operation: self.operation }))
    }
}
