//! Writes drafts: asks the [`writing::Writer`] for each comment of a batch, then stores them in one transaction.
//!
//! A writer that fails for one comment fails that job only, which is tried again with backoff; a writer that has nothing to
//! say ends the comment with its reason. What follows a draft (a person's look, or approval by rule) is decided in the
//! Store's transaction, not here.

mod message;
mod write;

pub(crate) use message::{Desk, WriterMessage};

use crate::deps::Deps;
use crate::error::ActorError;
use crate::runtime::{Cx, Kind, Registry, Worker};

/// One of the pool.
pub(crate) struct WriterWorker;

impl Worker for WriterWorker {
    const KIND: Kind = Kind::Writer;
    const GROUP: Kind = Kind::Writers;
    type Key = Desk;
    type Message = WriterMessage;
    type State = ();

    fn registry(deps: &Deps) -> &Registry<Desk, WriterMessage> {
        &deps.directory.writers
    }

    async fn roster(deps: &Deps) -> Result<Vec<Desk>, ActorError> {
        Ok(Desk::all(deps.settings.writers).collect())
    }

    async fn start(_: &Cx<Self>) -> Result<(), ActorError> {
        Ok(())
    }

    async fn handle(cx: &Cx<Self>, (): &mut (), message: WriterMessage) -> Result<(), ActorError> {
        match message {
            WriterMessage::Write(work) => write::write(cx, work).await,
        }
    }
}
