//! One watcher per channel: turns updates and audits into recorded posts, without holes.

mod watcher;

pub(crate) use watcher::{ChannelWatcher, WatcherMessage};
