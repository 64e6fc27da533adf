//! The MTProto door: the same world behind a server on loopback that speaks Telegram's own protocol, for real clients.
//!
//! It speaks MTProto 2.0 over the `full` transport. Keys are shared beforehand ([`telegram::grammers::shared_key`]): clients
//! have Telegram's RSA keys built in, so nobody else can exchange keys with them. What it cannot do it refuses by name
//! (`METHOD_NOT_SIMULATED_...`) and counts. What it does wrong, it was told to: [`DoorFaults`].
//!
//! From the wire inwards: [`connection`] (bytes, packets), [`envelope`] (encryption), [`session`] (ids, salts, containers),
//! [`calls`] (methods), [`drawn`] (the world's things as constructors), and the world.

mod calls;
mod connection;
mod drawn;
mod envelope;
mod faults;
mod house;
mod keys;
mod pushed;
mod session;

use std::net::SocketAddrV4;
use std::sync::Arc;

use domain::time::Clock;
use secrecy::SecretString;
use telegram::Session;
use telegram::TelegramError;
use telegram::grammers::{GrammersSession, KeyPurpose, Server, shared_key};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use connection::Connection;
pub use faults::{DoorFaults, LostAnswer};
pub use house::DoorCounts;
use house::House;

use crate::plan::WorldPlan;
use crate::world::World;

/// The data centre that the door stands for.
const DC: i32 = 2;

/// Whether a door lets anybody in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entrance {
    Open,
    Shut,
    /// For good.
    Gone,
}

/// The door. Dropping it closes every connection.
pub struct MtprotoDoor {
    world: Arc<World>,
    house: Arc<House>,
    address: SocketAddrV4,
    login_key: SecretString,
    drops: watch::Sender<u64>,
    entrance: watch::Sender<Entrance>,
    accepting: JoinHandle<()>,
}

impl std::fmt::Debug for MtprotoDoor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MtprotoDoor").field("address", &self.address).finish_non_exhaustive()
    }
}

impl MtprotoDoor {
    /// Opens a door whose calls happen at the clock's time. Port 0 takes any that is free. `login_key` is what both sides
    /// derive their keys from.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn open(
        world: Arc<World>,
        clock: Arc<dyn Clock>,
        address: SocketAddrV4,
        login_key: SecretString,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = SocketAddrV4::new(*address.ip(), listener.local_addr()?.port());
        let house = Arc::new(House::new(world.clone(), clock, DC, login_key.clone()));
        let (drops, _) = watch::channel(0);
        let (entrance, _) = watch::channel(Entrance::Open);
        let accepting =
            tokio::spawn(accept(house.clone(), listener, address, drops.clone(), entrance.subscribe()));
        Ok(Self { world, house, address, login_key, drops, entrance, accepting })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddrV4 {
        self.address
    }

    /// The server as an adapter is told of it.
    #[must_use]
    pub fn server(&self) -> Server {
        Server { dc: DC, address: self.address, login_key: self.login_key.clone() }
    }

    /// The session that an account's owner got at the latest login, for clients that come through this door; `None` for an
    /// account that the world does not have, and for one whose latest login was a code's or a QR code's.
    #[must_use]
    pub fn session(&self, account: u32) -> Option<Session> {
        let logins = self.world.last_own_login(account)?;
        let key = shared_key(&self.login_key, KeyPurpose::Account { index: account, logins });
        let user = WorldPlan::account_peer(account);
        Some(GrammersSession::for_key(DC, self.address, key, Some(user), false))
    }

    /// What it does wrong.
    #[must_use]
    pub fn faults(&self) -> DoorFaults {
        self.house.faults()
    }

    /// Changes what it does wrong, from now on.
    pub fn set_faults(&self, faults: DoorFaults) {
        self.house.set_faults(faults);
        self.entrance.send_replace(if faults.refuses { Entrance::Shut } else { Entrance::Open });
    }

    /// Makes an account's next call end with this error, after those decided already.
    pub fn script(&self, account: u32, error: TelegramError) {
        self.house.script(account, error);
    }

    /// Drops every connection.
    pub fn hang_up(&self) {
        self.drops.send_modify(|count| *count += 1);
    }

    /// Closes the door and waits until every connection has let go of the world.
    pub async fn close(mut self) {
        self.entrance.send_replace(Entrance::Gone);
        drop((&mut self.accepting).await);
    }

    /// What was counted so far.
    #[must_use]
    pub fn counts(&self) -> DoorCounts {
        self.house.counts()
    }

    /// How much is under way: updates that were not pushed yet, packets that are being answered, and whether a client was sent
    /// something just now. Unlike the in-process door's this is no proof, since nothing on the wire tells when a client is
    /// done with an update; a virtual clock that moves too early only makes that update late.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.house.pending()
    }
}

impl Drop for MtprotoDoor {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Accepts connections while the door is open; while it is shut nobody listens on its port.
async fn accept(
    house: Arc<House>,
    listener: TcpListener,
    address: SocketAddrV4,
    drops: watch::Sender<u64>,
    mut entrance: watch::Receiver<Entrance>,
) {
    // Ends every connection when this does.
    let mut connections = JoinSet::new();
    let mut listener = Some(listener);
    loop {
        let now = *entrance.borrow_and_update();
        match now {
            Entrance::Open if listener.is_some() => {}
            Entrance::Open => listener = TcpListener::bind(address).await.ok(),
            Entrance::Shut => drop(listener.take()),
            Entrance::Gone => break,
        }
        tokio::select! {
            changed = entrance.changed() => {
                if changed.is_err() {
                    break;
                }
            }
            Some(_) = connections.join_next() => {}
            stream = next_stream(listener.as_ref()) => {
                connections.spawn(Connection::new(house.clone(), stream).serve(drops.subscribe()));
            }
        }
    }
    connections.shutdown().await;
}

/// The next connection, if anybody listens.
async fn next_stream(listener: Option<&TcpListener>) -> TcpStream {
    loop {
        match listener {
            Some(listener) => {
                if let Ok((stream, _)) = listener.accept().await {
                    drop(stream.set_nodelay(true));
                    return stream;
                }
            }
            None => std::future::pending().await,
        }
    }
}
