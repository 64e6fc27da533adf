//! The way to an endpoint, as far as the tree knows it: a parcel goes out, an answer or a fault comes back.

use async_trait::async_trait;
use domain::id::EventId;
use domain::time::Timestamp;
use domain::webhook::{Answer, Fault, Reach, Secret};
use persistence::outbox::Event;

use crate::events::payload;

/// What one attempt carries, after the Standard Webhooks specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Where to.
    pub url: String,
    /// The header `webhook-id`: the same with every attempt, so that a receiver notices what it had already.
    pub id: String,
    /// The header `webhook-timestamp`: when this attempt was made.
    pub at: Timestamp,
    /// The header `webhook-signature`.
    pub signature: String,
    /// The body, JSON.
    pub payload: String,
}

/// Carries parcels over HTTP.
#[async_trait]
pub trait Courier: Send + Sync + 'static {
    /// Makes one attempt. It ends within half a minute, follows no redirect, and never leaves its reach, wherever the name
    /// in the address leads.
    async fn carry(&self, parcel: &Parcel) -> Answer;

    /// How far it goes.
    fn reach(&self) -> Reach;
}

/// A courier who gets nowhere: for trees that have nobody outside to tell anything.
#[derive(Clone, Copy, Debug)]
pub struct NoCourier;

#[async_trait]
impl Courier for NoCourier {
    async fn carry(&self, _: &Parcel) -> Answer {
        Err(Fault::Unconnected)
    }

    fn reach(&self) -> Reach {
        Reach::Public
    }
}

impl Parcel {
    /// What tells an endpoint of an event at `at`, signed with each of its secrets.
    pub(super) fn of(event: &Event, url: String, secrets: &[Secret], at: Timestamp) -> Self {
        let (id, payload) = (parcel_id(event.id), payload(event));
        let signature = Secret::sign_with_all(secrets, &id, at, &payload);
        Self { url, id, at, signature, payload }
    }
}

fn parcel_id(event: EventId) -> String {
    format!("evt_{event}")
}
