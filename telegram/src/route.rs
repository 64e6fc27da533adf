//! Which way a connection takes to Telegram.

use std::time::Duration;

use domain::proxy::ProxyAddress;

/// Which way a connection takes.
#[derive(Clone, Debug, Default)]
pub enum Route {
    /// Straight.
    #[default]
    Direct,
    /// Through a proxy.
    Through(ProxyAddress),
}

/// How a way to Telegram was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// From the first packet to Telegram's answer behind it.
    pub latency: Duration,
}

/// Where a way to Telegram ends before it gets there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// Nothing listens there, or the name is unknown.
    #[error("the proxy cannot be reached: {0}")]
    Unreachable(String),
    /// It listens but does not speak its protocol.
    #[error("what answers there is no such proxy: {0}")]
    Garbled(String),
    /// It wants other credentials.
    #[error("the proxy refuses the name or the password")]
    Denied,
    /// It speaks its protocol but does not reach Telegram.
    #[error("the proxy does not reach Telegram: {0}")]
    NoTelegram(String),
    /// It accepts and says nothing.
    #[error("the proxy did not answer within {} s", .0.as_secs())]
    Silent(Duration),
}
