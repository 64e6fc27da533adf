//! A key of the vault: 32 random bytes, written as 64 hexadecimal digits, and an id that tells keys apart.

use std::str::FromStr;
use std::sync::Arc;

use rand::TryRng as _;
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use sha2::{Digest as _, Sha256};

use crate::error::VaultError;

/// Bytes of a key.
pub(super) const KEY_BYTES: usize = 32;

/// A key. `Debug` shows its id alone; nothing else prints it but [`VaultKey::digits`].
#[derive(Clone)]
pub struct VaultKey {
    secret: Arc<SecretBox<[u8; KEY_BYTES]>>,
    id: KeyId,
}

/// What stands for a key where the key itself must not: the first bytes of a hash of it. Keys are random, so it tells
/// nothing about them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId([u8; KeyId::BYTES]);

/// The text is not a key: 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key is 64 hexadecimal digits, as `beseda vault new-key` prints them")]
pub struct UnusableKey;

impl VaultKey {
    /// A new key, from the operating system's randomness.
    ///
    /// # Errors
    /// [`VaultError::Randomness`] when it has none.
    pub fn generate() -> Result<Self, VaultError> {
        let mut bytes = [0; KEY_BYTES];
        rand::rngs::SysRng.try_fill_bytes(&mut bytes).map_err(VaultError::Randomness)?;
        Ok(Self::from_bytes(bytes))
    }

    /// The key of these bytes. They must be random: the security of everything sealed rests on that.
    #[must_use]
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        let hash = Sha256::new().chain_update(b"beseda vault key id").chain_update(bytes).finalize();
        let mut id = [0; KeyId::BYTES];
        id.copy_from_slice(&hash[..KeyId::BYTES]);
        Self { secret: Arc::new(SecretBox::new(Box::new(bytes))), id: KeyId(id) }
    }

    /// What tells it apart.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The key as a person keeps it: 64 hexadecimal digits.
    #[must_use]
    pub fn digits(&self) -> SecretString {
        hex::encode(self.bytes()).into()
    }

    pub(super) fn bytes(&self) -> &[u8; KEY_BYTES] {
        self.secret.expose_secret()
    }
}

impl FromStr for VaultKey {
    type Err = UnusableKey;

    fn from_str(text: &str) -> Result<Self, UnusableKey> {
        let mut bytes = [0; KEY_BYTES];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| UnusableKey)?;
        Ok(Self::from_bytes(bytes))
    }
}

impl std::fmt::Debug for VaultKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VaultKey({})", self.id)
    }
}

impl KeyId {
    /// Its length.
    pub(super) const BYTES: usize = 8;

    pub(super) const fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    pub(super) const fn bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl std::fmt::Debug for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl FromStr for KeyId {
    type Err = VaultError;

    fn from_str(text: &str) -> Result<Self, VaultError> {
        let mut bytes = [0; Self::BYTES];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| VaultError::Malformed)?;
        Ok(Self(bytes))
    }
}
