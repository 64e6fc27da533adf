//! The vault: what an account's owner entrusts to us is sealed before it is written, and opened where it is read.
//!
//! Sealed are sessions, phone numbers, the passwords of proxies and the secrets of webhooks, each by itself, with XChaCha20-Poly1305. The key is given
//! to the process and stands nowhere in the database. A sealed value is bound to its row: moved to another one, or altered,
//! it does not open.
//!
//! A process is given one key or several; **which of them seals is written in the database**, so that all processes agree on
//! it and exchanging the key is a change of one row, after which everything is sealed again in small steps (see `rotate`).
//! Every transaction that seals reads that row. A process without the right key is told so when it starts, and one whose
//! key was exchanged meanwhile is refused to write; neither can leave behind what nobody can open.
//!
//! `keep` and `open` are the whole of it for the rest of this crate; outside it there are only plain secrets.

mod key;
mod place;
mod record;
mod rotate;
mod seal;
#[cfg(test)]
mod tests;

pub use key::{KeyId, UnusableKey, VaultKey};
pub use record::Sealing;
pub use rotate::Rotated;

pub(crate) use place::Place;
pub(crate) use record::{keep, open};

use std::sync::Arc;

use crate::error::VaultError;

/// The keys that a process was given. Cheap to clone; never empty.
#[derive(Clone, Debug)]
pub struct Vault {
    keys: Arc<[VaultKey]>,
}

impl Vault {
    /// From the keys given, in any order; the first one seals where the database has not chosen yet. `None` when there are
    /// none.
    #[must_use]
    pub fn new(keys: Vec<VaultKey>) -> Option<Self> {
        (!keys.is_empty()).then(|| Self { keys: keys.into() })
    }

    /// The key of this id.
    fn key(&self, id: KeyId) -> Result<&VaultKey, VaultError> {
        self.keys.iter().find(|key| key.id() == id).ok_or(VaultError::Foreign { needed: id })
    }

    fn first(&self) -> &VaultKey {
        &self.keys[0]
    }
}
