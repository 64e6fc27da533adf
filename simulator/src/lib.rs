//! A Telegram that lives in memory: a world of channels, readers and moderators, and a door through which the product
//! reaches it.
//!
//! [`World`] is driven by injected time alone. Everything that happens in it by itself follows from the seed of its
//! [`WorldPlan`] and an agenda worked through in order, so it does not matter how finely the clock is advanced. What the
//! product does to it goes into the [`record`], from which a killed world is rebuilt, and before the [`judge`], which counts
//! every broken promise as it happens. [`Door`] implements the port `telegram::Telegram` on top.
//!
//! The happenings come from a [`Source`]: generated, or replayed from a Telegram Desktop [`export`].

mod door;
mod error;
pub mod export;
mod faults;
mod feed;
pub mod judge;
mod mtproto;
mod plan;
pub mod record;
mod text;
mod world;

pub use door::Door;
pub use error::{ExportError, WorldError};
pub use export::ExportWorld;
pub use faults::{FaultPlan, SendFault, UnknownFaults};
pub use judge::{CommentClaim, Comparison, Judge, PostClaim, Verdict};
pub use mtproto::{DoorCounts, DoorFaults, LostAnswer, MtprotoDoor};
pub use plan::{Limits, WorldPlan};
pub use world::{Source, World};
