//! Telegram's own ways, as rates: how often a send, an update or a day goes wrong, and what a test may script.
//!
//! Each draw follows from the world's seed and from what it is about (the account's n-th attempt, this update of that
//! message), never from the clock or the order of threads. Rates are chances between 0 and 1 unless their name says
//! otherwise. Refusals that end a comment for good stay well below the 5 % at which the product pauses a campaign.

use serde::Serialize;

use telegram::TelegramError;

/// How often each trouble occurs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FaultPlan {
    /// A send is refused with `FLOOD_WAIT` of half a minute to ten minutes; the account stays barred so long.
    pub flood_wait: f64,
    /// A send is refused with `PEER_FLOOD`; the account stays limited for a day.
    pub peer_flood: f64,
    /// A send is written and its answer is lost.
    pub answer_lost: f64,
    /// A send gets no answer and was not written.
    pub call_lost: f64,
    /// A reading call is refused with a short `FLOOD_WAIT`.
    pub read_flood_wait: f64,
    /// An update does not reach a listener.
    pub update_lost: f64,
    /// An update reaches a listener twice.
    pub update_doubled: f64,
    /// An update reaches a listener seconds to minutes late.
    pub update_late: f64,
    /// Lost connections per account and day.
    pub disconnects_per_day: f64,
    /// Revoked sessions per account and day; the owner is back some hours later.
    pub revocations_per_day: f64,
    /// Frozen accounts per account and day; for good.
    pub freezes_per_day: f64,
    /// The share of groups in slow mode.
    pub slow_mode: f64,
    /// The share of groups that must be joined before writing.
    pub join_required: f64,
    /// The share of those where an administrator must agree first.
    pub join_approval: f64,
    /// The share of posts without a comment section.
    pub comments_off: f64,
    /// The share of posts whose comments are closed some time after publication.
    pub comments_closed: f64,
    /// The share of pairs of account and group where the account may never write.
    pub write_forbidden: f64,
    /// The share of our comments that moderators remove.
    pub comments_removed: f64,
}

impl FaultPlan {
    /// Nothing goes wrong.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            flood_wait: 0.0,
            peer_flood: 0.0,
            answer_lost: 0.0,
            call_lost: 0.0,
            read_flood_wait: 0.0,
            update_lost: 0.0,
            update_doubled: 0.0,
            update_late: 0.0,
            disconnects_per_day: 0.0,
            revocations_per_day: 0.0,
            freezes_per_day: 0.0,
            slow_mode: 0.0,
            join_required: 0.0,
            join_approval: 0.0,
            comments_off: 0.0,
            comments_closed: 0.0,
            write_forbidden: 0.0,
            comments_removed: 0.0,
        }
    }

    /// An ordinary month.
    #[must_use]
    pub const fn some() -> Self {
        Self {
            flood_wait: 0.002,
            peer_flood: 0.000_01,
            answer_lost: 0.002,
            call_lost: 0.001,
            read_flood_wait: 0.000_2,
            update_lost: 0.01,
            update_doubled: 0.01,
            update_late: 0.01,
            disconnects_per_day: 0.5,
            revocations_per_day: 0.002,
            freezes_per_day: 0.000_1,
            slow_mode: 0.05,
            join_required: 0.1,
            join_approval: 0.1,
            comments_off: 0.02,
            comments_closed: 0.002,
            write_forbidden: 0.001,
            comments_removed: 0.02,
        }
    }

    /// A bad month.
    #[must_use]
    pub const fn many() -> Self {
        Self {
            flood_wait: 0.02,
            peer_flood: 0.000_05,
            answer_lost: 0.02,
            call_lost: 0.01,
            read_flood_wait: 0.002,
            update_lost: 0.1,
            update_doubled: 0.1,
            update_late: 0.1,
            disconnects_per_day: 6.0,
            revocations_per_day: 0.02,
            freezes_per_day: 0.000_5,
            slow_mode: 0.2,
            join_required: 0.3,
            join_approval: 0.2,
            comments_off: 0.05,
            comments_closed: 0.005,
            write_forbidden: 0.003,
            comments_removed: 0.1,
        }
    }
}

/// No set of faults has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a set of faults; use none, some or many")]
pub struct UnknownFaults(pub String);

impl std::str::FromStr for FaultPlan {
    type Err = UnknownFaults;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "none" => Ok(Self::none()),
            "some" => Ok(Self::some()),
            "many" => Ok(Self::many()),
            other => Err(UnknownFaults(other.to_owned())),
        }
    }
}

/// What a test makes of an account's next send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendFault {
    /// It is refused with this error and nothing is written.
    Refuse(TelegramError),
    /// It is written, and the answer is lost.
    LoseAnswer,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_of_faults_is_found_by_its_name() {
        assert_eq!("none".parse(), Ok(FaultPlan::none()));
        assert_eq!("some".parse(), Ok(FaultPlan::some()));
        assert_eq!("many".parse(), Ok(FaultPlan::many()));
        assert_eq!("few".parse::<FaultPlan>(), Err(UnknownFaults("few".into())));
    }

    #[test]
    fn refusals_for_good_stay_below_two_percent_of_sends() {
        let many = FaultPlan::many();
        assert!(many.peer_flood + many.comments_closed + many.write_forbidden < 0.02);
    }
}
