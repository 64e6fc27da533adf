//! Keys that both sides know beforehand, for a Telegram of one's own on loopback.
//!
//! Telegram's RSA keys are built into grammers, so no key can be exchanged with another server. Instead both sides derive
//! keys from one seed (HKDF-SHA256): a new login takes one of [`LOGIN_KEYS`] by chance, and the server, which knows them all
//! by their `auth_key_id`, takes it for a key exchanged just now. Telegram itself never sees such a key.

use hkdf::Hkdf;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// How many keys there are for new logins.
pub const LOGIN_KEYS: u16 = 4096;

/// What a key is for. Each gives another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyPurpose {
    /// A new login, by the number of its key, below [`LOGIN_KEYS`].
    Login(u16),
    /// An account of the simulated world, by its number there and how often it logged in.
    Account {
        /// Its number in the world.
        index: u32,
        /// How many logins came before.
        logins: u32,
    },
}

/// The authorization key that both sides derive from `seed`.
#[must_use]
pub fn shared_key(seed: &SecretString, purpose: KeyPurpose) -> [u8; 256] {
    let info = match purpose {
        KeyPurpose::Login(number) => [&b"beseda login key"[..], &number.to_be_bytes()].concat(),
        KeyPurpose::Account { index, logins } => {
            [&b"beseda account key"[..], &index.to_be_bytes(), &logins.to_be_bytes()].concat()
        }
    };
    let mut key = [0; 256];
    let filled = Hkdf::<Sha256>::new(None, seed.expose_secret().as_bytes()).expand(&info, &mut key);
    debug_assert!(filled.is_ok(), "HKDF-SHA256 gives up to 8160 bytes");
    key
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_purpose_and_every_seed_has_a_key_of_its_own() {
        let mut purposes: Vec<_> = (0..LOGIN_KEYS).map(KeyPurpose::Login).collect();
        purposes.extend((0..64).map(|n| KeyPurpose::Account { index: n / 8, logins: n % 8 }));
        let seeds = ["one", "two"].map(SecretString::from);
        let keys: HashSet<_> =
            seeds.iter().flat_map(|seed| purposes.iter().map(|purpose| shared_key(seed, *purpose))).collect();
        assert_eq!(keys.len(), 2 * purposes.len());
    }

    #[test]
    fn both_sides_derive_the_same_key() {
        let key = || shared_key(&"seed".into(), KeyPurpose::Login(7));
        assert_eq!(key(), key());
        assert_ne!(key()[128..], [0; 128], "it is filled to its end");
    }
}
