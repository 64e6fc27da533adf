//! What happened in a chat in the order of Telegram's `pts`, so that a client which missed something can ask for the rest.
//!
//! A log says only what happened to which message; what the message is like is asked of the chat when it is told. It forgets
//! with the chat: whoever asks from before that is told that it is too long ago.

use std::collections::VecDeque;

use domain::id::MessageId;
use domain::time::Timestamp;

/// What happened to messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Noted {
    /// It was written.
    New(MessageId),
    /// Its text changed.
    Edited(MessageId),
    /// They are gone.
    Deleted(Vec<MessageId>),
}

impl Noted {
    /// By how much it raises the `pts`.
    pub(crate) fn count(&self) -> i32 {
        match self {
            Self::New(_) | Self::Edited(_) => 1,
            Self::Deleted(ids) => i32::try_from(ids.len()).unwrap_or(i32::MAX),
        }
    }
}

/// The log of one chat.
#[derive(Debug)]
pub(crate) struct Log {
    pts: i32,
    /// What is remembered, each with the `pts` after it.
    entries: VecDeque<(i32, Timestamp, Noted)>,
}

impl Log {
    /// The log of a chat in which nothing happened yet.
    pub(super) const fn new() -> Self {
        Self { pts: 1, entries: VecDeque::new() }
    }

    /// The `pts` of the chat now.
    pub(crate) const fn pts(&self) -> i32 {
        self.pts
    }

    /// When the last thing happened.
    pub(crate) fn last_at(&self) -> Option<Timestamp> {
        self.entries.back().map(|(_, at, _)| *at)
    }

    /// Notes something and yields the `pts` after it.
    pub(super) fn note(&mut self, at: Timestamp, noted: Noted) -> i32 {
        self.pts = self.pts.saturating_add(noted.count());
        self.entries.push_back((self.pts, at, noted));
        self.pts
    }

    /// What happened after `pts`, at most `limit` things, each with the `pts` after it; `None` if that is forgotten, or not a
    /// `pts` that the chat ever had.
    pub(crate) fn after(&self, pts: i32, limit: usize) -> Option<Vec<(i32, Noted)>> {
        let known = self.entries.front().map_or(self.pts, |(first, _, noted)| first - noted.count());
        if !(known..=self.pts).contains(&pts) {
            return None;
        }
        let missed = self.entries.iter().skip_while(|(after, ..)| *after <= pts);
        Some(missed.take(limit).map(|(after, _, noted)| (*after, noted.clone())).collect())
    }

    /// Forgets what is older than `before`.
    pub(super) fn forget(&mut self, before: Timestamp) {
        while self.entries.pop_front_if(|(_, at, _)| *at < before).is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_secs(second)
    }

    #[test]
    fn whoever_asks_gets_what_came_after() {
        let mut log = Log::new();
        assert_eq!(log.after(1, 10), Some(vec![]));
        assert_eq!(log.note(at(1), Noted::New(MessageId(2))), 2);
        assert_eq!(log.note(at(2), Noted::Deleted(vec![MessageId(2), MessageId(3)])), 4);
        assert_eq!(log.note(at(3), Noted::New(MessageId(4))), 5);
        assert_eq!(log.after(4, 10), Some(vec![(5, Noted::New(MessageId(4)))]));
        assert_eq!(log.after(1, 1), Some(vec![(2, Noted::New(MessageId(2)))]));
        assert_eq!(log.after(5, 10), Some(vec![]));
        assert_eq!(log.after(6, 10), None, "nobody was ever there");
    }

    #[test]
    fn what_is_forgotten_is_too_long_ago() {
        let mut log = Log::new();
        log.note(at(1), Noted::New(MessageId(2)));
        log.note(at(9), Noted::New(MessageId(3)));
        log.forget(at(5));
        assert_eq!(log.after(1, 10), None);
        assert_eq!(log.after(2, 10), Some(vec![(3, Noted::New(MessageId(3)))]));
        log.forget(at(20));
        assert_eq!((log.after(2, 10), log.after(3, 10)), (None, Some(vec![])));
    }
}
