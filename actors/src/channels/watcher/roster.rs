//! Which channels there are to watch, and who can read them: read once at the start, and again when channels were added.

use domain::id::ChannelId;
use persistence::setup::Assignment;

use crate::deps::Deps;
use crate::error::ActorError;

/// Rows read at once.
const PAGE: u32 = 5000;

/// Reads channels and readers, and makes them known to everybody.
pub(super) async fn read(deps: &Deps) -> Result<Vec<ChannelId>, ActorError> {
    read_readers(deps).await?;
    let mut roster: Vec<ChannelId> = Vec::new();
    loop {
        let page = deps.store.channels_to_watch(roster.last().copied(), PAGE).await?;
        deps.directory.know_channels(&page);
        roster.extend(page.iter().map(|channel| channel.channel));
        if page.len() < PAGE as usize {
            return Ok(roster);
        }
    }
}

async fn read_readers(deps: &Deps) -> Result<(), ActorError> {
    let mut last: Option<Assignment> = None;
    loop {
        let page = deps.store.assignments(last, PAGE).await?;
        deps.directory.know_readers(&page);
        last = page.last().copied();
        if page.len() < PAGE as usize {
            return Ok(());
        }
    }
}
