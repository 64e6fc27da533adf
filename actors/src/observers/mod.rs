//! Looks at what was sent: is it still there, how do readers react.

mod observer;

pub(crate) use observer::{Observer, ObserverMessage, Shard};
