//! Carries webhooks to their endpoints: the one place from which this product calls addresses that users name.
//!
//! The name in an address is resolved here, and what it leads to is judged with every connection, so that a name which
//! leads elsewhere by then (DNS rebinding) gains nothing. No redirect is followed and no proxy of the environment is asked:
//! both would lead past that judgement. Of the answer only its status counts; a little of its body is read, so that the
//! connection can be used again, and never more.

mod resolver;
#[cfg(test)]
mod tests;

use std::error::Error as _;
use std::time::Duration;

use actors::{Courier, Parcel};
use async_trait::async_trait;
use domain::webhook::{Answer, Endpoint, Fault, Reach};
use poem::http::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};

use crate::error::HttpError;
use resolver::{OutOfReach, Resolver};

/// How long an attempt may take altogether.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long a connection may take until it stands.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);

/// How much of an answer's body is read.
const BODY: usize = 16 * 1024;

/// How long a connection is kept for the next event.
const KEPT: Duration = Duration::from_secs(30);

/// Who this is, for the logs of receivers.
const NAME: &str = concat!("Beseda/", env!("CARGO_PKG_VERSION"));

/// A courier over HTTP.
#[derive(Clone, Debug)]
pub struct HttpCourier {
    client: Client,
    reach: Reach,
}

impl HttpCourier {
    /// A courier who goes as far as `reach`.
    ///
    /// # Errors
    /// [`HttpError::Courier`] when the platform's certificates cannot be read.
    pub fn new(reach: Reach) -> Result<Self, HttpError> {
        Self::with_patience(reach, PATIENCE)
    }

    fn with_patience(reach: Reach, patience: Duration) -> Result<Self, HttpError> {
        // Somebody else in this process may have chosen the same before.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder()
            .dns_resolver(Resolver(reach))
            .redirect(Policy::none())
            .no_proxy()
            .timeout(patience)
            .connect_timeout(CONNECT_PATIENCE)
            .pool_idle_timeout(KEPT)
            .pool_max_idle_per_host(1)
            .user_agent(NAME)
            .build()
            .map_err(HttpError::Courier)?;
        Ok(Self { client, reach })
    }

    async fn send(&self, parcel: &Parcel, endpoint: &Endpoint) -> Result<Response, reqwest::Error> {
        let request = self.client.post(endpoint.as_str());
        let request = request
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &parcel.id)
            .header("webhook-timestamp", parcel.at.secs())
            .header("webhook-signature", &parcel.signature);
        request.body(parcel.payload.clone()).send().await
    }
}

#[async_trait]
impl Courier for HttpCourier {
    async fn carry(&self, parcel: &Parcel) -> Answer {
        // An address that was within reach when it was given may be out of it since the configuration changed.
        let Ok(endpoint) = Endpoint::parse(&parcel.url, self.reach) else { return Err(Fault::Forbidden) };
        match self.send(parcel, &endpoint).await {
            Ok(response) => {
                let status = response.status().as_u16();
                finish(response).await;
                Ok(status)
            }
            Err(error) => Err(fault(&error)),
        }
    }

    fn reach(&self) -> Reach {
        self.reach
    }
}

/// Reads the beginning of a body, which nobody wants. What breaks here changes nothing about the answer.
async fn finish(mut response: Response) {
    let mut read = 0;
    while read < BODY {
        match response.chunk().await {
            Ok(Some(chunk)) => read += chunk.len(),
            Ok(None) | Err(_) => return,
        }
    }
}

fn fault(error: &reqwest::Error) -> Fault {
    if is_out_of_reach(error) {
        Fault::Forbidden
    } else if error.is_timeout() {
        Fault::TimedOut
    } else if error.is_dns() {
        Fault::Unresolved
    } else if error.is_connect() {
        Fault::Unconnected
    } else {
        Fault::Broken
    }
}

fn is_out_of_reach(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.is::<OutOfReach>() {
            return true;
        }
        cause = inner.source();
    }
    false
}
