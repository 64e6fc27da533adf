//! A proxy on loopback, in this process, in front of a real one.
//!
//! It speaks SOCKS5 to its client and the real proxy's protocol onwards. Name and password are drawn anew for each bridge
//! and never leave the process, so nobody else on the machine gets through. Whatever goes wrong on the way onwards reaches
//! the client as a refused or closed connection; the reason is logged.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use domain::proxy::ProxyAddress;
use rand::TryRng as _;
use rand::rngs::SysRng;
use secrecy::SecretString;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

use super::PATIENCE;
use super::dial::dial;
use super::entrance::{self, Answer};
use crate::ProbeError;

/// A bridge to one proxy. Dropping it ends everything that passes over it.
pub struct Bridge {
    address: SocketAddr,
    keeper: Arc<Keeper>,
    accepting: AbortHandle,
}

/// Who may pass, and where to.
struct Keeper {
    username: String,
    password: String,
    proxy: ProxyAddress,
}

impl Bridge {
    /// Opens a bridge to `proxy`. The proxy itself is dialled when somebody wants to pass.
    ///
    /// # Errors
    /// When loopback has no port left, or the operating system gives no random numbers.
    pub async fn open(proxy: ProxyAddress) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let keeper = Arc::new(Keeper { username: word()?, password: word()?, proxy });
        let accepting = tokio::spawn(accept(listener, keeper.clone())).abort_handle();
        Ok(Self { address, keeper, accepting })
    }

    /// How a client reaches it: `socks5://NAME:PASSWORD@127.0.0.1:PORT`, with nothing in it that needs encoding.
    #[must_use]
    pub fn url(&self) -> SecretString {
        let Keeper { username, password, .. } = &*self.keeper;
        format!("socks5://{username}:{password}@{}", self.address).into()
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl std::fmt::Debug for Bridge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bridge")
            .field("address", &self.address)
            .field("proxy", &self.keeper.proxy)
            .finish_non_exhaustive()
    }
}

/// Thirty-two digits that nobody guesses.
fn word() -> io::Result<String> {
    let mut bytes = [0; 16];
    SysRng.try_fill_bytes(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Serves whoever comes. Those under way end with this task, because it holds them.
async fn accept(listener: TcpListener, keeper: Arc<Keeper>) {
    /// The wait after the system had no socket left to accept with.
    const BREATH: Duration = Duration::from_millis(100);
    let mut passing = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((client, _)) => drop(passing.spawn(pass(client, keeper.clone()))),
                Err(_) => tokio::time::sleep(BREATH).await,
            },
            Some(_) = passing.join_next() => {}
        }
    }
}

async fn pass(mut client: TcpStream, keeper: Arc<Keeper>) {
    let proxy = &keeper.proxy;
    if let Err(error) = carry(&mut client, &keeper).await {
        tracing::debug!(%proxy, %error, "a connection over a bridge ended");
    }
}

/// Admits a client and moves bytes both ways until one side closes.
async fn carry(client: &mut TcpStream, keeper: &Keeper) -> io::Result<()> {
    let admitted = timeout(PATIENCE, entrance::admit(client, &keeper.username, &keeper.password)).await;
    let server = admitted.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    let mut onwards = match dial(&keeper.proxy, server, PATIENCE).await {
        Ok(stream) => stream,
        Err(error) => {
            entrance::answer(client, refusal(&error)).await?;
            return Err(io::Error::other(error));
        }
    };
    entrance::answer(client, Answer::Granted).await?;
    tokio::io::copy_bidirectional(client, &mut onwards).await?;
    Ok(())
}

const fn refusal(error: &ProbeError) -> Answer {
    match error {
        ProbeError::Denied => Answer::NotAllowed,
        ProbeError::NoTelegram(_) => Answer::HostUnreachable,
        ProbeError::Unreachable(_) | ProbeError::Garbled(_) | ProbeError::Silent(_) => Answer::Failed,
    }
}
