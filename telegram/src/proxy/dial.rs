//! Reaching a server through a proxy: a connection to the proxy, and its handshake.
//!
//! Each of the two has its own time limit, because they fail for different reasons: nothing listens, or what listens is
//! silent. After the handshake the stream belongs to the server: not a byte of it was read.

use std::net::SocketAddr;
use std::time::Duration;

use domain::proxy::{ProxyAddress, Scheme};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{http, socks5};
use crate::ProbeError;

/// Opens a stream to `server` through `proxy`.
///
/// # Errors
/// Where the way ends: any [`ProbeError`], `NoTelegram` when it is the proxy that does not reach the server.
pub(super) async fn dial(
    proxy: &ProxyAddress,
    server: SocketAddr,
    patience: Duration,
) -> Result<TcpStream, ProbeError> {
    let reached = timeout(patience, TcpStream::connect((proxy.host.as_str(), proxy.port))).await;
    let mut stream = match reached {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(ProbeError::Unreachable(error.to_string())),
        Err(_) => return Err(ProbeError::Unreachable(format!("no answer within {} s", patience.as_secs()))),
    };
    // What travels here are small messages that somebody waits for. A socket that refuses works all the same.
    let _ = stream.set_nodelay(true);
    let handshake = async {
        match proxy.scheme {
            Scheme::Socks5 => socks5::ask(&mut stream, proxy.credentials.as_ref(), server).await,
            Scheme::Http => http::ask(&mut stream, proxy.credentials.as_ref(), server).await,
        }
    };
    timeout(patience, handshake).await.map_err(|_| ProbeError::Silent(patience))??;
    Ok(stream)
}

/// What a connection that broke within a handshake means: whatever is there does not keep to the protocol.
pub(super) fn broken(error: &std::io::Error) -> ProbeError {
    let hung_up = error.kind() == std::io::ErrorKind::UnexpectedEof;
    let how =
        if hung_up { "it hung up in the middle of the handshake".to_owned() } else { error.to_string() };
    ProbeError::Garbled(how)
}
