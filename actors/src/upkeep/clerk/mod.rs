//! Runs the errands that commands leave in the database, one after the other.
//!
//! A command cannot connect an account that this process holds, so it asks here. The table is looked at every second; a clock
//! that stands still has no commands beside it, and then nobody looks.

mod message;

pub(crate) use message::ClerkMessage;

use std::time::Duration;

use persistence::errands::TakenErrand;

use crate::deps::{Deps, Only};
use crate::errands::{Client, Errand, ErrandError, Outcome, Staff, run};
use crate::error::{ActorError, chain};
use crate::runtime::{Cx, Kind, Registry, Worker};
use crate::settings::Drive;

/// How often it looks for errands.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Errands taken at once.
const BATCH: u32 = 10;

/// The clerk.
pub(crate) struct Clerk;

impl Worker for Clerk {
    const KIND: Kind = Kind::Clerk;
    const GROUP: Kind = Kind::Upkeep;
    type Key = Only;
    type Message = ClerkMessage;
    type State = ();

    fn registry(deps: &Deps) -> &Registry<Only, ClerkMessage> {
        &deps.directory.clerk
    }

    async fn roster(_: &Deps) -> Result<Vec<Only>, ActorError> {
        Ok(vec![Only])
    }

    async fn start(cx: &Cx<Self>) -> Result<(), ActorError> {
        match cx.deps.settings.drive {
            Drive::Live => cx.me.cast(ClerkMessage::Tick),
            Drive::Stepped => Ok(()),
        }
    }

    async fn handle(cx: &Cx<Self>, (): &mut (), message: ClerkMessage) -> Result<(), ActorError> {
        match message {
            ClerkMessage::Tick => {
                let served = serve(&cx.deps).await;
                cx.cast_after(LOOK_EVERY, ClerkMessage::Tick);
                served
            }
        }
    }
}

async fn serve(deps: &Deps) -> Result<(), ActorError> {
    for errand in deps.store.take_errands(deps.now(), BATCH).await? {
        let outcome = outcome(deps, &errand).await;
        if let Err(ErrandError::NobodyToAsk) = &outcome
            && deps.tenure.is_shared()
        {
            deps.store.put_errand_back(errand.id).await?;
            continue;
        }
        let answer = outcome.map_err(|error| chain(&error));
        let answer = serde_json::to_string(&answer).unwrap_or_default();
        deps.store.answer_errand(errand.id, &answer).await?;
    }
    Ok(())
}

async fn outcome(deps: &Deps, errand: &TakenErrand) -> Result<Outcome, ErrandError> {
    let wanted: Errand = serde_json::from_str(&errand.question).map_err(ErrandError::Unreadable)?;
    let client = Client { project: errand.project, user: errand.by };
    run(&deps.store, &Staff(deps), client, &wanted, deps.now()).await
}
