//! The pool of proxies: looks at each of them from time to time, and moves an account whose own proxy is down to one that
//! works. Which account moves where is decided by `domain::proxy`; the Store carries it out, and the account's actor is
//! told to go the new way. Nothing that Telegram says to an account ever comes here: a proxy is judged by itself alone.
//!
//! A look that fails is an outcome, not an error. Several nodes may look at the same proxies, each for itself.

mod look;
mod message;
#[cfg(test)]
mod tests;

pub use look::{ProxyReport, look_at_proxies};
pub(crate) use message::PoolMessage;

use std::time::Duration;

use persistence::proxies::ProxyToProbe;

use crate::accounts::AccountMessage;
use crate::deps::{Deps, Only};
use crate::error::ActorError;
use crate::runtime::{Cx, Kind, Registry, Worker};

/// The pool.
pub(crate) struct ProxyPool;

impl Worker for ProxyPool {
    const KIND: Kind = Kind::ProxyPool;
    const GROUP: Kind = Kind::Proxies;
    type Key = Only;
    type Message = PoolMessage;
    type State = ();

    fn registry(deps: &Deps) -> &Registry<Only, PoolMessage> {
        &deps.directory.proxy_pool
    }

    async fn roster(_: &Deps) -> Result<Vec<Only>, ActorError> {
        Ok(vec![Only])
    }

    async fn start(cx: &Cx<Self>) -> Result<(), ActorError> {
        cx.me.cast(PoolMessage::Tick)
    }

    async fn handle(cx: &Cx<Self>, (): &mut (), message: PoolMessage) -> Result<(), ActorError> {
        match message {
            PoolMessage::Tick => {
                let looked = look_at_due(cx).await;
                let nap = looked.as_ref().copied().unwrap_or(cx.deps.settings.probe_every);
                cx.cast_after(nap, PoolMessage::Tick);
                looked.map(drop)
            }
            PoolMessage::Check { project, only, reply } => {
                let mut proxies = cx.deps.store.proxies_to_probe(Some(project)).await?;
                proxies.retain(|proxy| only.is_none_or(|only| proxy.id == only));
                reply.send(look_and_tell(cx, proxies).await?);
                move_accounts(cx).await
            }
        }
    }
}

/// Looks at the proxies whose time has come, and moves accounts. Returns when to look again.
async fn look_at_due(cx: &Cx<ProxyPool>) -> Result<Duration, ActorError> {
    /// Where there are no proxies yet, the first ones are found after so many times the usual nap: most have none.
    const PATIENCE_WITHOUT_PROXIES: u32 = 6;
    let (deps, every) = (&cx.deps, cx.deps.settings.probe_every);
    let proxies = deps.store.proxies_to_probe(None).await?;
    if proxies.is_empty() {
        return Ok(every * PATIENCE_WITHOUT_PROXIES);
    }
    let now = deps.now();
    let (due, resting): (Vec<_>, Vec<_>) = proxies.into_iter().partition(|proxy| {
        let rest = proxy.health.look_again_after(every);
        proxy.last_check_at.is_none_or(|at| now.since(at) >= rest)
    });
    let looked = look_and_tell(cx, due).await?;
    move_accounts(cx).await?;
    let health = looked.iter().map(|report| report.health).chain(resting.iter().map(|proxy| proxy.health));
    Ok(health.map(|health| health.look_again_after(every)).min().unwrap_or(every))
}

/// Looks at proxies, and tells the operator which of them came or went.
async fn look_and_tell(
    cx: &Cx<ProxyPool>,
    proxies: Vec<ProxyToProbe>,
) -> Result<Vec<ProxyReport>, ActorError> {
    let reports = look_at_proxies(&cx.deps.store, &cx.deps.probes, &cx.deps.clock, proxies).await?;
    for ProxyReport { name, answer, before, health, .. } in &reports {
        if health.status != *before {
            let (before, now) = (before.as_str(), health.status.as_str());
            tracing::info!(proxy = %name, before, now, ?answer, "a proxy");
        }
    }
    Ok(reports)
}

/// Moves accounts whose proxies are down, also those that somebody else found to be.
async fn move_accounts(cx: &Cx<ProxyPool>) -> Result<(), ActorError> {
    for step in cx.deps.store.reassign_proxies(cx.deps.now()).await? {
        tracing::info!(account = %step.account, from = %step.from, to = %step.to, "an account left a proxy that is down");
        if let Some(account) = cx.deps.directory.accounts.find(step.account) {
            // An actor that is gone reads the new way when it is back.
            drop(account.cast(AccountMessage::Reroute));
        }
    }
    Ok(())
}
