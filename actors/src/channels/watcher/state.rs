//! What a watcher remembers: the updates it recorded last, so that what several accounts tell is written once.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use telegram::{PostSeen, Update};

/// Updates remembered; a repetition that comes later than so many others is recorded again, which changes nothing.
const MEMORY: usize = 32;

/// The updates recorded last, by their fingerprints.
#[derive(Default)]
pub(crate) struct State(VecDeque<u64>);

impl State {
    /// Whether this very update was recorded a moment ago.
    pub(super) fn knows(&self, fingerprint: u64) -> bool {
        self.0.contains(&fingerprint)
    }

    /// Remembers that an update was recorded.
    pub(super) fn remember(&mut self, fingerprint: u64) {
        if self.0.len() == MEMORY {
            self.0.pop_front();
        }
        self.0.push_back(fingerprint);
    }
}

/// A number that two updates share only if they tell the same, but for counts that change by the minute.
pub(super) fn fingerprint(update: &Update) -> u64 {
    let mut hasher = DefaultHasher::new();
    std::mem::discriminant(update).hash(&mut hasher);
    match update {
        Update::NewPost { post, .. } | Update::EditedPost { post, .. } => {
            let PostSeen { id, text, edited_at, comments_open, .. } = post;
            (id, text, edited_at, comments_open).hash(&mut hasher);
        }
        Update::DeletedPosts { ids, .. } | Update::DeletedThreadMessages { ids, .. } => ids.hash(&mut hasher),
        Update::NewThreadMessage { message, .. } => (message.id, &message.text).hash(&mut hasher),
        Update::TooLong => {}
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use domain::id::{MessageId, PeerId};

    use super::*;

    fn deleted(id: i64) -> Update {
        Update::DeletedPosts { channel: PeerId(1), ids: vec![MessageId(id)] }
    }

    #[test]
    fn what_was_recorded_a_moment_ago_is_known_and_what_was_long_ago_is_not() {
        let mut state = State::default();
        assert!(!state.knows(fingerprint(&deleted(0))));
        state.remember(fingerprint(&deleted(0)));
        assert!(state.knows(fingerprint(&deleted(0))) && !state.knows(fingerprint(&deleted(1))));
        (1..=32).for_each(|id| state.remember(fingerprint(&deleted(id))));
        assert!(!state.knows(fingerprint(&deleted(0))) && state.knows(fingerprint(&deleted(32))));
    }
}
