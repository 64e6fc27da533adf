//! One actor per account: it owns the account's session, its limits and its one send at a time.

mod account;
mod doorway;
mod keep;

pub(crate) use account::{Account, AccountMessage};
pub(crate) use doorway::Doorway;
pub use keep::Records;

/// Why an account needs a login whose session is there and does not open: it was altered, or stood in another row.
pub(crate) const SPOILT_SESSION: &str = "the stored session does not open; log the account in again";
