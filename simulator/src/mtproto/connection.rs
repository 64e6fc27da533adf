//! One client's connection: bytes in, packets opened, calls asked of the world, answers and updates sealed and sent.
//!
//! A connection is one task. It ends when the client hangs up, when the world ends the account's line, when the door is told to
//! drop its connections, or at the first packet that makes no sense. Nothing of it outlives it: a client that comes back begins
//! a new session and asks for what it missed.

use std::sync::Arc;
use std::time::Instant;

use grammers_crypto::DequeBuffer;
use grammers_mtproto::transport::{self, Full, Transport as _};
use grammers_tl_types::{
    Cursor, Deserializable as _, Identifiable as _, Serializable as _, enums, functions, types,
};
use telegram::TelegramError;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};

use super::calls::{self, Call, Caller, Refused};
use super::envelope::{AuthKey, Message};
use super::faults::LostAnswer;
use super::house::House;
use super::keys::Holder;
use super::pushed;
use super::session::{self, Outgoing, Part, Session};
use crate::door::{Heard, Line};

/// How much is read at once.
const BLOCK: usize = 16 * 1024;
/// The largest packet that is accepted; Telegram's limit is about a megabyte.
const LARGEST: usize = 1_100_000;
/// Transport error: the server does not know the key.
const UNKNOWN_KEY: i32 = -404;

/// Why a connection is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The client left, or it is not wanted any more.
    Over,
    /// It sent what makes no sense.
    Garbled,
}

/// The connection.
pub(super) struct Connection {
    house: Arc<House>,
    stream: TcpStream,
    transport: Full,
    incoming: Vec<u8>,
    key: Option<(Holder, AuthKey)>,
    session: Option<Session>,
    line: Option<(Arc<Line>, u32)>,
    scanned: Arc<Notify>,
}

/// What happens next on a connection.
enum Event {
    Read(std::io::Result<usize>),
    Heard(Result<Heard, TelegramError>),
    Scanned,
    Dropped,
}

impl Connection {
    pub(super) fn new(house: Arc<House>, stream: TcpStream) -> Self {
        Self {
            house,
            stream,
            transport: Full::new(),
            incoming: Vec::new(),
            key: None,
            session: None,
            line: None,
            scanned: Arc::default(),
        }
    }

    /// Serves the client until the end.
    pub(super) async fn serve(mut self, mut dropped: watch::Receiver<u64>) {
        let _open = self.house.opened();
        loop {
            match self.event(&mut dropped).await {
                Event::Read(Ok(count)) if count > 0 => {
                    let _busy = self.house.busy();
                    if let Err(end) = self.take_packets().await {
                        tracing::debug!(?end, "a connection is over");
                        return;
                    }
                }
                Event::Heard(Ok(heard)) => {
                    if self.push(&heard).await.is_err() {
                        return;
                    }
                }
                Event::Scanned => {
                    let scanned = pushed::short(enums::Update::LoginToken, self.house.now());
                    if self.send(vec![Outgoing::update(&scanned)]).await.is_err() {
                        return;
                    }
                }
                Event::Read(_) | Event::Heard(Err(_)) | Event::Dropped => return,
            }
        }
    }

    async fn event(&mut self, dropped: &mut watch::Receiver<u64>) -> Event {
        if self.house.faults().swallows {
            drop(dropped.changed().await);
            return Event::Dropped;
        }
        let line = self.line.as_ref();
        let heard = std::future::poll_fn(|context| match line {
            Some((line, stream)) => line.poll_next(*stream, context),
            None => std::task::Poll::Pending,
        });
        self.incoming.reserve(BLOCK);
        tokio::select! {
            biased;
            _ = dropped.changed() => Event::Dropped,
            read = self.stream.read_buf(&mut self.incoming) => Event::Read(read),
            () = self.scanned.notified() => Event::Scanned,
            heard = heard => Event::Heard(heard),
        }
    }

    /// Takes the packets that are complete.
    async fn take_packets(&mut self) -> Result<(), End> {
        loop {
            match self.transport.unpack(&mut self.incoming) {
                Ok(packet) => {
                    let data = self.incoming.get(packet.data_range).ok_or(End::Garbled)?.to_vec();
                    self.incoming.drain(..packet.next_offset);
                    self.take(&data).await?;
                }
                Err(transport::Error::MissingBytes) if self.announced() < LARGEST => {
                    self.incoming.shrink_to(BLOCK);
                    return Ok(());
                }
                Err(_) => return Err(End::Garbled),
            }
        }
    }

    /// How long the packet that comes in says it is; 0 if it has not come that far.
    fn announced(&self) -> usize {
        let length = self.incoming.first_chunk().map_or(0, |length| u32::from_le_bytes(*length));
        usize::try_from(length).unwrap_or(usize::MAX)
    }

    async fn take(&mut self, packet: &[u8]) -> Result<(), End> {
        let id = packet.get(..8).and_then(|id| id.try_into().ok()).map(u64::from_le_bytes);
        match id.ok_or(End::Garbled)? {
            0 => return self.take_plain(packet).await,
            id => self.find_key(id).await?,
        }
        let Some((_, key)) = &self.key else { return Err(End::Garbled) };
        let message = key.open(packet).ok_or(End::Garbled)?;
        let answers = self.answer_packet(message)?;
        if answers.is_empty() || self.house.faults().silent {
            return Ok(());
        }
        self.send(answers).await
    }

    /// A packet without a key: the beginning of a key exchange, as far as it goes here. It shows that Telegram answers.
    async fn take_plain(&mut self, packet: &[u8]) -> Result<(), End> {
        let body = packet.get(20..).ok_or(End::Garbled)?;
        let (id, rest) = body.split_at_checked(4).ok_or(End::Garbled)?;
        if id != functions::ReqPqMulti::CONSTRUCTOR_ID.to_le_bytes() {
            return Err(End::Garbled);
        }
        let asked =
            functions::ReqPqMulti::deserialize(&mut Cursor::from_slice(rest)).map_err(|_| End::Garbled)?;
        let answer = types::ResPq {
            nonce: asked.nonce,
            server_nonce: [1; 16],
            pq: vec![0x17, 0xed, 0x48, 0x94, 0x1a, 0x08, 0xf9, 0x81],
            server_public_key_fingerprints: Vec::new(),
        };
        let body = enums::ResPq::Pq(answer).to_bytes();
        // No key, then a message id, which must be odd and not 0 and is nothing else to anybody.
        let mut plain = vec![0; 8];
        plain.extend(1_i64.to_le_bytes());
        plain.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
        plain.extend(body);
        self.write(&plain).await
    }

    async fn find_key(&mut self, id: u64) -> Result<(), End> {
        if self.key.as_ref().is_some_and(|(_, key)| key.id() == id) {
            return Ok(());
        }
        self.key = self.house.key(id);
        if self.key.is_some() {
            return Ok(());
        }
        drop(self.stream.write_all(&UNKNOWN_KEY.to_le_bytes()).await);
        Err(End::Over)
    }

    /// What is answered to a packet.
    fn answer_packet(&mut self, message: Message) -> Result<Vec<Outgoing>, End> {
        let mut answers = Vec::new();
        if self.session.as_ref().is_none_or(|session| !session.is(message.session)) {
            self.session = Some(Session::beginning(self.house.seed(), &message));
        }
        let first = message.id;
        let Some(session) = &mut self.session else { return Err(End::Garbled) };
        session.hear_clock(message.id);
        if let Some(refusal) = session.salt_refused(&message) {
            return Ok(vec![refusal]);
        }
        answers.extend(session.created(first));
        let parts = session::parts(message).ok_or(End::Garbled)?;
        let counted: Vec<i64> =
            parts.iter().filter(|part| part.sequence % 2 == 1).map(|part| part.id).collect();
        if !counted.is_empty() {
            answers.push(session::acknowledge(counted));
        }
        for part in parts {
            answers.extend(self.answer(&part)?);
        }
        Ok(answers)
    }

    /// What is answered to a part of a packet: a service message, or a call.
    fn answer(&mut self, part: &Part) -> Result<Option<Outgoing>, End> {
        let call = Call::read(&part.body).ok_or(End::Garbled)?;
        let cursor = &mut Cursor::from_slice(&call.arguments);
        let garbled = |_| End::Garbled;
        match call.method {
            types::MsgsAck::CONSTRUCTOR_ID
            | types::MsgsStateReq::CONSTRUCTOR_ID
            | types::MsgsAllInfo::CONSTRUCTOR_ID
            | types::HttpWait::CONSTRUCTOR_ID => Ok(None),
            functions::Ping::CONSTRUCTOR_ID => {
                let ping = functions::Ping::deserialize(cursor).map_err(garbled)?;
                Ok(Some(pong(part.id, ping.ping_id)))
            }
            functions::PingDelayDisconnect::CONSTRUCTOR_ID => {
                let ping = functions::PingDelayDisconnect::deserialize(cursor).map_err(garbled)?;
                Ok(Some(pong(part.id, ping.ping_id)))
            }
            functions::GetFutureSalts::CONSTRUCTOR_ID => {
                let asked = functions::GetFutureSalts::deserialize(cursor).map_err(garbled)?;
                Ok(self.session.as_ref().map(|session| session.future_salts(part.id, asked.num)))
            }
            functions::DestroySession::CONSTRUCTOR_ID => {
                let asked = functions::DestroySession::deserialize(cursor).map_err(garbled)?;
                let none = types::DestroySessionNone { session_id: asked.session_id };
                Ok(Some(Outgoing::service(enums::DestroySessionRes::DestroySessionNone(none).to_bytes())))
            }
            _ => self.answer_call(part.id, &call),
        }
    }

    fn answer_call(&mut self, id: i64, call: &Call) -> Result<Option<Outgoing>, End> {
        let Some((holder, _)) = self.key else { return Err(End::Garbled) };
        let began = Instant::now();
        let (answer, line) = self.house.ask(|state, now, faults| {
            let scripted =
                holder.account(state).and_then(|(account, _)| self.house.scripted(account, call.name()));
            let dc = self.house.dc();
            let mut caller = Caller { state, now, holder, dc, faults, scanned: &self.scanned };
            let answer = match scripted {
                Some(error) => Err(error.into()),
                None => calls::answer(&mut caller, call),
            };
            let line = if self.line.is_none() && call.wants_updates { listen(&mut caller) } else { None };
            (answer, line)
        });
        self.line = self.line.take().or(line);
        self.house.called(call.name(), began);
        let result = match answer {
            Ok(result) => result,
            Err(Refused::Rpc(code, name)) => session::error(code, &name),
            Err(Refused::Unknown) => session::error(400, &self.house.unknown(call)),
            Err(Refused::Unread) => return Err(End::Over),
            Err(Refused::Lost) => match self.house.faults().lost_answers {
                LostAnswer::HangUp => return Err(End::Over),
                LostAnswer::TimedOut => session::error(-503, "Timeout"),
                LostAnswer::Silence => return Ok(None),
            },
        };
        Ok(Some(Outgoing::result(id, result)))
    }

    /// Pushes what the world told.
    async fn push(&mut self, heard: &Heard) -> Result<(), End> {
        let faults = self.house.faults();
        let Some((holder, _)) = self.key else { return Ok(()) };
        if faults.withholds_updates {
            return Ok(());
        }
        let updates = self.house.ask(|state, now, faults| {
            let (account, _) = holder.account(state)?;
            pushed::updates(state, account, heard, now, faults.min_peers)
        });
        let Some(updates) = updates else { return Ok(()) };
        let times = if faults.doubles_updates { 2 } else { 1 };
        for _ in 0..times {
            self.send(vec![Outgoing::update(&updates)]).await?;
        }
        Ok(())
    }

    async fn send(&mut self, messages: Vec<Outgoing>) -> Result<(), End> {
        let (Some(session), Some((_, key))) = (&mut self.session, &self.key) else { return Ok(()) };
        let packet = key.seal(&session.pack(messages));
        self.write(&packet).await
    }

    async fn write(&mut self, packet: &[u8]) -> Result<(), End> {
        let mut buffer = DequeBuffer::with_capacity(packet.len() + 4, 8);
        buffer.extend(packet.iter().copied());
        self.transport.pack(&mut buffer);
        let written = self.stream.write_all(&buffer[..]).await;
        self.house.stirred();
        written.map_err(|_| End::Over)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some((line, stream)) = &self.line {
            line.stop_listening(*stream);
            line.end(TelegramError::Disconnected);
        }
    }
}

/// Opens the line on which an account is told what happens, if the call came from an account.
fn listen(caller: &mut Caller<'_>) -> Option<(Arc<Line>, u32)> {
    let (account, login) = caller.holder.account(caller.state)?;
    let line = caller.state.connect_login(account, login).ok()?;
    let stream = line.listen();
    Some((line, stream))
}

fn pong(message: i64, ping: i64) -> Outgoing {
    let pong = types::Pong { msg_id: message, ping_id: ping };
    Outgoing::service(enums::Pong::Pong(pong).to_bytes())
}
