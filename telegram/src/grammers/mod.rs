//! The adapter of the port on grammers: accounts, people's and bots', over MTProto.
//!
//! Only this folder (and the simulator's MTProto door) knows grammers. Of it we use the parts below its client: the pool that
//! drives a connection, the session in memory, the boxes that put updates in order, and the types of Telegram's language. Its
//! client invents random ids, sleeps through waits, repeats calls and reconnects unseen; here every wait and every end is an
//! answer that the caller sees. A [`Line`](line) lives once: when its connection ends, so does it, and whether and when there
//! is another one is the caller's decision.

mod session;
mod shared_key;

use std::net::SocketAddrV4;
use std::time::Duration;

use secrecy::SecretString;

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
    /// What [`shared_key`] derives the keys of new logins from.
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
