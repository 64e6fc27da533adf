//! One actor per account: it owns the account's session, its limits and its one send at a time.

mod account;

pub(crate) use account::{Account, AccountMessage};
