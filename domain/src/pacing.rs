//! When an account may speak: its limits, what it has promised already, and where in a window the next comment goes.
//!
//! The plan made here is a promise, not a permission: before each send [`crate::gate`] checks the same limits against what
//! really happened. A promise that is never kept (nothing was written, the comment was rejected) stays on its account's
//! [`Ledger`] until the ledger is rebuilt; that errs towards fewer comments, never towards more.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::Excluded;
use std::time::Duration;

use crate::policy::{Policy, QuietHours};
use crate::seed::Seed;
use crate::time::{Day, Timestamp, Zone};

/// The attempts that the error rate is taken over: the latest ones of a campaign.
pub const ERROR_RATE_ATTEMPTS: u32 = 100;

/// The error rate, in percent, that pauses a campaign.
pub const ERROR_RATE_LIMIT: u32 = 5;

/// How soon after a reader's message an answer leaves: not at once, so that the reader can still add to it.
pub const ANSWER_FROM: Duration = Duration::from_secs(2 * 60);

/// How late after a reader's message (or after the quiet hours it fell into) an answer still leaves.
pub const ANSWER_TO: Duration = Duration::from_secs(60 * 60);

/// What a promise leaves free at the end of its window and before quiet hours: a send that is a little late is still in time.
pub const SLACK: Duration = Duration::from_secs(5 * 60);

/// Slots are whole seconds, Telegram's own unit.
const GRAIN: Duration = Duration::from_secs(1);

/// How many moments are drawn before the window is searched from its beginning.
const DRAWS: i64 = 16;

/// What an account may do at most, whatever a campaign asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Messages per calendar day of the project.
    pub daily: u32,
    /// The least time between two messages.
    pub gap: Duration,
}

/// From when to when a comment may leave; `from < to`, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The earliest moment.
    pub from: Timestamp,
    /// The latest moment; after it the comment expires.
    pub to: Timestamp,
}

/// The moments that one account has already promised or used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    moments: BTreeSet<Timestamp>,
    by_day: BTreeMap<Day, u32>,
}

/// Why a window has no room for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSlot {
    /// A day inside the window is used up, and the rest of the window is taken.
    #[error("the account has used its day")]
    LimitReached,
    /// Quiet hours and the account's gaps fill the window.
    #[error("no moment of the window is free")]
    Occupied,
}

impl Window {
    /// When the conversation under a post may be opened: the policy's window after publication, not before `now`. `None`
    /// when it is over, the post is too old.
    #[must_use]
    pub fn of_opener(published_at: Timestamp, policy: &Policy, now: Timestamp) -> Option<Self> {
        let after = |seconds: u32| published_at + Duration::from_secs(u64::from(seconds));
        Self::between(after(policy.window_from_s).max(now), after(policy.window_to_s))
    }

    /// When a reader may be answered: from [`ANSWER_FROM`] to [`ANSWER_TO`] after the message, counted from the end of the
    /// quiet hours if it was written in them, not before `now`. `None` when it is over.
    #[must_use]
    pub fn of_answer(asked_at: Timestamp, policy: &Policy, zone: Zone, now: Timestamp) -> Option<Self> {
        let heard_at = policy.quiet.opens(asked_at, zone);
        Self::between((heard_at + ANSWER_FROM).max(now), heard_at + ANSWER_TO)
    }

    /// The part of it at or after `from`, if any is left.
    #[must_use]
    pub fn since(self, from: Timestamp) -> Option<Self> {
        Self::between(self.from.max(from), self.to)
    }

    /// It without its last [`SLACK`]; itself if it is shorter.
    #[must_use]
    pub fn with_slack(self) -> Self {
        Self::between(self.from, self.to - SLACK).unwrap_or(self)
    }

    fn between(from: Timestamp, to: Timestamp) -> Option<Self> {
        let from = from.round_up(GRAIN);
        (from < to).then_some(Self { from, to })
    }

    /// The moment at `share` (0 to 1) of the window, drawn towards its beginning by `lean`.
    fn lean_to(self, share: f64, lean: f64) -> Timestamp {
        let span = self.to.since(self.from).as_secs();
        let offset = (span as f64 * share.powf(lean)) as u64;
        self.from + Duration::from_secs(offset.min(span))
    }
}

impl Ledger {
    /// Promises a moment; days are those of `zone`.
    pub fn book(&mut self, at: Timestamp, zone: Zone) {
        self.moments.insert(at);
        *self.by_day.entry(zone.day(at)).or_default() += 1;
    }

    /// How many messages are promised or used on a day.
    #[must_use]
    pub fn booked_on(&self, day: Day) -> u32 {
        self.by_day.get(&day).copied().unwrap_or(0)
    }

    /// Forgets what lies before `at`. The count of the local day that `at` falls on stays whole: in any zone that day is at
    /// most one away from the day of UTC.
    pub fn forget_before(&mut self, at: Timestamp) {
        self.moments = self.moments.split_off(&at);
        self.by_day = self.by_day.split_off(&Day(Zone::UTC.day(at).0 - 1));
    }

    /// The latest booked moment that is closer to `at` than `gap`, on either side.
    fn neighbour(&self, at: Timestamp, gap: Duration) -> Option<Timestamp> {
        if gap.is_zero() {
            return None;
        }
        self.moments.range((Excluded(at - gap), Excluded(at + gap))).next_back().copied()
    }
}

/// A free moment for one message of an account inside `window`, a whole second.
///
/// Moments are drawn from `seed` with a density that leans to the beginning of the window, until one is free: outside quiet
/// hours, on a day that is not used up, and no closer than the gap to any booked moment, before or after. When every draw
/// misses, the first free moment of the window is taken. The cost depends on the account's bookings inside the window,
/// not on the length of its ledger.
///
/// # Errors
/// [`NoSlot`] when no moment of the window is free.
pub fn find_slot(
    window: Window,
    policy: &Policy,
    limits: &Limits,
    ledger: &Ledger,
    zone: Zone,
    seed: Seed,
) -> Result<Timestamp, NoSlot> {
    let calendar = Calendar { quiet: policy.quiet, limits, ledger, zone };
    // Whether anything is free is cheaper to find out than to draw for.
    let first_free = calendar.first_free(window)?;
    let drawn = (0..DRAWS)
        .map(|draw| window.lean_to(seed.derive("slot", draw).fraction(), policy.lean))
        .find(|at| calendar.obstacle(*at).is_none());
    Ok(drawn.unwrap_or(first_free))
}

/// Whether a campaign with `refused` among its latest `attempts` must pause: [`ERROR_RATE_LIMIT`] percent or more over the
/// last [`ERROR_RATE_ATTEMPTS`]. Attempts that a young campaign has not made yet count as good, so one early refusal does
/// not stop it.
#[must_use]
pub const fn should_pause(refused: u32, attempts: u32) -> bool {
    let attempts = if attempts < ERROR_RATE_ATTEMPTS { ERROR_RATE_ATTEMPTS } else { attempts };
    refused as u64 * 100 >= ERROR_RATE_LIMIT as u64 * attempts as u64
}

/// What stands between an account and a moment.
struct Calendar<'a> {
    quiet: QuietHours,
    limits: &'a Limits,
    ledger: &'a Ledger,
    zone: Zone,
}

/// A moment is not free; the next one worth trying comes `next`.
struct Obstacle {
    next: Timestamp,
    reason: NoSlot,
}

impl Calendar<'_> {
    fn obstacle(&self, at: Timestamp) -> Option<Obstacle> {
        let open = self.quiet.opens(at, self.zone);
        if open > at {
            return Some(Obstacle { next: open, reason: NoSlot::Occupied });
        }
        if self.ledger.booked_on(self.zone.day(at)) >= self.limits.daily {
            let midnight = self.zone.next_minute_of_day(at + GRAIN, 0);
            return Some(Obstacle { next: midnight, reason: NoSlot::LimitReached });
        }
        let neighbour = self.ledger.neighbour(at, self.limits.gap)?;
        Some(Obstacle { next: (neighbour + self.limits.gap).round_up(GRAIN), reason: NoSlot::Occupied })
    }

    fn first_free(&self, window: Window) -> Result<Timestamp, NoSlot> {
        let mut failure = NoSlot::Occupied;
        let mut at = window.from;
        while at <= window.to {
            let Some(obstacle) = self.obstacle(at) else { return Ok(at) };
            if obstacle.reason == NoSlot::LimitReached {
                failure = NoSlot::LimitReached;
            }
            at = obstacle.next.max(at + GRAIN);
        }
        Err(failure)
    }
}
