//! Carries out what an error means for the account.

use domain::account::{Event, Status};
use telegram::TelegramError;
use telegram::reaction::{AccountReaction, react};

use super::state::State;
use super::{Account, AccountMessage};
use crate::error::ActorError;
use crate::runtime::Cx;

/// From so many groups on that banned it an account is limited, and a person looks at it.
const BANS_OF_A_LIMIT: u32 = 2;

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
        AccountReaction::Deauthorize { forget_key } => {
            state.hang_up();
            match cx.deps.hold(cx.key) {
                Some(hold) if forget_key => {
                    cx.deps.store.forget_session(hold, &reason, cx.deps.now()).await?;
                    Ok(())
                }
                Some(_) | None => change(cx, Event::Deauthorize, &reason).await,
            }
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
        AccountReaction::Ban if cx.deps.store.blocks_of(cx.key, &reason).await? >= BANS_OF_A_LIMIT => {
            change(cx, Event::Limit, &reason).await
        }
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
/// What happens to an account that another node holds by now is that node's to tell.
pub(super) async fn change(cx: &Cx<Account>, event: Event, reason: &str) -> Result<(), ActorError> {
    let Some(hold) = cx.deps.hold(cx.key) else { return Ok(()) };
    let status: Status = cx.deps.store.held_account_event(hold, event, reason, cx.deps.now()).await?;
    tracing::debug!(account = %cx.key, status = %status.name(), reason, "account");
    Ok(())
}
