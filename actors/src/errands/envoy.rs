//! Who asks Telegram for an errand.

use async_trait::async_trait;
use domain::id::{AccountId, PeerId};
use domain::link::ChatLink;
use telegram::{Found, Rights, TelegramError};

use super::ErrandError;
use crate::accounts::AccountMessage;
use crate::deps::Deps;

/// Those who can ask Telegram through an account, if it has a connection.
#[async_trait]
pub(crate) trait Envoy: Sync {
    /// What a link leads to.
    async fn resolve(&self, account: AccountId, link: &ChatLink) -> Result<Found, TelegramError>;

    /// What the account may do in a channel.
    async fn rights(&self, account: AccountId, channel: PeerId) -> Result<Rights, TelegramError>;

    /// Looks how the account fares, and keeps what was found; whether there was somebody to look.
    async fn check(&self, account: AccountId) -> Result<bool, ErrandError>;
}

/// The accounts' actors of a running tree.
pub(crate) struct Staff<'a>(pub(crate) &'a Deps);

#[async_trait]
impl Envoy for Staff<'_> {
    async fn resolve(&self, account: AccountId, link: &ChatLink) -> Result<Found, TelegramError> {
        let actor = self.0.directory.accounts.find(account).ok_or(TelegramError::Disconnected)?;
        let link = link.clone();
        let answer = actor.ask(|reply| AccountMessage::Resolve { link, reply }).await;
        answer.unwrap_or(Err(TelegramError::Disconnected))
    }

    async fn rights(&self, account: AccountId, channel: PeerId) -> Result<Rights, TelegramError> {
        let actor = self.0.directory.accounts.find(account).ok_or(TelegramError::Disconnected)?;
        let answer = actor.ask(|reply| AccountMessage::Rights { channel, reply }).await;
        answer.unwrap_or(Err(TelegramError::Disconnected))
    }

    async fn check(&self, account: AccountId) -> Result<bool, ErrandError> {
        let Some(actor) = self.0.directory.accounts.find(account) else { return Ok(false) };
        Ok(actor.ask(|reply| AccountMessage::Check(Some(reply))).await.unwrap_or(false))
    }
}

/// What a link leads to, by the first account that can ask. One that has no connection, or lost its login, cannot; a wait is
/// an answer, and so is a refusal that every account would get.
pub(super) async fn resolve(
    envoy: &impl Envoy,
    accounts: &[AccountId],
    link: &ChatLink,
) -> Result<(AccountId, Found), ErrandError> {
    let mut private = false;
    for account in accounts {
        match envoy.resolve(*account, link).await {
            Ok(found) => return Ok((*account, found)),
            // Another account may be a member.
            Err(TelegramError::ChannelPrivate) => private = true,
            Err(
                TelegramError::Disconnected
                | TelegramError::Unauthorized
                | TelegramError::SessionDuplicated
                | TelegramError::Deactivated,
            ) => {}
            Err(told) => return Err(ErrandError::told(*account, told)),
        }
    }
    Err(if private { ErrandError::Private } else { ErrandError::NobodyToAsk })
}
