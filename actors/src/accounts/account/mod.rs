//! An account at work: keeps its one connection, sends its one comment at a time, and answers questions that need Telegram.
//!
//! Everything Telegram says no to goes through `telegram::reaction`, which answers twice: what it means for the account
//! (a change of its status, stored at once) and what it means for the work. The work of an account never moves to another
//! one. A lost connection is opened again with backoff; a lost authorization is not, until its owner logs in.

mod connect;
mod message;
mod react;
mod read;
mod send;
mod state;

pub(crate) use message::AccountMessage;

use domain::account::Event;
use domain::id::AccountId;

use crate::deps::Deps;
use crate::error::ActorError;
use crate::runtime::{Cx, Kind, Registry, Worker};
use state::State;

/// The actor of one account.
pub(crate) struct Account;

impl Worker for Account {
    const KIND: Kind = Kind::Account;
    const GROUP: Kind = Kind::Accounts;
    type Key = AccountId;
    type Message = AccountMessage;
    type State = State;

    fn registry(deps: &Deps) -> &Registry<AccountId, AccountMessage> {
        &deps.directory.accounts
    }

    async fn roster(deps: &Deps) -> Result<Vec<AccountId>, ActorError> {
        /// Accounts read at once.
        const PAGE: u32 = 2000;
        let mut roster: Vec<AccountId> = Vec::new();
        loop {
            let page = deps.store.accounts_to_run(roster.last().copied(), PAGE).await?;
            roster.extend(page.iter().map(|account| account.account));
            if page.len() < PAGE as usize {
                return Ok(roster);
            }
        }
    }

    async fn start(cx: &Cx<Self>) -> Result<State, ActorError> {
        cx.me.cast(AccountMessage::Connect)?;
        Ok(State::down())
    }

    async fn handle(cx: &Cx<Self>, state: &mut State, message: AccountMessage) -> Result<(), ActorError> {
        match message {
            AccountMessage::Connect => connect::connect(cx, state).await,
            AccountMessage::Reroute => connect::reroute(cx, state).await,
            AccountMessage::Disconnected { line, error } => {
                connect::disconnected(cx, state, line, &error).await
            }
            AccountMessage::MissedUpdates => connect::missed_updates(cx).await,
            AccountMessage::WaitOver => {
                react::change(cx, Event::Tick(cx.deps.now()), "the wait is over").await
            }
            AccountMessage::Send(work) => send::send(cx, state, work).await,
            AccountMessage::Look { group, ids, reply } => read::look(cx, state, group, &ids, reply).await,
            AccountMessage::Newest { channels, reply } => read::newest(cx, state, &channels, reply).await,
            AccountMessage::History { channel, ids, reply } => {
                read::history(cx, state, channel, &ids, reply).await
            }
        }
    }
}
