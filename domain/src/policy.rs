//! How a campaign behaves: its presets, and the typed policy that each stands for.
//!
//! A policy is a value a person chose; the account's own limits (`daily_limit`, `min_gap_s`) and Telegram's waits stand
//! above every policy and no preset can loosen them.

use serde::{Deserialize, Serialize};

use crate::time::{Timestamp, Zone};

/// The longest that a window may reach after publication, in seconds: a week.
pub const MAX_WINDOW_S: u32 = 7 * 24 * 3600;

/// A named policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Few comments, late and widely spread.
    Safe,
    /// The default.
    Balanced,
    /// Most posts, soon after publication.
    Boost,
    /// The policy's own numbers.
    Custom,
}

/// What a campaign reacts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Opens the conversation under new posts, and answers readers there as far as the policy says.
    NewPosts,
    /// Only answers readers.
    Answers,
}

/// Whether a campaign works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignStatus {
    /// It plans.
    On,
    /// It was stopped for a while, by a person or by its error rate.
    Paused,
    /// It is not in use.
    Off,
}

/// Whether a project works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProjectStatus {
    /// It works.
    Active,
    /// Nothing is planned or sent.
    Paused,
    /// It is only kept.
    Archived,
}

/// Who approves a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// A person, each draft.
    Manual,
    /// A rule: drafts without remarks are approved.
    ByRule,
}

/// Minutes of the local day in which nothing is sent: from `from` up to but not including `to`, across midnight if `to` is
/// smaller. Equal bounds mean no quiet hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct QuietHours {
    /// First quiet minute, 0 to 1439.
    pub from: u16,
    /// First minute that is not quiet any more, 0 to 1439.
    pub to: u16,
}

impl QuietHours {
    /// Whether nothing is sent at `at`.
    #[must_use]
    pub fn covers(self, at: Timestamp, zone: Zone) -> bool {
        let minute = zone.minute_of_day(at);
        if self.from <= self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }

    /// The first instant at or after `at` that is not quiet.
    #[must_use]
    pub fn opens(self, at: Timestamp, zone: Zone) -> Timestamp {
        if self.covers(at, zone) { zone.next_minute_of_day(at, self.to) } else { at }
    }

    /// The same hours beginning `minutes` sooner, as long as that leaves any of the day open.
    #[must_use]
    pub const fn sooner(self, minutes: u16) -> Self {
        let open = (self.from + 1440 - self.to) % 1440;
        if open <= minutes { self } else { Self { from: (self.from + 1440 - minutes) % 1440, to: self.to } }
    }
}

/// The numbers behind a preset.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The share of posts that get an opener, 0 to 1.
    pub opener_share: f64,
    /// The earliest moment after publication, in seconds.
    pub window_from_s: u32,
    /// The latest moment after publication, in seconds; greater than `window_from_s`, at most [`MAX_WINDOW_S`].
    pub window_to_s: u32,
    /// How strongly sends lean to the window's beginning: 1 is uniform, 3 puts half of them into its first eighth.
    pub lean: f64,
    /// When nothing is sent, in the project's time zone.
    pub quiet: QuietHours,
    /// How many readers' messages under one post are answered.
    pub answers_per_post: u16,
    /// How many messages of one reader under one post are answered.
    pub answers_per_reader: u16,
}

/// A policy's numbers contradict each other.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// `opener_share` is not a share.
    #[error("opener_share must lie between 0 and 1")]
    Share,
    /// The window is empty or reaches too far.
    #[error("window_to_s must be greater than window_from_s and at most {MAX_WINDOW_S}")]
    Window,
    /// `lean` is out of range.
    #[error("lean must lie between 1 and 10")]
    Lean,
    /// A quiet hour is not a minute of the day.
    #[error("quiet hours are minutes of the day, 0 to 1439")]
    Quiet,
}

impl Policy {
    /// Few comments, late and widely spread.
    pub const SAFE: Self = Self {
        opener_share: 0.4,
        window_from_s: 15 * 60,
        window_to_s: 6 * 3600,
        lean: 1.5,
        quiet: QuietHours { from: 22 * 60, to: 9 * 60 },
        answers_per_post: 1,
        answers_per_reader: 1,
    };

    /// The default.
    pub const BALANCED: Self = Self {
        opener_share: 0.7,
        window_from_s: 5 * 60,
        window_to_s: 3 * 3600,
        lean: 2.0,
        quiet: QuietHours { from: 23 * 60, to: 8 * 60 },
        answers_per_post: 3,
        answers_per_reader: 1,
    };

    /// Most posts, soon after publication.
    pub const BOOST: Self = Self {
        opener_share: 1.0,
        window_from_s: 60,
        window_to_s: 90 * 60,
        lean: 3.0,
        quiet: QuietHours { from: 0, to: 7 * 60 },
        answers_per_post: 6,
        answers_per_reader: 2,
    };

    /// The policy of a preset; `custom` is the campaign's own.
    #[must_use]
    pub const fn of(preset: Preset, custom: Self) -> Self {
        match preset {
            Preset::Safe => Self::SAFE,
            Preset::Balanced => Self::BALANCED,
            Preset::Boost => Self::BOOST,
            Preset::Custom => custom,
        }
    }

    /// Checks the numbers against each other.
    ///
    /// # Errors
    /// The first contradiction found.
    pub fn check(&self) -> Result<(), PolicyError> {
        if !(0.0..=1.0).contains(&self.opener_share) {
            return Err(PolicyError::Share);
        }
        if self.window_to_s <= self.window_from_s || self.window_to_s > MAX_WINDOW_S {
            return Err(PolicyError::Window);
        }
        if !(1.0..=10.0).contains(&self.lean) {
            return Err(PolicyError::Lean);
        }
        if self.quiet.from > 1439 || self.quiet.to > 1439 {
            return Err(PolicyError::Quiet);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_consistent() {
        for preset in [Preset::Safe, Preset::Balanced, Preset::Boost, Preset::Custom] {
            assert_eq!(Policy::of(preset, Policy::BALANCED).check(), Ok(()));
        }
    }

    #[test]
    fn contradictions_are_named() {
        assert_eq!(
            Policy { window_to_s: 1, window_from_s: 1, ..Policy::SAFE }.check(),
            Err(PolicyError::Window)
        );
        assert_eq!(
            Policy { window_to_s: MAX_WINDOW_S + 1, ..Policy::SAFE }.check(),
            Err(PolicyError::Window)
        );
        assert_eq!(Policy { opener_share: f64::NAN, ..Policy::SAFE }.check(), Err(PolicyError::Share));
        assert_eq!(Policy { lean: 0.5, ..Policy::SAFE }.check(), Err(PolicyError::Lean));
        let quiet = QuietHours { from: 1440, to: 0 };
        assert_eq!(Policy { quiet, ..Policy::SAFE }.check(), Err(PolicyError::Quiet));
    }

    #[test]
    fn quiet_hours_cross_midnight_and_end_on_the_minute() {
        let quiet = QuietHours { from: 23 * 60, to: 8 * 60 };
        let at = |hour: i64, minute: i64| Timestamp::from_secs(hour * 3600 + minute * 60);
        assert!(quiet.covers(at(23, 0), Zone::UTC) && quiet.covers(at(7, 59), Zone::UTC));
        assert!(!quiet.covers(at(22, 59), Zone::UTC) && !quiet.covers(at(8, 0), Zone::UTC));
        assert_eq!(quiet.opens(at(23, 30), Zone::UTC), at(32, 0));
        assert_eq!(quiet.opens(at(12, 30), Zone::UTC), at(12, 30));
    }

    #[test]
    fn quiet_hours_that_begin_sooner_never_close_the_whole_day() {
        let sooner = |from, to| QuietHours { from, to }.sooner(5);
        assert_eq!(sooner(23 * 60, 8 * 60), QuietHours { from: 22 * 60 + 55, to: 8 * 60 });
        assert_eq!(sooner(2, 8 * 60), QuietHours { from: 1437, to: 8 * 60 });
        assert_eq!(sooner(0, 0), QuietHours { from: 0, to: 0 });
        assert_eq!(sooner(480, 476), QuietHours { from: 480, to: 476 });
    }

    #[test]
    fn equal_bounds_mean_no_quiet_hours() {
        let quiet = QuietHours { from: 60, to: 60 };
        assert!((0..1440).all(|minute| !quiet.covers(Timestamp::from_secs(minute * 60), Zone::UTC)));
    }
}
