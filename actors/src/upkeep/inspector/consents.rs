//! Consents looked at again: whether the administrator who is the proof still is one, and which have run out.

use domain::consent::LOOK_AGAIN;
use persistence::consents::ConsentToCheck;
use persistence::outbox::Actor;
use telegram::{Rights, TelegramError};

use crate::accounts::AccountMessage;
use crate::deps::Deps;
use crate::error::ActorError;

/// Consents that one tick looks at, or ends, at most.
const BATCH: u32 = 500;

/// Ends what ran out, and asks about what is due.
pub(super) async fn look(deps: &Deps) -> Result<(), ActorError> {
    let ended = deps.store.end_consents_that_ran_out(deps.now(), BATCH).await?;
    if ended > 0 {
        tracing::info!(ended, "consents ran out");
    }
    let due = deps.store.consents_to_check(deps.now() - LOOK_AGAIN, BATCH).await?;
    let looks = futures::future::join_all(due.iter().map(|due| look_at(deps, due))).await;
    looks.into_iter().collect()
}

async fn look_at(deps: &Deps, due: &ConsentToCheck) -> Result<(), ActorError> {
    // An account that another node holds, or that does not run, leaves its consents due until somebody can ask.
    let Some(account) = deps.directory.accounts.find(due.account) else { return Ok(()) };
    let channel = due.channel_peer;
    let answer = account.ask(|reply| AccountMessage::Rights { channel, reply }).await;
    let why = match answer.unwrap_or(Err(TelegramError::Disconnected)) {
        Ok(Rights { administrator: true, .. }) => {
            deps.store.confirm_consent(due.consent, deps.now()).await?;
            return Ok(());
        }
        Ok(Rights { administrator: false, .. }) => "the account no longer administers the channel",
        Err(TelegramError::ChannelPrivate) => "the account no longer sees the channel",
        Err(_) => return Ok(()),
    };
    deps.store.end_consent(due.project, due.consent, Actor::System, why, deps.now()).await?;
    tracing::warn!(consent = %due.consent, why, "a consent ended");
    Ok(())
}
