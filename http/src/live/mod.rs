//! The live stream of events: Server-Sent Events, as browsers read them.
//!
//! Every event is put into words once and shared by all who read it (`frame`). A reader follows the broadcast of the tree;
//! one that falls behind, because its connection is slow or because it comes back with `Last-Event-ID`, reads on from the
//! outbox and then follows again, without a hole and without hearing anything twice (`reader`). Nothing is kept for a reader
//! who is slow, so however many there are, they take no more memory than the others. Who hears what is `audience`'s business.

mod audience;
mod frame;
mod reader;
mod response;
#[cfg(test)]
mod tests;

pub(crate) use audience::Audience;
pub(crate) use reader::Reader;
pub(crate) use response::{EventFrames, EventKind, LiveEvent};

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Streams that are open at the same time, at most.
const STREAMS: usize = 10_000;

/// Readers that read from the outbox at the same time: they must leave connections to everybody else.
const PAGES: usize = 2;

/// What all streams of a gateway share. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    streams: Arc<Semaphore>,
    pages: Arc<Semaphore>,
    closing: watch::Sender<bool>,
}

impl Live {
    pub(crate) fn new() -> Self {
        Self {
            streams: Arc::new(Semaphore::new(STREAMS)),
            pages: Arc::new(Semaphore::new(PAGES)),
            closing: watch::Sender::new(false),
        }
    }

    /// Room for one more stream, until it is dropped; `None` when there is none.
    pub(crate) fn room(&self) -> Option<OwnedSemaphorePermit> {
        self.streams.clone().try_acquire_owned().ok()
    }

    /// Ends all streams: their readers come back to another process, or to the next one.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }
}
