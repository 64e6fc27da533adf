//! An account at work: keeps its one connection, sends its one comment at a time, and answers questions that need Telegram.
//!
//! Everything Telegram says no to goes through `telegram::reaction`, which answers twice: what it means for the account
//! (a change of its status, stored at once) and what it means for the work. The work of an account never moves to another
//! one. A lost connection is opened again with backoff; a lost authorization is not, until its owner logs in. There is an
//! actor only for accounts that this process holds (see `tenure`), and it asks again before it connects, writes or changes
//! anything.

mod check;
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
        let (mut roster, mut last) = (Vec::new(), None);
        loop {
            let page = deps.store.accounts_to_run(last, PAGE).await?;
            last = page.last().map(|account| account.account);
            roster.extend(page.iter().map(|account| account.account).filter(|id| deps.hold(*id).is_some()));
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
            AccountMessage::Dial => connect::dial(cx, state).await,
            AccountMessage::LetGo => {
                state.hang_up();
                Ok(())
            }
            AccountMessage::Check(waiting) => check::check(cx, state, waiting).await,
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
            AccountMessage::Resolve { link, reply } => read::resolve(cx, state, &link, reply).await,
            AccountMessage::Rights { channel, reply } => read::rights(cx, state, channel, reply).await,
            AccountMessage::Newest { channels, reply } => read::newest(cx, state, &channels, reply).await,
            AccountMessage::History { channel, ids, reply } => {
                read::history(cx, state, channel, &ids, reply).await
            }
        }
    }
}
