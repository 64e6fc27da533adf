//! Looks at the sent comments of up to 200 channels.
//!
//! A batch of looks becomes one question per account and group (the account that wrote asks), and all answers one
//! transaction. A question that cannot be asked now is a failed attempt of those jobs and comes back with backoff.

mod look;
mod message;

use std::collections::BTreeSet;

pub(crate) use message::{ObserverMessage, Shard};

use crate::deps::Deps;
use crate::error::ActorError;
use crate::runtime::{Cx, Kind, Registry, Worker};

/// The observer of one shard of channels.
pub(crate) struct Observer;

impl Worker for Observer {
    const KIND: Kind = Kind::Observer;
    const GROUP: Kind = Kind::Observers;
    type Key = Shard;
    type Message = ObserverMessage;
    type State = ();

    fn registry(deps: &Deps) -> &Registry<Shard, ObserverMessage> {
        &deps.directory.observers
    }

    async fn roster(deps: &Deps) -> Result<Vec<Shard>, ActorError> {
        let shards: BTreeSet<Shard> = deps.directory.watched().into_iter().map(Shard::of).collect();
        Ok(shards.into_iter().collect())
    }

    async fn start(_: &Cx<Self>) -> Result<(), ActorError> {
        Ok(())
    }

    async fn handle(cx: &Cx<Self>, (): &mut (), message: ObserverMessage) -> Result<(), ActorError> {
        match message {
            ObserverMessage::Look(work) => look::look(cx, work).await,
        }
    }
}
