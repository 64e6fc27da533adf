//! A set of message ids of one chat: a bit each, in words of 64, since ids are dense.
//!
//! A month of a lively channel takes a few hundred bytes, so the judge need not forget; far-apart ids cost a word each.

use std::collections::BTreeMap;

use domain::id::MessageId;

/// The set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MessageIds {
    words: BTreeMap<i64, u64>,
}

impl MessageIds {
    /// Adds an id; whether it is new.
    pub(crate) fn insert(&mut self, id: MessageId) -> bool {
        let (word, bit) = place(id);
        let stored = self.words.entry(word).or_default();
        let new = *stored & bit == 0;
        *stored |= bit;
        new
    }

    /// Takes an id out; whether it was there.
    pub(crate) fn remove(&mut self, id: MessageId) -> bool {
        let (word, bit) = place(id);
        let Some(stored) = self.words.get_mut(&word) else { return false };
        let there = *stored & bit != 0;
        *stored &= !bit;
        there
    }

    /// How many ids it holds.
    pub(crate) fn len(&self) -> u64 {
        self.words.values().map(|word| u64::from(word.count_ones())).sum()
    }
}

const fn place(id: MessageId) -> (i64, u64) {
    (id.get().div_euclid(64), 1 << id.get().rem_euclid(64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_not_taken_out() {
        let mut ids = MessageIds::default();
        for id in [700, 5, 64, 5, 6_400, -1] {
            ids.insert(MessageId(id));
        }
        assert_eq!(ids.len(), 5);
        assert!(!ids.insert(MessageId(64)));
        assert!(ids.remove(MessageId(64)));
        assert!(!ids.remove(MessageId(64)));
        assert!(!ids.remove(MessageId(1_000_000)));
        assert_eq!(ids.len(), 4);
    }
}
