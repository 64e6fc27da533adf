//! A look at proxies: each is probed, all side by side, and what came of it is stored. It can be had without an actor.

use std::sync::Arc;
use std::time::Duration;

use domain::id::ProxyId;
use domain::proxy::{Health, Status};
use domain::time::Clock;
use futures::StreamExt as _;
use persistence::Store;
use persistence::proxies::{Probed, ProxyToProbe};
use telegram::{Probes, Route};

use crate::error::ActorError;

/// Proxies probed at the same time.
const SIDE_BY_SIDE: usize = 32;

/// How a proxy was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyReport {
    /// Its row.
    pub proxy: ProxyId,
    /// What it is called in its project.
    pub name: String,
    /// How long Telegram's answer behind it took, or why there was none.
    pub answer: Result<Duration, String>,
    /// How it counted before.
    pub before: Status,
    /// How it counts now.
    pub health: Health,
}

/// Looks at proxies and stores what came of it; the reports are in the order given, without those that were removed
/// meanwhile.
///
/// # Errors
/// When the Store does not answer; what was seen then is forgotten.
pub async fn look_at_proxies<C: Clock + ?Sized>(
    store: &Store,
    probes: &Arc<dyn Probes>,
    clock: &Arc<C>,
    proxies: Vec<ProxyToProbe>,
) -> Result<Vec<ProxyReport>, ActorError> {
    if proxies.is_empty() {
        return Ok(Vec::new());
    }
    let looks = proxies.into_iter().map(|proxy| look(probes.clone(), proxy));
    let seen: Vec<_> = futures::stream::iter(looks).buffered(SIDE_BY_SIDE).collect().await;
    let probed: Vec<_> = seen.iter().map(|(_, probed)| probed.clone()).collect();
    let health = store.record_probes(&probed, clock.now()).await?;
    let reports = seen.into_iter().filter_map(|(known, probed)| {
        let (before, health) = (known.health.status, *health.get(&known.id)?);
        Some(ProxyReport { proxy: known.id, name: known.name, answer: probed.answer, before, health })
    });
    Ok(reports.collect())
}

async fn look(probes: Arc<dyn Probes>, proxy: ProxyToProbe) -> (ProxyToProbe, Probed) {
    let answer = probes.probe(&Route::Through(proxy.address.clone())).await;
    let answer = answer.map(|probe| probe.latency).map_err(|error| error.to_string());
    let probed = Probed { proxy: proxy.id, answer };
    (proxy, probed)
}
