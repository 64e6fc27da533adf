//! The client's side of HTTP CONNECT (RFC 9110, section 9.3.6), with Basic credentials (RFC 7617).

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::proxy::Credentials;
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::dial::broken;
use crate::ProbeError;

/// No proxy has more to say than this before the stream begins.
const LONGEST_HEAD: usize = 8 * 1024;

/// Asks the proxy at the other end of `stream` for a way to `server`.
pub(super) async fn ask(
    stream: &mut TcpStream,
    credentials: Option<&Credentials>,
    server: SocketAddr,
) -> Result<(), ProbeError> {
    let mut request = format!("CONNECT {server} HTTP/1.1\r\nHost: {server}\r\n");
    if let Some(Credentials { username, password }) = credentials {
        let pair = STANDARD.encode(format!("{username}:{}", password.expose_secret()));
        request.push_str(&format!("Proxy-Authorization: Basic {pair}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await.map_err(|error| broken(&error))?;
    let head = read_head(stream).await?;
    match status(&head)? {
        200..=299 => Ok(()),
        401 | 407 => Err(ProbeError::Denied),
        code => Err(ProbeError::NoTelegram(format!("it answers CONNECT with {code}"))),
    }
}

/// Reads up to the empty line, byte by byte: what follows is the server's already.
async fn read_head(stream: &mut TcpStream) -> Result<Vec<u8>, ProbeError> {
    let mut head = Vec::with_capacity(256);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == LONGEST_HEAD {
            return Err(ProbeError::Garbled("its answer has no end".to_owned()));
        }
        head.push(stream.read_u8().await.map_err(|error| broken(&error))?);
        // What begins otherwise may never send an empty line; no need to wait for it.
        if !head.starts_with(b"HTTP/") && !b"HTTP/".starts_with(&head) {
            return Err(ProbeError::Garbled("it does not answer in HTTP".to_owned()));
        }
    }
    Ok(head)
}

fn status(head: &[u8]) -> Result<u16, ProbeError> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    response.parse(head).map_err(|error| ProbeError::Garbled(error.to_string()))?;
    response.code.ok_or_else(|| ProbeError::Garbled("its answer has no status".to_owned()))
}
