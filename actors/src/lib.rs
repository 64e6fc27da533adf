//! The supervision tree: the only place where things happen over time.
//!
//! Actors load a snapshot from the Store, ask `domain` for a decision, carry it out through the ports, and hand the outcome
//! back to the Store in one transaction. What they remember can be rebuilt; a message is a hint that there is work, the row
//! is the work. Everything outside talks to the tree through [`System`].

mod accounts;
mod channels;
pub mod clock;
mod deps;
mod errands;
mod error;
mod events;
mod logins;
mod meters;
mod observers;
mod planners;
mod proxies;
mod queue;
mod rehearsal;
mod runtime;
mod settings;
mod system;
mod tenure;
mod upkeep;
mod webhooks;
mod writers;

pub use accounts::Records;
pub use deps::{Ports, Probe};
pub use errands::{Client, Errand, Outcome, Visit, start_code};
pub use error::{ActorError, ErrandError, LoginError};
pub use events::{Told, payload};
pub use logins::{ImportSession, Method, OngoingLogin, SessionForm, StartLogin, read_session};
pub use meters::{Meters, Percentiles};
pub use proxies::{ProxyReport, look_at_proxies};
pub use rehearsal::{Preview, RehearsedComment, RehearsedOutcome, preview};
pub use runtime::{Flight, Kind, Policy, Status, TABLE, Traffic, TreeNode};
pub use settings::{Drive, Part, Settings};
pub use system::{Stepper, StopReport, System};
pub use webhooks::{Courier, NoCourier, Parcel};
