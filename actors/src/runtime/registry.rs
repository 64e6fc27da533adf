//! Who works under which key. Filled by supervisors, read by everyone who has a message for a key.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{PoisonError, RwLock};

use super::address::Address;

/// The living workers of one kind.
pub(crate) struct Registry<K, M>(RwLock<HashMap<K, Address<M>>>);

impl<K, M> Default for Registry<K, M> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Eq + Hash + Copy, M> Registry<K, M> {
    /// The worker under this key, if it lives.
    pub(crate) fn find(&self, key: K) -> Option<Address<M>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned()
    }

    /// The keys of everybody who lives.
    pub(crate) fn keys(&self) -> Vec<K> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    pub(super) fn enter(&self, key: K, address: Address<M>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(key, address);
    }

    pub(super) fn leave(&self, key: K) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }
}
