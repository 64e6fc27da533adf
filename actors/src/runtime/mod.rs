//! What every actor shares: how it is written, addressed, supervised, described, and counted.
//!
//! An actor of this house is a [`Worker`]: a key, a message enum, a state, and one handler. A shell makes a ractor actor
//! of it; [`Supervisor`] starts the workers of one group, restarts those that crash within their [`Policy`], and tells how
//! they are. Every message carries a [`Flight`], so that "nothing is going on" is a number that can be waited for.

mod address;
mod policy;
mod registry;
mod shell;
mod supervisor;
mod traffic;
mod tree;
mod vitals;

pub(crate) use address::{Address, Reply};
pub use policy::{Kind, Policy, TABLE};
pub(crate) use registry::Registry;
pub(crate) use shell::{Cx, Named, Worker};
pub(crate) use supervisor::{Group, Of, Staff, Supervisor, SupervisorMessage};
pub use traffic::{Flight, Traffic};
pub use tree::{Status, TreeNode};
pub(crate) use vitals::Vitals;
