//! What somebody shows at the door: a random text that only its holder knows.
//!
//! 32 bytes of the operating system's randomness cannot be guessed or tried, so a plain SHA-256 is all the hash they need:
//! it is there so that whoever reads the database cannot come in. `Debug` shows nothing of the text.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRng as _;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::error::{StoreError, VaultError};

/// Random bytes in one.
const BYTES: usize = 32;
/// Characters of a token that are kept and shown, so that people tell tokens apart.
const VISIBLE: usize = 10;

/// A token, the secret of a session, or that of a login.
#[derive(Clone, Debug)]
pub struct Credential(SecretString);

impl Credential {
    /// What every token begins with, so that scanners for lost secrets know it.
    pub const TOKEN: &'static str = "bsd_";

    /// A new token.
    ///
    /// # Errors
    /// [`StoreError::Vault`] when the operating system gives no randomness.
    pub(super) fn token() -> Result<Self, StoreError> {
        Self::random(Self::TOKEN, "create a token")
    }

    /// A new secret without a visible beginning.
    ///
    /// # Errors
    /// [`StoreError::Vault`] when the operating system gives no randomness.
    pub(super) fn plain(operation: &'static str) -> Result<Self, StoreError> {
        Self::random("", operation)
    }

    fn random(beginning: &str, operation: &'static str) -> Result<Self, StoreError> {
        let mut bytes = [0; BYTES];
        let filled = rand::rngs::SysRng.try_fill_bytes(&mut bytes).map_err(VaultError::Randomness);
        filled.map_err(|source| StoreError::Vault { operation, source })?;
        Ok(Self(format!("{beginning}{}", URL_SAFE_NO_PAD.encode(bytes)).into()))
    }

    /// What somebody showed, whatever it is.
    #[must_use]
    pub fn shown(text: &str) -> Self {
        Self(text.into())
    }

    /// The text itself, to be given to its holder and to nobody else.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The hash it is known by.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.expose().as_bytes()).into()
    }

    /// The hash as it is stored.
    pub(crate) fn digits(&self) -> String {
        hex::encode(self.hash())
    }

    /// The beginning that is kept and shown.
    pub(super) fn prefix(&self) -> String {
        self.expose().chars().take(VISIBLE).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_is_another_one_and_shows_only_its_beginning() {
        let (one, other) = (Credential::token().unwrap(), Credential::token().unwrap());
        assert_ne!(one.hash(), other.hash());
        assert_eq!((one.expose().len(), one.prefix().len()), (4 + 43, VISIBLE));
        assert!(one.expose().starts_with(&one.prefix()) && one.prefix().starts_with(Credential::TOKEN));
        assert!(!format!("{one:?}").contains(&one.expose()[4..]));
    }

    #[test]
    fn what_is_shown_again_has_the_same_hash() {
        let token = Credential::token().unwrap();
        assert_eq!(Credential::shown(token.expose()).digits(), token.digits());
        assert_ne!(Credential::shown("").digits(), token.digits());
    }
}
