//! Adding a channel: what the link leads to must be a channel that can be read, and commented if that is wanted.

use domain::link::Link;
use domain::time::Timestamp;
use persistence::setup::NewChannel;
use persistence::{Store, StoreError};
use telegram::{ChatKind, Found};

use super::envoy::{Envoy, resolve};
use super::{Client, ErrandError, Outcome};

/// Accounts that are asked, at most.
const ASKED: usize = 10;

/// Adds the channel, to be read by the account that resolved the link.
pub(super) async fn add(
    store: &Store,
    envoy: &impl Envoy,
    client: Client,
    link: &str,
    comment: bool,
    now: Timestamp,
) -> Result<Outcome, ErrandError> {
    let link: Link = link.parse()?;
    let mut accounts = store.accounts_with_room(client.project).await?;
    if accounts.is_empty() {
        let any = store.accounts_health(client.project, None, 1).await?;
        return Err(if any.is_empty() { ErrandError::NobodyToAsk } else { ErrandError::NoRoom });
    }
    accounts.truncate(ASKED);
    let (reader, found) = resolve(envoy, &accounts, &link.chat).await?;
    must_be_a_channel(&found)?;
    if comment && found.discussion.is_none() {
        return Err(ErrandError::NoComments);
    }
    if let Some(watched) = store.channel_by_peer(client.project, found.id).await? {
        return Err(ErrandError::AlreadyWatched(watched.channel));
    }
    let (title, username) = (found.title.clone(), found.username.clone());
    let channel = store.add_channel(client.project, &row(found), reader, client.user, now).await;
    match channel {
        Ok(channel) => Ok(Outcome::Added { channel, title, username, reader }),
        Err(StoreError::NotFound { .. }) => Err(ErrandError::NoRoom),
        Err(other) => Err(other.into()),
    }
}

fn must_be_a_channel(found: &Found) -> Result<(), ErrandError> {
    match found.kind {
        ChatKind::Channel => Ok(()),
        ChatKind::Group => Err(ErrandError::NotAChannel { what: "a group" }),
        ChatKind::User => Err(ErrandError::NotAChannel { what: "a person or a bot" }),
    }
}

/// It is read from where it stands.
fn row(found: Found) -> NewChannel {
    NewChannel {
        telegram_id: found.id,
        username: found.username,
        title: found.title,
        about: found.about,
        discussion: found.discussion,
        newest: found.newest,
        members: found.members,
    }
}
