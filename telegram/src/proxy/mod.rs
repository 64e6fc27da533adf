//! The way to Telegram through a proxy: whether it works, and how a client takes it.
//!
//! A proxy is dialled in one place (`dial`), whichever protocol it speaks. Two stand on it: the [`Prober`] asks whether
//! Telegram answers behind a proxy, and the [`Bridge`] is a small proxy in this process that a client dials instead of the
//! real one. Clients always go over a bridge: grammers speaks SOCKS5 alone and does not decode what stands in the address,
//! so a bridge with a plain name and password of its own is the one form in which every proxy and every password passes.

mod bridge;
mod dial;
mod entrance;
mod http;
mod probe;
mod socks5;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use bridge::Bridge;
pub use probe::Prober;

/// How long each step on the way may take: reaching the proxy, its handshake, Telegram's answer behind it.
const PATIENCE: Duration = Duration::from_secs(10);
