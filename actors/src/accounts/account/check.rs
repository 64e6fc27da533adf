//! A look at the account itself: who Telegram says it is, and whether its profile still tells the label.

use domain::account::Event;
use persistence::health::Checkup;
use telegram::{Identity, TelegramError};

use super::state::State;
use super::{Account, react};
use crate::error::ActorError;
use crate::runtime::{Cx, Reply};

/// Looks, and keeps what was found. An account without a connection is not looked at: its status says why it has none.
pub(super) async fn check(
    cx: &Cx<Account>,
    state: &mut State,
    waiting: Option<Reply<bool>>,
) -> Result<(), ActorError> {
    let answer = match state.connection() {
        Some(connection) => connection.identify().await,
        None => Err(TelegramError::Disconnected),
    };
    let asked = answer.is_ok();
    let kept = match answer {
        Ok(identity) => keep(cx, state, identity).await,
        Err(TelegramError::Disconnected) if state.connection().is_none() => Ok(()),
        Err(error) => react::to_account(cx, state, &error).await,
    };
    if let Some(waiting) = waiting {
        waiting.send(asked);
    }
    kept
}

async fn keep(cx: &Cx<Account>, state: &mut State, identity: Identity) -> Result<(), ActorError> {
    let store = &cx.deps.store;
    let Some(hold) = cx.deps.hold(cx.key) else { return Ok(()) };
    let known = store.account_health(cx.key).await?;
    if known.telegram_id.is_some_and(|id| id != identity.id) {
        state.hang_up();
        return react::change(cx, Event::Deauthorize, "the session is another account's").await;
    }
    let found = Checkup::of(&known.label, identity.username, identity.display_name, &identity.about);
    Ok(store.record_checkup(hold, &found, cx.deps.now()).await?)
}
