//! One attempt: the parcel is signed and carried, the answer judged, and what follows is stored.

use std::time::Instant;

use domain::webhook::judge;
use persistence::webhooks::{Attempt, ClaimedDelivery};

use crate::deps::Deps;
use crate::webhooks::Parcel;

/// Makes one attempt. An outcome that cannot be stored is forgotten: the delivery comes back when its lease ends.
pub(super) async fn attempt(deps: &Deps, delivery: ClaimedDelivery) {
    let ClaimedDelivery { id, webhook, url, secrets, event, attempt, turn } = delivery;
    let parcel = Parcel::of(&event, url, &secrets, deps.now());
    let began = Instant::now();
    let answer = deps.courier.carry(&parcel).await;
    let (latency, at) = (began.elapsed(), deps.now());
    let verdict = judge(answer, id, turn, at, deps.settings.seed);
    tracing::debug!(%webhook, delivery = %id, attempt, ?answer, "a webhook was told of an event");
    let attempt = Attempt { delivery: id, number: attempt, at, latency, answer, verdict };
    if let Err(error) = deps.store.settle_delivery(&attempt).await {
        tracing::warn!(%webhook, delivery = %id, %error, "what came of a delivery is not kept");
    }
}
