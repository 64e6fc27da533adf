//! The adapter of the port on grammers: accounts, people's and bots', over MTProto.
//!
//! Only this folder (and the simulator's MTProto door) knows grammers. Of it we use the parts below its client: the pool that
//! drives a connection, the session in memory, the boxes that put updates in order, and the types of Telegram's language. Its
//! client invents random ids, sleeps through waits, repeats calls and reconnects unseen; here every wait and every end is an
//! answer that the caller sees. A `Line` lives once: when its connection ends, so does it, and whether and when there
//! is another one is the caller's decision.

mod account;
mod connection;
mod find;
mod line;
mod login;
mod lookup;
mod peers;
mod read;
mod refusal;
mod seen;
mod send;
mod session;
mod shared_key;
mod threads;
mod updates;

use std::collections::HashMap;
use std::net::SocketAddrV4;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use domain::id::AccountId;
use grammers_session::SessionData;
use secrecy::SecretString;
use tokio::time::Instant;

use crate::{Connection, Keep, LoginLine, Logins, Route, Session, SignedIn, Telegram, TelegramError};
use account::Account;
use connection::Connected;
use line::Line;
use login::Login;

pub use session::{GrammersSession, SessionError};
pub use shared_key::{KeyPurpose, LOGIN_KEYS, shared_key};

/// What the adapter has to be told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The application's number, from my.telegram.org.
    pub api_id: i32,
    /// The application's secret, from the same place.
    pub api_hash: SecretString,
    /// Servers to use in place of Telegram's own.
    pub servers: Option<Vec<Server>>,
    /// How long it waits for what.
    pub patience: Patience,
}

/// A server that stands in for one of Telegram's data centres.
#[derive(Clone, Debug)]
pub struct Server {
    /// The data centre's number.
    pub dc: i32,
    /// Where it listens.
    pub address: SocketAddrV4,
    /// What [`shared_key()`] derives the keys of new logins from.
    pub login_key: SecretString,
}

/// How long the adapter waits for what.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a connection to be open and to know who it belongs to.
    pub connect: Duration,
    /// For the answer to a call.
    pub answer: Duration,
    /// Between two looks whether an open connection is still alive.
    pub ping: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { connect: seconds(20), answer: seconds(20), ping: seconds(30) }
    }
}

/// The least time between two connections of this process: a server that returns is not run over by all accounts at once.
const APART: Duration = Duration::from_millis(12);

/// The adapter.
pub struct Grammers {
    settings: Arc<Settings>,
    keep: Arc<dyn Keep>,
    connected: Mutex<HashMap<AccountId, Weak<Account>>>,
    next_turn: tokio::sync::Mutex<Instant>,
}

impl Grammers {
    /// An adapter that keeps what it learns with `keep`.
    #[must_use]
    pub fn new(settings: Settings, keep: Arc<dyn Keep>) -> Self {
        let next_turn = tokio::sync::Mutex::new(Instant::now());
        Self { settings: Arc::new(settings), keep, connected: Mutex::default(), next_turn }
    }

    /// Waits until another connection may be opened. Whoever comes first goes first.
    async fn turn(&self) {
        let mut next = self.next_turn.lock().await;
        tokio::time::sleep_until(*next).await;
        *next = Instant::now() + APART;
    }

    /// Ends the account's connection, if it has one, and notes the one that replaces it.
    fn replace(&self, account: AccountId, by: Weak<Account>) {
        let mut connected = self.connected.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = connected.insert(account, by).and_then(|before| before.upgrade()) {
            before.line.end(TelegramError::Disconnected);
        }
    }
}

#[async_trait]
impl Telegram for Grammers {
    async fn connect(
        &self,
        account: AccountId,
        session: &Session,
        route: &Route,
    ) -> Result<Box<dyn Connection>, TelegramError> {
        self.replace(account, Weak::new());
        self.turn().await;
        let opened = Account::open(&self.settings, self.keep.clone(), account, session, route).await?;
        let opened = Arc::new(opened);
        self.replace(account, Arc::downgrade(&opened));
        Ok(Box::new(Connected(opened)))
    }
}

#[async_trait]
impl Logins for Grammers {
    async fn log_in(&self, route: &Route) -> Result<Box<dyn LoginLine>, TelegramError> {
        Ok(Box::new(Login::begin(self.settings.clone(), route).await?))
    }

    async fn recognise(&self, session: &Session, route: &Route) -> Result<SignedIn, TelegramError> {
        let session = account::read(session)?.open();
        let line = Line::new(&self.settings, self.settings.directed(session), route).await?;
        self.settings.soon(login::signed_in(&line)).await
    }
}

impl Settings {
    /// A session that leads to the servers that stand in for Telegram's, if there are any, and to no others.
    fn directed(&self, mut session: SessionData) -> SessionData {
        if let Some(servers) = &self.servers {
            let mut known = std::mem::take(&mut session.dc_options);
            let directed = servers.iter().map(|server| {
                let key = known.remove(&server.dc).and_then(|known| known.auth_key);
                (server.dc, session::option(server.dc, server.address, key))
            });
            session.dc_options = directed.collect();
        }
        session
    }
}

impl std::fmt::Debug for Grammers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grammers").field("settings", &self.settings).finish_non_exhaustive()
    }
}
