//! `/api/v1/projects/{project_id}/webhooks`: who outside is told what happens, and what became of that.

mod deliveries;
mod endpoints;

pub(crate) use deliveries::DeliveriesApi;
pub(crate) use endpoints::WebhooksApi;
