//! Asking whether Telegram answers at the end of a route.
//!
//! The question is the first of every key exchange (`req_pq_multi`, core.telegram.org/mtproto/auth_key), which any client
//! may ask without an account. It goes unencrypted in the transport *full*. Whatever keeps to that transport counts as
//! Telegram: the answer with our nonce, or a transport error, by which a server says that it wants something else.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::time::{Clock, Timestamp};
use rand::TryRng as _;
use rand::rngs::SysRng;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::PATIENCE;
use super::dial::dial;
use crate::{Probe, ProbeError, Probes, Route};

/// Two of Telegram's data centres (2 and 4, as `help.getConfig` names them), so that one's trouble is not a proxy's.
const DATA_CENTRES: [SocketAddr; 2] = [
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(149, 154, 167, 41)), 443),
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(149, 154, 167, 92)), 443),
];

const REQ_PQ_MULTI: u32 = 0xbe7e_8ef1;
const RES_PQ: u32 = 0x0516_2463;

/// The transport's own length, number and checksum around what it carries.
const FRAME: usize = 12;
/// The key id, message id and length in front of an unencrypted message.
const ENVELOPE: usize = 20;
/// No answer to this question is longer.
const LONGEST_ANSWER: usize = 1024;

type Nonce = [u8; 16];

/// Looks whether routes lead to Telegram.
pub struct Prober {
    servers: Vec<SocketAddr>,
    clock: Arc<dyn Clock>,
    patience: Duration,
}

impl Prober {
    /// Looks for Telegram's own data centres.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::of(DATA_CENTRES.to_vec(), clock)
    }

    /// Looks for these servers instead: one that answers is enough.
    #[must_use]
    pub fn of(servers: Vec<SocketAddr>, clock: Arc<dyn Clock>) -> Self {
        Self { servers, clock, patience: PATIENCE }
    }

    /// Waits this long for each step on the way instead of 10 s.
    #[must_use]
    pub const fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    async fn try_server(&self, route: &Route, server: SocketAddr) -> Result<Probe, ProbeError> {
        let began = Instant::now();
        let mut stream = match route {
            Route::Through(proxy) => dial(proxy, server, self.patience).await?,
            Route::Direct => self.in_time(TcpStream::connect(server)).await?,
        };
        let mut nonce = Nonce::default();
        SysRng.try_fill_bytes(&mut nonce).map_err(|error| ProbeError::NoTelegram(error.to_string()))?;
        self.in_time(greet(&mut stream, nonce, self.clock.now())).await?;
        Ok(Probe { latency: began.elapsed() })
    }

    /// What fails behind the proxy is no fault of the proxy's protocol: it does not reach Telegram.
    async fn in_time<T>(&self, step: impl Future<Output = io::Result<T>>) -> Result<T, ProbeError> {
        match timeout(self.patience, step).await {
            Ok(done) => done.map_err(|error| ProbeError::NoTelegram(error.to_string())),
            Err(_) => Err(ProbeError::NoTelegram(format!("no answer within {} s", self.patience.as_secs()))),
        }
    }
}

#[async_trait]
impl Probes for Prober {
    async fn probe(&self, route: &Route) -> Result<Probe, ProbeError> {
        let mut outcome = Err(ProbeError::NoTelegram("there is no server to look for".to_owned()));
        for server in &self.servers {
            outcome = self.try_server(route, *server).await;
            if !matches!(outcome, Err(ProbeError::NoTelegram(_))) {
                break;
            }
        }
        outcome
    }
}

/// Asks the question and waits for an answer to it.
async fn greet(stream: &mut TcpStream, nonce: Nonce, now: Timestamp) -> io::Result<()> {
    stream.write_all(&question(nonce, now)).await?;
    let head = stream.read_i32_le().await?;
    if (-999..0).contains(&head) {
        return Ok(()); // a transport error without a frame
    }
    let length = usize::try_from(head).ok().filter(|length| (FRAME + 4..=LONGEST_ANSWER).contains(length));
    let mut frame = head.to_le_bytes().to_vec();
    frame.resize(length.ok_or_else(strange)?, 0);
    stream.read_exact(&mut frame[4..]).await?;
    if is_answer(&frame, nonce) { Ok(()) } else { Err(strange()) }
}

/// `req_pq_multi` in its envelope in its frame. A message id is the time in seconds, in units of 2^-32, divisible by four.
fn question(nonce: Nonce, now: Timestamp) -> Vec<u8> {
    let message_id = (now.secs() << 32) & !3;
    let mut body = REQ_PQ_MULTI.to_le_bytes().to_vec();
    body.extend(nonce);
    let mut frame = Vec::with_capacity(FRAME + ENVELOPE + body.len());
    frame.extend(length_of(FRAME + ENVELOPE + body.len()));
    frame.extend(0_u32.to_le_bytes());
    frame.extend(0_u64.to_le_bytes());
    frame.extend(message_id.to_le_bytes());
    frame.extend(length_of(body.len()));
    frame.extend(body);
    frame.extend(crc32fast::hash(&frame).to_le_bytes());
    frame
}

/// Whether a whole frame holds `resPQ` for this nonce, or a transport error.
fn is_answer(frame: &[u8], nonce: Nonce) -> bool {
    let Some((checked, checksum)) = frame.split_last_chunk::<4>() else { return false };
    if crc32fast::hash(checked) != u32::from_le_bytes(*checksum) {
        return false;
    }
    let payload = &checked[8..];
    if let Ok(code) = <[u8; 4]>::try_from(payload) {
        return i32::from_le_bytes(code) < 0;
    }
    let mut expected = RES_PQ.to_le_bytes().to_vec();
    expected.extend(nonce);
    payload.starts_with(&[0; 8]) && payload.get(ENVELOPE..).is_some_and(|body| body.starts_with(&expected))
}

/// A length as the transport writes it; everything here is short.
fn length_of(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes()
}

fn strange() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "what answers there is not Telegram")
}
