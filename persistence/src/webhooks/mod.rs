//! Webhooks: who is to be told what, and what is on its way to whom.
//!
//! An endpoint reads the outbox from where it was enabled on. What it is to be told becomes a row of `webhook_deliveries` in
//! `spread`, all endpoints together and in a constant number of statements; from then on the row is the work: it is claimed,
//! attempted, and settled or put off, until it is delivered or has failed (`deliver`). Its log is kept as long as events are
//! (`log`). Secrets go through the vault.

mod change;
mod deliver;
mod list;
mod log;
mod secrets;
mod spread;

pub use change::{NewWebhook, WebhookChange};
pub use deliver::{Attempt, ClaimedDelivery};
pub use list::ListedWebhook;
pub use log::{DeliveryFilter, ListedDelivery, LoggedAttempt};

use domain::id::WebhookId;

/// What a missing row is called.
const WEBHOOK: &str = "webhook";

/// An endpoint as the audit log names it.
fn subject(webhook: WebhookId) -> String {
    format!("webhook:{webhook}")
}
