//! One actor per account: it owns the account's session, its limits and its one send at a time.

mod account;
mod doorway;
mod keep;

pub(crate) use account::{Account, AccountMessage};
pub(crate) use doorway::Doorway;
pub use keep::Records;
