//! Gives this node's word that it is alive, takes over what other nodes left, and lets every account go when the word cannot
//! be given in time.
//!
//! Where one process has the whole database there is nothing to say, and it never beats. The word is given three times as
//! often as it runs out, so one database hiccup costs nothing.

mod message;

pub(crate) use message::HeartbeatMessage;

use persistence::StoreError;

use crate::accounts::AccountMessage;
use crate::deps::{Deps, Only};
use crate::error::ActorError;
use crate::runtime::{Cx, Kind, Registry, Worker};

/// The heartbeat.
pub(crate) struct Heartbeat;

impl Worker for Heartbeat {
    const KIND: Kind = Kind::Heartbeat;
    const GROUP: Kind = Kind::Upkeep;
    type Key = Only;
    type Message = HeartbeatMessage;
    type State = ();

    fn registry(deps: &Deps) -> &Registry<Only, HeartbeatMessage> {
        &deps.directory.heartbeat
    }

    async fn roster(_: &Deps) -> Result<Vec<Only>, ActorError> {
        Ok(vec![Only])
    }

    async fn start(cx: &Cx<Self>) -> Result<(), ActorError> {
        if cx.deps.tenure.is_shared() {
            cx.me.cast(HeartbeatMessage::Beat)?;
        }
        Ok(())
    }

    async fn handle(cx: &Cx<Self>, (): &mut (), message: HeartbeatMessage) -> Result<(), ActorError> {
        match message {
            HeartbeatMessage::Beat => {
                cx.cast_after(cx.deps.settings.tenure / 3, HeartbeatMessage::Beat);
                beat(cx).await
            }
        }
    }
}

async fn beat(cx: &Cx<Heartbeat>) -> Result<(), ActorError> {
    let deps = &cx.deps;
    let (now, span) = (deps.now(), deps.settings.tenure);
    if !deps.tenure.counts(now) {
        let_go(deps);
        deps.tenure.enter(&deps.store, &deps.settings.node, now, span).await?;
        tracing::info!(node = deps.settings.node, "entered again");
        welcome(deps).await;
        return Ok(());
    }
    match deps.tenure.stay(&deps.store, now, span).await {
        Ok(taken) if taken.is_empty() => Ok(()),
        Ok(taken) => {
            tracing::info!(accounts = taken.len(), "took accounts over");
            welcome(deps).await;
            Ok(())
        }
        Err(error) => {
            // A name that somebody else took is lost at once; a database that does not answer may answer in time.
            if matches!(error, StoreError::Occupied { .. }) || !deps.tenure.counts(deps.now()) {
                let_go(deps);
            }
            Err(error.into())
        }
    }
}

/// Every account hangs up: somebody else may hold it soon.
fn let_go(deps: &Deps) {
    deps.tenure.lose();
    for account in deps.directory.accounts.keys() {
        if let Some(actor) = deps.directory.accounts.find(account) {
            // One that is gone has no line either.
            drop(actor.cast(AccountMessage::LetGo));
        }
    }
}

/// Connects what is held now: by actors that are there, and by new ones.
async fn welcome(deps: &Deps) {
    for account in deps.directory.accounts.keys() {
        if let Some(actor) = deps.directory.accounts.find(account) {
            drop(actor.cast(AccountMessage::Connect));
        }
    }
    if let Some(group) = deps.directory.group(Kind::Accounts) {
        group.enrol().await;
    }
}
