//! A client's session on a connection: its ids, sequence numbers and salts, and how messages to it are packed.
//!
//! Message ids follow the client's own clock and not ours: the world may live in another year than the machine, and clients
//! drop messages whose id is far from their time.

use std::io::{Read as _, Write as _};
use std::time::Instant;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use grammers_tl_types::{Cursor, Deserializable as _, Identifiable as _, Serializable as _, enums, types};

use super::envelope::Message;
use domain::seed::Seed;

const CONTAINER: u32 = 0x73f1_f8dc;
pub(super) const GZIPPED: u32 = 0x3072_cfa1;
const RPC_RESULT: u32 = 0xf35c_6d01;
/// What is larger goes out compressed.
const WORTH_PACKING: usize = 512;
/// How many salts a client may use one after another, and for how many seconds each.
const SALTS: i64 = 65;
const SALT_SECONDS: i32 = 1_800;
/// The most that a compressed message may hold, as Telegram limits containers.
const MOST: u64 = 1 << 20;

/// The session.
#[derive(Debug)]
pub(super) struct Session {
    id: i64,
    seed: Seed,
    sequence: i32,
    last_id: i64,
    announced: bool,
    /// What the client's clock showed last, and when that was.
    clock: (i64, Instant),
}

/// A part of a client's packet.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) id: i64,
    pub(super) sequence: i32,
    pub(super) body: Vec<u8>,
}

/// A message on its way to the client.
#[derive(Debug)]
pub(super) struct Outgoing {
    body: Vec<u8>,
    /// Whether it answers something; else it comes by itself.
    answers: bool,
    /// Whether the client must acknowledge it.
    counts: bool,
}

impl Outgoing {
    /// An update.
    pub(super) fn update(updates: &enums::Updates) -> Self {
        Self { body: packed(updates.to_bytes()), answers: false, counts: true }
    }

    /// The result of a call.
    pub(super) fn result(call: i64, result: Vec<u8>) -> Self {
        let mut body = RPC_RESULT.to_le_bytes().to_vec();
        body.extend(call.to_le_bytes());
        body.extend(packed(result));
        Self { body, answers: true, counts: true }
    }

    /// A message of the protocol itself.
    pub(super) fn service(body: Vec<u8>) -> Self {
        Self { body, answers: true, counts: false }
    }
}

impl Session {
    /// A session that begins with this message.
    pub(super) fn beginning(seed: Seed, message: &Message) -> Self {
        let seed = seed.derive("session", message.session);
        Self {
            id: message.session,
            seed,
            sequence: 0,
            last_id: 0,
            announced: false,
            clock: (message.id, Instant::now()),
        }
    }

    /// Whether a message belongs to it.
    pub(super) fn is(&self, session: i64) -> bool {
        self.id == session
    }

    /// The announcement that every session begins with; `None` if it was made.
    pub(super) fn created(&mut self, first: i64) -> Option<Outgoing> {
        if std::mem::replace(&mut self.announced, true) {
            return None;
        }
        let created = types::NewSessionCreated {
            first_msg_id: first,
            unique_id: self.seed.derive("unique", 0).0.cast_signed(),
            server_salt: self.salt(0),
        };
        Some(Outgoing { body: enums::NewSession::Created(created).to_bytes(), answers: false, counts: true })
    }

    /// Notes what the client's clock shows.
    pub(super) fn hear_clock(&mut self, message: i64) {
        if message > self.clock.0 {
            self.clock = (message, Instant::now());
        }
    }

    /// Why a message is not accepted: it carries no salt of this session.
    pub(super) fn salt_refused(&self, message: &Message) -> Option<Outgoing> {
        if (0..SALTS).any(|nth| self.salt(nth) == message.salt) {
            return None;
        }
        let refusal = types::BadServerSalt {
            bad_msg_id: message.id,
            bad_msg_seqno: message.sequence,
            error_code: 48,
            new_server_salt: self.salt(0),
        };
        Some(Outgoing::service(enums::BadMsgNotification::BadServerSalt(refusal).to_bytes()))
    }

    /// The salts of the next hours.
    pub(super) fn future_salts(&self, request: i64, count: i32) -> Outgoing {
        let now = i32::try_from(self.client_time() >> 32).unwrap_or(i32::MAX);
        let salt = |nth: i32| {
            let valid_since = now.saturating_add(nth * SALT_SECONDS);
            types::FutureSalt {
                valid_since,
                valid_until: valid_since.saturating_add(2 * SALT_SECONDS),
                salt: self.salt(i64::from(nth)),
            }
        };
        let salts = grammers_tl_types::RawVec((0..count.clamp(1, 64)).map(salt).collect());
        let salts = types::FutureSalts { req_msg_id: request, now, salts };
        Outgoing::service(enums::FutureSalts::Salts(salts).to_bytes())
    }

    fn salt(&self, nth: i64) -> i64 {
        (self.seed.derive("salt", nth).0 | 1).cast_signed()
    }

    /// What the client's clock shows now, in its message ids' unit: 2^-32 s.
    fn client_time(&self) -> i64 {
        let (shown, at) = self.clock;
        let since = at.elapsed();
        let fraction = (i64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
        shown + ((since.as_secs().cast_signed() << 32) | fraction)
    }

    /// Packs messages into one.
    pub(super) fn pack(&mut self, messages: Vec<Outgoing>) -> Message {
        let mut parts: Vec<Part> = messages.into_iter().map(|message| self.number(message)).collect();
        let part = match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => self.contain(parts.into_iter().chain(last).collect()),
        };
        Message {
            salt: self.salt(0),
            session: self.id,
            id: part.id,
            sequence: part.sequence,
            body: part.body,
        }
    }

    fn contain(&mut self, parts: Vec<Part>) -> Part {
        let mut body = CONTAINER.to_le_bytes().to_vec();
        body.extend(u32::try_from(parts.len()).unwrap_or(u32::MAX).to_le_bytes());
        for part in parts {
            body.extend(part.id.to_le_bytes());
            body.extend(part.sequence.to_le_bytes());
            body.extend(u32::try_from(part.body.len()).unwrap_or(u32::MAX).to_le_bytes());
            body.extend(part.body);
        }
        self.number(Outgoing { body, answers: false, counts: false })
    }

    fn number(&mut self, message: Outgoing) -> Part {
        let sequence = self.sequence * 2 + i32::from(message.counts);
        self.sequence += i32::from(message.counts);
        let time = self.client_time().max(self.last_id + 4) & !3;
        self.last_id = time;
        Part { id: time | if message.answers { 1 } else { 3 }, sequence, body: message.body }
    }
}

/// Takes a client's message apart: containers opened, compressed parts unpacked. `None` if it is broken.
pub(super) fn parts(message: Message) -> Option<Vec<Part>> {
    let mut open = vec![Part { id: message.id, sequence: message.sequence, body: message.body }];
    let mut parts = Vec::new();
    while let Some(part) = open.pop() {
        match u32::from_le_bytes(part.body.get(..4)?.try_into().ok()?) {
            CONTAINER => open.extend(contained(&part.body[4..])?.into_iter().rev()),
            GZIPPED => open.push(Part { body: unpacked(&part.body[4..])?, ..part }),
            _ => parts.push(part),
        }
    }
    Some(parts)
}

fn contained(mut rest: &[u8]) -> Option<Vec<Part>> {
    let mut take = |count: usize| {
        let (taken, left) = rest.split_at_checked(count)?;
        rest = left;
        Some(taken)
    };
    let count = u32::from_le_bytes(take(4)?.try_into().ok()?);
    let mut parts = Vec::new();
    for _ in 0..count {
        let id = i64::from_le_bytes(take(8)?.try_into().ok()?);
        let sequence = i32::from_le_bytes(take(4)?.try_into().ok()?);
        let length = u32::from_le_bytes(take(4)?.try_into().ok()?);
        parts.push(Part { id, sequence, body: take(length as usize)?.to_vec() });
    }
    Some(parts)
}

/// Unpacks `gzip_packed`, for as long as the result stays within bounds.
pub(super) fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let packed = Vec::<u8>::deserialize(&mut Cursor::from_slice(bytes)).ok()?;
    let mut unpacked = Vec::new();
    GzDecoder::new(&packed[..]).take(MOST + 1).read_to_end(&mut unpacked).ok()?;
    (unpacked.len() as u64 <= MOST).then_some(unpacked)
}

/// Packs what is worth it as `gzip_packed`.
fn packed(body: Vec<u8>) -> Vec<u8> {
    if body.len() < WORTH_PACKING {
        return body;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let packed = encoder.write_all(&body).and_then(|()| encoder.finish());
    match packed {
        Ok(packed) if packed.len() + 8 < body.len() => {
            let mut bytes = GZIPPED.to_le_bytes().to_vec();
            packed.serialize(&mut bytes);
            bytes
        }
        Ok(_) | Err(_) => body,
    }
}

/// The acknowledgment of what a client sent.
pub(super) fn acknowledge(messages: Vec<i64>) -> Outgoing {
    Outgoing::service(enums::MsgsAck::Ack(types::MsgsAck { msg_ids: messages }).to_bytes())
}

/// An error as the result of a call.
pub(super) fn error(code: i32, name: &str) -> Vec<u8> {
    let error = types::RpcError { error_code: code, error_message: name.to_owned() };
    let mut bytes = types::RpcError::CONSTRUCTOR_ID.to_le_bytes().to_vec();
    error.serialize(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: i64) -> Message {
        Message { salt: 0, session: 5, id, sequence: 1, body: vec![1, 2, 3, 4] }
    }

    #[test]
    fn what_is_packed_together_comes_apart_in_order() {
        let mut session = Session::beginning(Seed(1), &message(1 << 40));
        let long = vec![7; 4_000];
        let packed = session.pack(vec![
            Outgoing::service(vec![1; 8]),
            Outgoing::service(packed(long.clone())),
            Outgoing::result(9, vec![2; 8]),
        ]);
        assert!(packed.body.len() < long.len(), "it was compressed");
        let parts = parts(packed).unwrap();
        assert_eq!((&parts[0].body, &parts[1].body), (&vec![1; 8], &long));
        assert_eq!(parts[2].body[4..12], 9_i64.to_le_bytes());
        assert!(parts.windows(2).all(|pair| pair[0].id < pair[1].id));
        assert_eq!(parts.iter().map(|part| part.sequence).collect::<Vec<_>>(), [0, 0, 1]);
    }

    #[test]
    fn ids_follow_the_clients_clock_and_never_go_back() {
        let mut session = Session::beginning(Seed(1), &message(1_000 << 32));
        let one = session.pack(vec![Outgoing::service(vec![0; 4])]);
        let created = session.created(1).unwrap();
        assert!(session.created(1).is_none(), "it is announced once");
        let two = session.pack(vec![created]);
        assert_eq!((one.id >> 32, one.id % 4, two.id % 4), (1_000, 1, 3));
        assert!(one.id < two.id);
        session.hear_clock(2_000 << 32);
        assert_eq!(session.pack(vec![Outgoing::service(vec![0; 4])]).id >> 32, 2_000);
    }

    #[test]
    fn a_wrong_salt_is_refused_with_the_right_one() {
        let session = Session::beginning(Seed(1), &message(4));
        assert!(session.salt_refused(&message(4)).is_some());
        let right = Message { salt: session.salt(64), ..message(4) };
        assert!(session.salt_refused(&right).is_none());
    }

    #[test]
    fn a_broken_packet_is_no_packet() {
        let container = |rest: &[u8]| [&CONTAINER.to_le_bytes()[..], rest].concat();
        for body in [vec![], vec![1, 2], container(&[]), container(&[1, 0, 0, 0, 9]), container(&[255; 4])] {
            assert!(parts(Message { body: body.clone(), ..message(4) }).is_none(), "{body:?}");
        }
        let nonsense = [&GZIPPED.to_le_bytes()[..], &[3, 1, 2, 3]].concat();
        assert!(parts(Message { body: nonsense, ..message(4) }).is_none());
    }
}
