//! Passes committed events on to whoever listens in this process.

mod relay;

pub(crate) use relay::{Relay, RelayMessage};
