//! What can keep the gateway from serving. What goes wrong with one request is a `problem` instead, and ends only that.

use std::net::SocketAddr;

/// The gateway cannot serve (any more).
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The address is taken, or is not this machine's, or may not be used.
    #[error("the gateway cannot listen on {address}")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The listening socket failed.
    #[error("the gateway stopped serving")]
    Serve(#[source] std::io::Error),
    /// Webhooks cannot be carried.
    #[error("nothing can be sent to webhooks")]
    Courier(#[source] reqwest::Error),
}
