//! A sealed value: how it is made, what its bytes are, and how it is opened.
//!
//! | bytes | what they are |
//! |---|---|
//! | 1 | the form, 1 |
//! | 8 | the id of the key |
//! | 24 | the nonce, random: 192 bits never repeat by chance |
//! | the rest | XChaCha20-Poly1305 of the secret, its tag of 16 bytes at the end |
//!
//! The associated data are the form, the key's id, and where the value stands: the column with its table, and the row's id.

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use rand::TryRng as _;
use secrecy::SecretSlice;

use super::key::{KeyId, VaultKey};
use super::place::Place;
use crate::error::VaultError;

const FORM: u8 = 1;
const HEAD: usize = 1 + KeyId::BYTES;
const NONCE: usize = 24;

/// Seals a secret for the row `row` of `place`.
pub(super) fn seal(key: &VaultKey, place: Place, row: i64, secret: &[u8]) -> Result<Vec<u8>, VaultError> {
    let mut nonce = [0; NONCE];
    rand::rngs::SysRng.try_fill_bytes(&mut nonce).map_err(VaultError::Randomness)?;
    let mut sealed = vec![FORM];
    sealed.extend(key.id().bytes());
    let bound = bound(&sealed, place, row);
    let payload = Payload { msg: secret, aad: &bound };
    let cipher = XChaCha20Poly1305::new(key.bytes().into());
    // Only a text of 256 GiB or more is refused.
    let closed = cipher.encrypt(&nonce.into(), payload).map_err(|_| VaultError::Malformed)?;
    sealed.extend(nonce);
    sealed.extend(closed);
    Ok(sealed)
}

/// With which key a value was sealed.
pub(super) fn sealed_with(sealed: &[u8]) -> Result<KeyId, VaultError> {
    match sealed.split_first() {
        Some((&FORM, rest)) => rest.first_chunk().copied().map(KeyId::new).ok_or(VaultError::Malformed),
        Some(_) | None => Err(VaultError::Malformed),
    }
}

/// Opens what was sealed with `key` for the row `row` of `place`.
pub(super) fn open(
    key: &VaultKey,
    place: Place,
    row: i64,
    sealed: &[u8],
) -> Result<SecretSlice<u8>, VaultError> {
    let (head, rest) = sealed.split_at_checked(HEAD).ok_or(VaultError::Malformed)?;
    let (nonce, closed) = rest.split_first_chunk::<NONCE>().ok_or(VaultError::Malformed)?;
    let payload = Payload { msg: closed, aad: &bound(head, place, row) };
    let cipher = XChaCha20Poly1305::new(key.bytes().into());
    let plain = cipher.decrypt(nonce.into(), payload).map_err(|_| VaultError::Damaged)?;
    Ok(plain.into())
}

/// What a value is bound to. The column's name ends with a byte that no name contains, so that nothing runs together.
fn bound(head: &[u8], place: Place, row: i64) -> Vec<u8> {
    [head, place.column().as_bytes(), &[0], &row.to_be_bytes()].concat()
}
