//! Looks after what is there already: that this node's accounts stay its own, that accounts and consents are as they were when
//! somebody last looked, and that commands beside this process get their answers.

mod clerk;
mod heartbeat;
mod inspector;
mod staff;

pub(crate) use clerk::{Clerk, ClerkMessage};
pub(crate) use heartbeat::{Heartbeat, HeartbeatMessage};
pub(crate) use inspector::{Inspector, InspectorMessage};
pub(crate) use staff::UpkeepStaff;
