//! Carries out what an error means for the account.

use domain::account::{Event, Status};
use telegram::TelegramError;
use telegram::reaction::{AccountReaction, react};

use super::state::State;
use super::{Account, AccountMessage};
use crate::error::ActorError;
use crate::runtime::Cx;

/// Whether an error means that the owner must log in before anything else.
pub(super) fn is_login_lost(error: &TelegramError) -> bool {
    matches!(react(error).account, AccountReaction::Deauthorize { .. } | AccountReaction::Die)
}

/// Changes the account's status as `error` demands, and its line with it. What concerns a single chat (a block, a ban, slow
/// mode) is stored with the work that met it; see `send`.
pub(super) async fn to_account(
    cx: &Cx<Account>,
    state: &mut State,
    error: &TelegramError,
) -> Result<(), ActorError> {
    let reason = error.code();
    match react(error).account {
        AccountReaction::Flood(wait) => {
            change(cx, Event::Flood(cx.deps.now() + wait), &reason).await?;
            cx.cast_after(wait, AccountMessage::WaitOver);
            Ok(())
        }
        AccountReaction::Freeze => change(cx, Event::Freeze, &reason).await,
        AccountReaction::Limit => change(cx, Event::Limit, &reason).await,
        AccountReaction::Deauthorize { .. } => {
            state.hang_up();
            change(cx, Event::Deauthorize, &reason).await
        }
        AccountReaction::Die => {
            state.hang_up();
            change(cx, Event::Die, &reason).await
        }
        AccountReaction::Reconnect => {
            if matches!(state, State::Up { .. }) {
                state.hang_up();
                cx.me.cast(AccountMessage::Connect)?;
            }
            Ok(())
        }
        AccountReaction::Show(text) => Ok(cx.deps.store.note_account(cx.key, &text).await?),
        AccountReaction::Fine
        | AccountReaction::SlowMode(_)
        | AccountReaction::Ban
        | AccountReaction::Block
        | AccountReaction::LoseChannel
        | AccountReaction::RefreshRights
        | AccountReaction::ResolveAgain => Ok(()),
    }
}

/// Stores an event of the account; one that does not fit its status changes nothing (it was limited while it waited, say).
pub(super) async fn change(cx: &Cx<Account>, event: Event, reason: &str) -> Result<(), ActorError> {
    let status: Status = cx.deps.store.account_event(cx.key, event, reason, cx.deps.now()).await?;
    tracing::debug!(account = %cx.key, status = %status.name(), reason, "account");
    Ok(())
}
