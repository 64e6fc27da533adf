//! Watches one channel: records what its updates tell, and fetches what they left out.
//!
//! An update is a hint and may come twice, late or never; recording is idempotent and does not care. The audit is the
//! truth: every id up to the newest becomes a post or a confirmed gap. The watcher remembers only what it recorded last.

mod audit;
mod message;
mod record;
mod roster;
mod state;

pub(crate) use message::WatcherMessage;

use domain::id::ChannelId;

use crate::deps::Deps;
use crate::error::ActorError;
use crate::runtime::{Cx, Kind, Registry, Worker};
use state::State;

/// The watcher of one channel.
pub(crate) struct ChannelWatcher;

impl Worker for ChannelWatcher {
    const KIND: Kind = Kind::ChannelWatcher;
    const GROUP: Kind = Kind::Channels;
    type Key = ChannelId;
    type Message = WatcherMessage;
    type State = State;

    fn registry(deps: &Deps) -> &Registry<ChannelId, WatcherMessage> {
        &deps.directory.watchers
    }

    async fn roster(deps: &Deps) -> Result<Vec<ChannelId>, ActorError> {
        roster::read(deps).await
    }

    async fn start(_: &Cx<Self>) -> Result<State, ActorError> {
        Ok(State::default())
    }

    async fn handle(cx: &Cx<Self>, state: &mut State, message: WatcherMessage) -> Result<(), ActorError> {
        match message {
            WatcherMessage::Seen(updates) => record::record(cx, state, updates).await,
            WatcherMessage::Audit(work) => audit::audit(cx, work).await,
        }
    }
}
