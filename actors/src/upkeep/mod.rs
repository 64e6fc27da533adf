//! Looks after what is there already: that this node's accounts stay its own, and that accounts and consents are as they were
//! when somebody last looked.

mod heartbeat;
mod inspector;
mod staff;

pub(crate) use heartbeat::{Heartbeat, HeartbeatMessage};
pub(crate) use inspector::{Inspector, InspectorMessage};
pub(crate) use staff::UpkeepStaff;
