//! How fast connections are opened: one after the other, with a gap between, so that a server that comes back, or a process
//! that starts, is not met by everybody at once.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::time::Timestamp;

/// Hands out turns.
pub(crate) struct Doorway {
    gap: Duration,
    next: Mutex<Timestamp>,
}

impl Doorway {
    /// With `gap` between two turns; zero lets everybody through at once.
    pub(crate) const fn new(gap: Duration) -> Self {
        Self { gap, next: Mutex::new(Timestamp::EPOCH) }
    }

    /// How long whoever asks at `now` has to wait for the next turn, which is theirs.
    pub(crate) fn turn(&self, now: Timestamp) -> Duration {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = (*next).max(now);
        *next = turn + self.gap;
        turn.since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_come_at_once_they_go_in_one_by_one() {
        let (doorway, now) = (Doorway::new(Duration::from_millis(10)), Timestamp::from_secs(100));
        let waits: Vec<_> = (0..1000).map(|_| doorway.turn(now)).collect();
        assert_eq!((waits[0], waits[999]), (Duration::ZERO, Duration::from_millis(9990)));
        let later = now + Duration::from_secs(60);
        assert_eq!(doorway.turn(later), Duration::ZERO, "a turn that nobody took is not saved up");
        assert_eq!(doorway.turn(later), Duration::from_millis(10));
        let wide = Doorway::new(Duration::ZERO);
        assert!((0..10).all(|_| wide.turn(now).is_zero()));
    }
}
