//! Resolves the names of endpoints, and hands out only addresses within reach.

use std::net::SocketAddr;

use domain::webhook::Reach;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Asks the system.
pub(super) struct Resolver(pub(super) Reach);

/// A name leads to addresses, and to none that may be called.
#[derive(Debug, thiserror::Error)]
#[error("the name leads only to addresses that are out of reach")]
pub(super) struct OutOfReach;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            // The port is put in by whoever connects.
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let none = found.is_empty();
            let admitted: Vec<_> = found.into_iter().filter(|address| reach.admits(address.ip())).collect();
            if admitted.is_empty() && !none {
                return Err(OutOfReach.into());
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}
