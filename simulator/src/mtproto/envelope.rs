//! MTProto 2.0 from the server's side: what comes in is opened with the client's half of the key, what goes out is sealed with
//! the server's. After core.telegram.org/mtproto/description.

use grammers_crypto::aes;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// `auth_key_id` and `msg_key` in front of what is encrypted.
const OUTSIDE: usize = 8 + 16;
/// Salt, session, message id, sequence number and length in front of a message.
const INSIDE: usize = 8 + 8 + 8 + 4 + 4;

/// Which side a message comes from: where in the key its material begins.
#[derive(Clone, Copy)]
enum Side {
    Client = 0,
    Server = 8,
}

/// A key that client and server share.
#[derive(Clone)]
pub(super) struct AuthKey {
    bytes: Box<[u8; 256]>,
    id: [u8; 8],
}

impl std::fmt::Debug for AuthKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuthKey(..)")
    }
}

/// A message and what stood around it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) salt: i64,
    pub(super) session: i64,
    pub(super) id: i64,
    pub(super) sequence: i32,
    pub(super) body: Vec<u8>,
}

impl AuthKey {
    pub(super) fn new(bytes: [u8; 256]) -> Self {
        let mut id = [0; 8];
        id.copy_from_slice(&Sha1::digest(bytes)[12..20]);
        Self { bytes: Box::new(bytes), id }
    }

    /// The lower half of the key's SHA-1, by which a packet names it.
    pub(super) fn id(&self) -> u64 {
        u64::from_le_bytes(self.id)
    }

    /// Opens a client's packet; `None` if it was not sealed with this key.
    pub(super) fn open(&self, packet: &[u8]) -> Option<Message> {
        let (outside, sealed) = packet.split_at_checked(OUTSIDE)?;
        if sealed.len() < INSIDE || !sealed.len().is_multiple_of(16) {
            return None;
        }
        let message_key: [u8; 16] = outside[8..].try_into().ok()?;
        let (key, iv) = self.cipher(&message_key, Side::Client);
        let mut plain = sealed.to_vec();
        aes::ige_decrypt(&mut plain, &key, &iv);
        if self.message_key(&plain, Side::Client) != message_key {
            return None;
        }
        let length = usize::try_from(i32::from_le_bytes(plain[28..32].try_into().ok()?)).ok()?;
        Some(Message {
            salt: i64::from_le_bytes(plain[..8].try_into().ok()?),
            session: i64::from_le_bytes(plain[8..16].try_into().ok()?),
            id: i64::from_le_bytes(plain[16..24].try_into().ok()?),
            sequence: i32::from_le_bytes(plain[24..28].try_into().ok()?),
            body: plain.get(INSIDE..INSIDE + length)?.to_vec(),
        })
    }

    /// Seals a packet for the client.
    pub(super) fn seal(&self, message: &Message) -> Vec<u8> {
        self.seal_as(message, Side::Server)
    }

    fn seal_as(&self, message: &Message, side: Side) -> Vec<u8> {
        let mut plain = Vec::with_capacity(INSIDE + message.body.len() + 32);
        plain.extend(message.salt.to_le_bytes());
        plain.extend(message.session.to_le_bytes());
        plain.extend(message.id.to_le_bytes());
        plain.extend(message.sequence.to_le_bytes());
        plain.extend(u32::try_from(message.body.len()).unwrap_or(u32::MAX).to_le_bytes());
        plain.extend(&message.body);
        // At least twelve bytes; on a loopback it does not matter which.
        plain.resize((plain.len() + 12).next_multiple_of(16), 0);
        let message_key = self.message_key(&plain, side);
        let (key, iv) = self.cipher(&message_key, side);
        aes::ige_encrypt(&mut plain, &key, &iv);
        [&self.id[..], &message_key, &plain].concat()
    }

    fn message_key(&self, plain: &[u8], side: Side) -> [u8; 16] {
        let x = side as usize;
        let whole = Sha256::new().chain_update(&self.bytes[88 + x..120 + x]).chain_update(plain).finalize();
        let mut middle = [0; 16];
        middle.copy_from_slice(&whole[8..24]);
        middle
    }

    fn cipher(&self, message_key: &[u8; 16], side: Side) -> ([u8; 32], [u8; 32]) {
        let x = side as usize;
        let a = Sha256::new().chain_update(message_key).chain_update(&self.bytes[x..36 + x]).finalize();
        let b = Sha256::new().chain_update(&self.bytes[40 + x..76 + x]).chain_update(message_key).finalize();
        let woven = |outer: &[u8], inner: &[u8]| {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&outer[..8]);
            bytes[8..24].copy_from_slice(&inner[8..24]);
            bytes[24..].copy_from_slice(&outer[24..]);
            bytes
        };
        (woven(&a, &b), woven(&b, &a))
    }
}

#[cfg(test)]
mod tests {
    use grammers_crypto::{AuthKey as ClientKey, DequeBuffer, decrypt_data_v2, encrypt_data_v2};

    use super::*;

    fn bytes() -> [u8; 256] {
        std::array::from_fn(|n| u8::try_from(n).unwrap())
    }

    fn message(body: Vec<u8>) -> Message {
        Message { salt: 1, session: 2, id: 3, sequence: 4, body }
    }

    #[test]
    fn a_client_opens_what_the_server_seals() {
        for length in [0, 4, 16, 20, 1_000] {
            let mut packet = AuthKey::new(bytes()).seal(&message(vec![7; length]));
            let plain = decrypt_data_v2(&mut packet, &ClientKey::from_bytes(bytes())).unwrap();
            assert_eq!(plain[..8], 1_i64.to_le_bytes());
            assert_eq!(plain[INSIDE..INSIDE + length], vec![7; length]);
        }
    }

    #[test]
    fn the_server_opens_what_a_client_seals_and_nothing_that_was_touched() {
        let key = AuthKey::new(bytes());
        let mut buffer = DequeBuffer::with_capacity(256, 64);
        let mut plain = Vec::new();
        for part in [1_i64, 2, 3] {
            plain.extend(part.to_le_bytes());
        }
        plain.extend(4_i32.to_le_bytes());
        plain.extend(8_i32.to_le_bytes());
        plain.extend([9; 8]);
        buffer.extend(plain);
        encrypt_data_v2(&mut buffer, &ClientKey::from_bytes(bytes()));
        let mut packet = buffer[..].to_vec();
        assert_eq!(packet[..8], key.id().to_le_bytes());
        assert_eq!(key.open(&packet), Some(message(vec![9; 8])));

        for at in [8, 24, packet.len() - 1] {
            packet[at] ^= 1;
            assert_eq!(key.open(&packet), None, "byte {at}");
            packet[at] ^= 1;
        }
        assert_eq!(key.open(&packet[..20]), None);
        assert_eq!(
            key.open(&key.seal(&message(vec![9; 8]))),
            None,
            "its own side's packets are not a client's"
        );
    }
}
