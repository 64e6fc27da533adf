//! The group of the proxies: one pool that looks at them and moves accounts to those that work.

mod pool;

pub(crate) use pool::{PoolMessage, ProxyPool};
pub use pool::{ProxyReport, look_at_proxies};
