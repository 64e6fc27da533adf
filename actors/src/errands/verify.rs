//! Proving a consent: an account of the project administers the channel, or its owner put our code into the description.

use domain::consent::{Evidence, Scope};
use domain::id::{AccountId, ChannelId};
use domain::link::ChatLink;
use domain::time::Timestamp;
use persistence::Store;
use persistence::consents::{AddedChannel, Proof};
use telegram::{Found, Rights, TelegramError};

use super::envoy::{Envoy, resolve};
use super::{Client, ErrandError, Outcome};

/// Accounts that are asked, at most: those that read the channel come first.
const ASKED: u32 = 10;

/// What is to be proven.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) channel: ChannelId,
    pub(super) scope: Scope,
    pub(super) until: Option<Timestamp>,
}

/// Looks for a proof, and writes the consent into the ledger.
pub(super) async fn verify(
    store: &Store,
    envoy: &impl Envoy,
    client: Client,
    wanted: Wanted,
    now: Timestamp,
) -> Result<Outcome, ErrandError> {
    let channel = store.channel(client.project, wanted.channel).await?;
    let accounts = store.accounts_near(client.project, wanted.channel, ASKED).await?;
    let link = link_of(&channel);
    let (asked, found) = resolve(envoy, &accounts, &link).await?;
    store.describe_channel(channel.channel, &found.title, &found.about, found.discussion).await?;
    if wanted.scope == Scope::Comment && found.discussion.is_none() {
        return Err(ErrandError::NoComments);
    }
    let proof = match administrator(envoy, &accounts, &channel).await? {
        Some(account) => proof(
            wanted,
            Evidence::TelegramAdmin,
            format!("account {account} administers the channel"),
            Some(account),
        ),
        None => {
            must_show_code(store, client, wanted, &found, now).await?;
            let detail = format!("account {asked} saw the code in the description");
            proof(wanted, Evidence::DescriptionCode, detail, None)
        }
    };
    let (evidence, until) = (proof.evidence, proof.evidence.ends_at(now, wanted.until));
    let consent = store.prove_consent(client.project, &proof, client.user, now).await?;
    Ok(Outcome::Verified { consent, evidence, until })
}

/// The first account that administers the channel. One that does not see it is none.
async fn administrator(
    envoy: &impl Envoy,
    accounts: &[AccountId],
    channel: &AddedChannel,
) -> Result<Option<AccountId>, ErrandError> {
    for account in accounts {
        match envoy.rights(*account, channel.telegram_id).await {
            Ok(Rights { administrator: true, .. }) => return Ok(Some(*account)),
            Err(TelegramError::Wait { scope, wait }) => {
                return Err(ErrandError::told(*account, TelegramError::Wait { scope, wait }));
            }
            Ok(Rights { administrator: false, .. }) | Err(_) => {}
        }
    }
    Ok(None)
}

async fn must_show_code(
    store: &Store,
    client: Client,
    wanted: Wanted,
    found: &Found,
    now: Timestamp,
) -> Result<(), ErrandError> {
    let Wanted { channel, scope, .. } = wanted;
    match store.awaited_code(client.project, channel, scope, now).await? {
        Some(code) if code.stands_in(&found.about) => Ok(()),
        Some(_) => Err(ErrandError::CodeAbsent),
        None => Err(ErrandError::NotProven { channel, scope }),
    }
}

fn proof(wanted: Wanted, evidence: Evidence, detail: String, account: Option<AccountId>) -> Proof {
    let Wanted { channel, scope, until } = wanted;
    Proof { channel, scope, evidence, detail, account, agreed_until: until }
}

fn link_of(channel: &AddedChannel) -> ChatLink {
    match &channel.username {
        Some(name) => ChatLink::Username(name.to_lowercase()),
        None => ChatLink::Id(channel.telegram_id),
    }
}
