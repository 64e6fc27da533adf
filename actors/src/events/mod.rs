//! Passes committed events on to whoever listens in this process, and says what the outside is told of one.

mod relay;
mod told;

pub(crate) use relay::{Relay, RelayMessage};
pub use told::{Told, payload};
