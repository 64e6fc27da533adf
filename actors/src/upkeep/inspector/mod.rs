//! Has accounts and consents looked at again once a day, and ends the consents that ran out.
//!
//! What is due stands with the rows, so nothing is looked at twice by a process that restarts, and a look that did not work
//! out is due at the next tick. Each tick looks at a bounded number, which spreads ten thousand accounts over hours.

mod consents;
mod message;

pub(crate) use message::InspectorMessage;

use std::time::Duration;

use crate::accounts::AccountMessage;
use crate::deps::{Deps, Only};
use crate::error::ActorError;
use crate::runtime::{Cx, Kind, Registry, Worker};

/// How often each account is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(24 * 3600);

/// Accounts that one tick looks at, at most.
const ACCOUNTS: u32 = 500;

/// The inspector.
pub(crate) struct Inspector;

impl Worker for Inspector {
    const KIND: Kind = Kind::Inspector;
    const GROUP: Kind = Kind::Upkeep;
    type Key = Only;
    type Message = InspectorMessage;
    type State = ();

    fn registry(deps: &Deps) -> &Registry<Only, InspectorMessage> {
        &deps.directory.inspector
    }

    async fn roster(_: &Deps) -> Result<Vec<Only>, ActorError> {
        Ok(vec![Only])
    }

    async fn start(cx: &Cx<Self>) -> Result<(), ActorError> {
        cx.cast_after(cx.deps.settings.inspect_every, InspectorMessage::Tick);
        Ok(())
    }

    async fn handle(cx: &Cx<Self>, (): &mut (), message: InspectorMessage) -> Result<(), ActorError> {
        match message {
            InspectorMessage::Tick => {
                cx.cast_after(cx.deps.settings.inspect_every, InspectorMessage::Tick);
                consents::look(&cx.deps).await?;
                look_at_accounts(&cx.deps).await
            }
        }
    }
}

/// Each account's own actor looks; it is only told that it is time.
async fn look_at_accounts(deps: &Deps) -> Result<(), ActorError> {
    let ours = deps.directory.accounts.keys();
    let before = deps.now() - LOOK_EVERY;
    for account in deps.store.accounts_to_check(&ours, before, ACCOUNTS).await? {
        if let Some(actor) = deps.directory.accounts.find(account) {
            // One that is gone meanwhile stays due.
            drop(actor.cast(AccountMessage::Check(None)));
        }
    }
    Ok(())
}
