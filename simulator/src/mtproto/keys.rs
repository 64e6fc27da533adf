//! Who speaks with which key: the accounts' own, and those that new logins take.
//!
//! Keys are derived, never stored: from the seed that product and door share, see `telegram::grammers::shared_key`. The table
//! is filled as keys come up; an account's table grows by one with each of its logins.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;
use telegram::grammers::{KeyPurpose, LOGIN_KEYS, shared_key};

use super::envelope::AuthKey;
use crate::world::{Opened, State};

/// Whose key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// An account's, and which of its logins it stands for.
    Account(u32, u32),
    /// A new login's, by its number.
    Login(u16),
}

impl Holder {
    /// Which account speaks with the key, by which of its logins; `None` before somebody logged in on it.
    pub(super) fn account(self, state: &State) -> Option<Opened> {
        match self {
            Self::Account(index, login) => {
                state.last_login(index).filter(|(_, own)| *own).map(|_| (index, login))
            }
            Self::Login(number) => state.on_login_key(number),
        }
    }
}

/// The keys that came up so far.
pub(super) struct Keys {
    seed: SecretString,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    by_id: HashMap<u64, (Holder, AuthKey)>,
    /// How many logins of each account are in the table.
    logins: Vec<u32>,
    login_keys: bool,
}

impl Keys {
    pub(super) fn new(seed: SecretString) -> Self {
        Self { seed, known: Mutex::default() }
    }

    /// The key with this id. `last_logins` says how often each account logged in so far.
    pub(super) fn find(&self, id: u64, last_logins: impl FnOnce() -> Vec<u32>) -> Option<(Holder, AuthKey)> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.by_id.get(&id) {
            return Some(found.clone());
        }
        self.learn(&mut known, &last_logins());
        if !known.login_keys && !known.by_id.contains_key(&id) {
            known.login_keys = true;
            (0..LOGIN_KEYS)
                .for_each(|number| self.add(&mut known, Holder::Login(number), KeyPurpose::Login(number)));
        }
        known.by_id.get(&id).cloned()
    }

    fn learn(&self, known: &mut Known, last_logins: &[u32]) {
        known.logins.resize(last_logins.len(), 0);
        for (index, last) in (0..).zip(last_logins) {
            let from = known.logins.get(index as usize).copied().unwrap_or(0);
            for login in from..=*last {
                let purpose = KeyPurpose::Account { index, logins: login };
                self.add(known, Holder::Account(index, login), purpose);
            }
            if let Some(learnt) = known.logins.get_mut(index as usize) {
                *learnt = last + 1;
            }
        }
    }

    fn add(&self, known: &mut Known, holder: Holder, purpose: KeyPurpose) {
        let key = AuthKey::new(shared_key(&self.seed, purpose));
        known.by_id.insert(key.id(), (holder, key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_that_both_sides_derive_is_found_by_its_id() {
        let keys = Keys::new("seed".into());
        let id = |purpose| AuthKey::new(shared_key(&"seed".into(), purpose)).id();
        let account = |index, logins| id(KeyPurpose::Account { index, logins });
        let find = |id, logins: &[u32]| keys.find(id, || logins.to_vec()).map(|(holder, _)| holder);
        assert_eq!(find(account(1, 0), &[0, 0]), Some(Holder::Account(1, 0)));
        assert_eq!(find(account(1, 1), &[0, 0]), None, "there was no such login yet");
        assert_eq!(find(account(1, 1), &[0, 2]), Some(Holder::Account(1, 1)));
        assert_eq!(find(id(KeyPurpose::Login(4_095)), &[0, 2]), Some(Holder::Login(4_095)));
        assert_eq!(find(7, &[0, 2]), None);
    }
}
