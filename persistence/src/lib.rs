//! The Store: the one place that knows the database, SQLite or PostgreSQL.
//!
//! Each use case is one method of [`Store`] and one transaction, found in the module named after it. Methods on the hot
//! path take slices and cost a constant number of statements whatever the slice's length (see `rows`). A transaction that
//! loses a race or fails writes nothing; what it would have done is still in the queue.

pub mod access;
pub mod accounts;
pub mod audit;
pub mod catalogue;
pub mod consents;
pub mod drafting;
pub mod errands;
pub mod health;
pub mod listing;
pub mod logins;
pub mod maintenance;
pub mod metrics;
pub mod nodes;
pub mod observing;
pub mod outbox;
pub mod people;
pub mod planning;
pub mod proxies;
pub mod queue;
pub mod reading;
pub mod review;
pub mod sending;
pub mod settings;
pub mod setup;
pub mod start;
pub mod system;
pub mod vault;
pub mod watching;
pub mod webhooks;

mod comments;
mod connect;
mod error;
mod gather;
mod migrate;
mod nature;
mod peers;
mod round;
mod row;
mod rows;
mod store;

pub use error::{StoreError, VaultError};
pub use migrate::Applied;
pub use nature::Nature;
pub use peers::{PeerAccess, PeerKind, PeerRow};
pub use rows::Dialect;
pub use store::{DatabaseConfig, Durability, Store};
