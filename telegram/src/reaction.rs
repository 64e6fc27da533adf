//! What follows from an error, for the account and for the work: the error table of Telegram's ways, as a function.
//!
//! [`react`] is the only place that knows the table; actors carry its two answers out. An account's reaction never names
//! another account: a wait or a refusal stays with whom it was given to. Waits are spans, the caller adds its own `now`.

use std::time::Duration;

use crate::{TelegramError, WaitScope};

/// How often a channel where the account may not write is looked at again.
pub const BLOCK_REVIEW: Duration = Duration::from_secs(24 * 3600);

/// How soon a join that awaits an administrator is tried again.
pub const JOIN_REVIEW: Duration = Duration::from_secs(3600);

/// How soon work is tried again that failed for want of a connection, or because Telegram is behind with itself.
pub const SHORT_RETRY: Duration = Duration::from_secs(15);

/// What follows from an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// What it means for the account.
    pub account: AccountReaction,
    /// What it means for the work that met it.
    pub work: WorkReaction,
}

/// What an error means for the account it was given to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountReaction {
    /// Nothing.
    Fine,
    /// It waits: `account::Event::Flood` at now plus this.
    Flood(Duration),
    /// It waits in this chat only, this long.
    SlowMode(Duration),
    /// It is frozen: `account::Event::Freeze`, and a person is called.
    Freeze,
    /// It is limited: `account::Event::Limit`, and a person is called.
    Limit,
    /// It may not write in this chat; from the second such chat on it is limited.
    Ban,
    /// It lost its authorization: `account::Event::Deauthorize`. The connection is closed and not opened again.
    Deauthorize {
        /// Whether its key is worthless too and is to be forgotten.
        forget_key: bool,
    },
    /// It is gone: `account::Event::Die`.
    Die,
    /// It may not write in this chat, which is looked at again after [`BLOCK_REVIEW`].
    Block,
    /// The channel is lost to it.
    LoseChannel,
    /// What it knows of its right to speak as the channel is stale: ask again.
    RefreshRights,
    /// What it knows of the chat is stale: resolve again.
    ResolveAgain,
    /// What Telegram told it is stored and shown to its owner.
    Show(String),
    /// Its connection is gone: connect again.
    Reconnect,
}

/// What an error means for the work that met it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkReaction {
    /// It stays on the account and is due again after this; not an attempt.
    Defer(Duration),
    /// It stays on the account until its owner has logged in; not an attempt.
    AwaitLogin,
    /// It is tried again after joining, where consent covers that.
    Join,
    /// It is tried again after this, as an attempt.
    Retry(Duration),
    /// It is tried once more, as soon as what the account knew is refreshed.
    RetryOnce,
    /// It goes back to its reviewer: what it answers is gone.
    Void,
    /// It is held until a person decides; nothing else is tried in its place.
    Hold,
    /// Its outcome is unknown: look for it by its `random_id` before anything else.
    Reconcile,
    /// It ends, because the account can do no such work any more.
    Cancel,
    /// It ends, because Telegram refused it.
    Fail,
}

/// What follows from `error`.
#[must_use]
pub fn react(error: &TelegramError) -> Reaction {
    use AccountReaction as A;
    use TelegramError as E;
    use WorkReaction as W;
    let (account, work) = match error {
        E::Wait { scope: WaitScope::Account, wait } => (A::Flood(*wait), W::Defer(*wait)),
        E::Wait { scope: WaitScope::Chat, wait } => (A::SlowMode(*wait), W::Defer(*wait)),
        E::Wait { scope: WaitScope::Transfers, wait } => (A::Fine, W::Defer(*wait)),
        E::Frozen => (A::Freeze, W::Cancel),
        E::PeerFlood => (A::Limit, W::Cancel),
        E::BannedInChannel => (A::Ban, W::Fail),
        E::SessionDuplicated => (A::Deauthorize { forget_key: true }, W::AwaitLogin),
        E::Unauthorized => (A::Deauthorize { forget_key: false }, W::AwaitLogin),
        E::Deactivated => (A::Die, W::Cancel),
        E::WriteForbidden(_) => (A::Block, W::Fail),
        E::JoinRequired => (A::Fine, W::Join),
        E::JoinRequested => (A::Fine, W::Defer(JOIN_REVIEW)),
        E::NoThread => (A::Fine, W::Retry(SHORT_RETRY)),
        E::ReplyGone => (A::Fine, W::Void),
        E::SendAsInvalid => (A::RefreshRights, W::Hold),
        E::PaymentRequired { .. } => (A::Fine, W::Hold),
        E::ChannelPrivate => (A::LoseChannel, W::Fail),
        E::PeerInvalid => (A::ResolveAgain, W::RetryOnce),
        E::UnknownOutcome | E::RandomIdDuplicate => (A::Fine, W::Reconcile),
        E::NotAcceptable(text) => (A::Show(text.clone()), W::Fail),
        E::Lagging => (A::Fine, W::Defer(SHORT_RETRY)),
        E::Disconnected => (A::Reconnect, W::Defer(SHORT_RETRY)),
        E::Other(_) => (A::Fine, W::Fail),
    };
    Reaction { account, work }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: Duration = Duration::from_secs(42);

    /// The table of Telegram's errors, row by row.
    fn table() -> Vec<(TelegramError, AccountReaction, WorkReaction)> {
        use AccountReaction as A;
        use TelegramError as E;
        use WorkReaction as W;
        let wait = |scope| E::Wait { scope, wait: X };
        vec![
            (wait(WaitScope::Account), A::Flood(X), W::Defer(X)),
            (wait(WaitScope::Chat), A::SlowMode(X), W::Defer(X)),
            (wait(WaitScope::Transfers), A::Fine, W::Defer(X)),
            (E::Frozen, A::Freeze, W::Cancel),
            (E::PeerFlood, A::Limit, W::Cancel),
            (E::BannedInChannel, A::Ban, W::Fail),
            (E::SessionDuplicated, A::Deauthorize { forget_key: true }, W::AwaitLogin),
            (E::Unauthorized, A::Deauthorize { forget_key: false }, W::AwaitLogin),
            (E::Deactivated, A::Die, W::Cancel),
            (E::WriteForbidden("CHAT_WRITE_FORBIDDEN"), A::Block, W::Fail),
            (E::WriteForbidden("CHAT_SEND_PLAIN_FORBIDDEN"), A::Block, W::Fail),
            (E::WriteForbidden("CHAT_ADMIN_REQUIRED"), A::Block, W::Fail),
            (E::WriteForbidden("CHAT_RESTRICTED"), A::Block, W::Fail),
            (E::JoinRequired, A::Fine, W::Join),
            (E::JoinRequested, A::Fine, W::Defer(JOIN_REVIEW)),
            (E::NoThread, A::Fine, W::Retry(SHORT_RETRY)),
            (E::ReplyGone, A::Fine, W::Void),
            (E::SendAsInvalid, A::RefreshRights, W::Hold),
            (E::PaymentRequired { stars: 5 }, A::Fine, W::Hold),
            (E::ChannelPrivate, A::LoseChannel, W::Fail),
            (E::PeerInvalid, A::ResolveAgain, W::RetryOnce),
            (E::UnknownOutcome, A::Fine, W::Reconcile),
            (E::RandomIdDuplicate, A::Fine, W::Reconcile),
            (E::NotAcceptable("why".into()), A::Show("why".into()), W::Fail),
            (E::Lagging, A::Fine, W::Defer(SHORT_RETRY)),
            (E::Disconnected, A::Reconnect, W::Defer(SHORT_RETRY)),
            (E::Other("400 SOMETHING_NEW".into()), A::Fine, W::Fail),
        ]
    }

    #[test]
    fn every_error_is_met_as_the_table_says() {
        for (error, account, work) in table() {
            assert_eq!(react(&error), Reaction { account, work }, "{}", error.code());
        }
    }
}
