//! The last check before a send: everything that may have changed since the comment was approved.
//!
//! [`check`] runs on facts read in the same transaction that marks the comment as being sent, so a pause, a revoked consent
//! or a spent limit that was committed before is always seen. It answers [`Verdict::Send`] only when every rule allows it
//! now; a rule that will allow it later defers, and the deferral belongs to this account: nothing here names another one.
//!
//! A comment whose outcome is unknown is never sent from here. It is looked for first ([`Verdict::Reconcile`], which only
//! reads), and if it does not stand in its thread it goes back to its slot and through the whole check again.

#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::account::{Status, StatusName};
use crate::comment::SkipReason;
use crate::pacing::{Limits, Window};
use crate::policy::{CampaignStatus, ProjectStatus, QuietHours};
use crate::time::{Timestamp, Zone};

/// After how long a comment that a person's decision holds (a pause, a login) is checked again.
pub const RECHECK: Duration = Duration::from_secs(5 * 60);

/// After how long a comment is checked again that waits for another one of the same account.
pub const IN_FLIGHT_RECHECK: Duration = Duration::from_secs(30);

/// What the check is made on, as read in the sending transaction.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Whether the whole system is paused.
    pub system_paused: bool,
    /// The comment's project.
    pub project: ProjectStatus,
    /// The comment's campaign.
    pub campaign: CampaignStatus,
    /// Whether an active consent of scope `comment` covers the channel.
    pub consent: bool,
    /// The account that speaks.
    pub account: Status,
    /// Whether its readers can tell what it is, see [`crate::account::Kind::is_labelled`].
    pub labelled: bool,
    /// What it may do at most.
    pub limits: Limits,
    /// How many messages it has sent on the local day of the check, outcomes that are unknown included.
    pub sent_today: u32,
    /// When it last sent anything, outcomes that are unknown included.
    pub last_sent_at: Option<Timestamp>,
    /// Whether another comment of this account is being sent or has an unknown outcome.
    pub another_in_flight: bool,
    /// What became of what the comment speaks to.
    pub target: Target,
    /// Whether the text about to leave is of the revision that was approved.
    pub approved: bool,
    /// When the comment may leave.
    pub window: Window,
    /// When the campaign sends nothing.
    pub quiet: QuietHours,
    /// Where the project's days and quiet hours are.
    pub zone: Zone,
    /// Whether an earlier attempt was begun and its outcome is unknown.
    pub again: bool,
}

/// What became of the post or message that a comment speaks to since it was approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// It stands as it was.
    Intact,
    /// The text spoken to was edited, or the reader's message was deleted: the approval no longer fits.
    Changed,
    /// The post is gone, and the thread with it.
    Gone,
}

/// What happens to the comment now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may leave.
    Send,
    /// Its outcome is unknown: look for it in the thread. Nothing may be written on this verdict.
    Reconcile,
    /// Not yet.
    Defer {
        /// When to check again, after now.
        until: Timestamp,
        /// What holds it.
        why: Hold,
    },
    /// It is not to be sent any more.
    Skip(SkipReason),
    /// Its window closed.
    Expire,
    /// Its approval does not fit any more; the reviewer is asked again.
    Void,
}

/// What holds a comment back for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hold {
    /// The system is paused.
    SystemPaused,
    /// The project is paused or archived.
    ProjectPaused,
    /// The campaign is paused or off.
    CampaignPaused,
    /// The account waits, or a person must look at it first.
    Account(StatusName),
    /// The account's profile does not tell the label (any more).
    Unlabelled,
    /// The window has not begun.
    TooEarly,
    /// The account has another comment on its way.
    InFlight,
    /// The campaign is quiet at this hour.
    QuietHours,
    /// The account has used its day.
    DailyLimit,
    /// The account spoke a moment ago.
    Gap,
}

/// Decides what happens to a comment that is due at `now`.
///
/// In this order: pauses hold everything, a comment of unknown outcome is looked for, what can never be sent is settled
/// (consent, post, window, approval, dead account), and then come the holds of the account's condition and pace.
///
/// Pauses come first on purpose: while a person has stopped the work, nothing calls Telegram for it, not even to look.
/// A comment that outlives its window meanwhile is expired by maintenance, or here once the pause ends.
#[must_use]
pub fn check(facts: &Facts, now: Timestamp) -> Verdict {
    if let Some(why) = facts.pause() {
        return Verdict::Defer { until: now + RECHECK, why };
    }
    if facts.again {
        return facts.out_of_reach(now).unwrap_or(Verdict::Reconcile);
    }
    facts.settled(now).or_else(|| facts.out_of_pace(now)).unwrap_or(Verdict::Send)
}

impl Facts {
    fn pause(&self) -> Option<Hold> {
        if self.system_paused {
            return Some(Hold::SystemPaused);
        }
        match self.project {
            ProjectStatus::Active => {}
            ProjectStatus::Paused | ProjectStatus::Archived => return Some(Hold::ProjectPaused),
        }
        match self.campaign {
            CampaignStatus::On => {}
            CampaignStatus::Paused | CampaignStatus::Off => return Some(Hold::CampaignPaused),
        }
        (self.account.name() == StatusName::Paused).then_some(Hold::Account(StatusName::Paused))
    }

    /// Whether the account cannot even look. One that is limited or frozen still reads; of one that is dead Telegram itself
    /// says so when asked, and that settles the comment.
    fn out_of_reach(&self, now: Timestamp) -> Option<Verdict> {
        match self.account {
            Status::NeedsLogin | Status::Paused { .. } => Some(self.held_by_account(now + RECHECK)),
            Status::Waiting { until } if until > now => Some(self.held_by_account(until)),
            Status::Waiting { .. } | Status::Active | Status::Limited | Status::Frozen | Status::Dead => None,
        }
    }

    /// What no passing of time would make sendable again.
    fn settled(&self, now: Timestamp) -> Option<Verdict> {
        if !self.consent {
            return Some(Verdict::Skip(SkipReason::ConsentRevoked));
        }
        if self.target == Target::Gone {
            return Some(Verdict::Skip(SkipReason::PostDeleted));
        }
        if now > self.window.to {
            return Some(Verdict::Expire);
        }
        if self.target == Target::Changed || !self.approved {
            return Some(Verdict::Void);
        }
        (self.account == Status::Dead).then_some(Verdict::Skip(SkipReason::NoAccount))
    }

    fn out_of_pace(&self, now: Timestamp) -> Option<Verdict> {
        if let Some(verdict) = self.out_of_reach(now) {
            return Some(verdict);
        }
        if matches!(self.account, Status::Limited | Status::Frozen) {
            return Some(self.held_by_account(now + RECHECK));
        }
        let held = |until, why| Some(Verdict::Defer { until, why });
        if !self.labelled {
            return held(now + RECHECK, Hold::Unlabelled);
        }
        if now < self.window.from {
            return held(self.window.from, Hold::TooEarly);
        }
        if self.another_in_flight {
            return held(now + IN_FLIGHT_RECHECK, Hold::InFlight);
        }
        let open = self.quiet.opens(now, self.zone);
        if open > now {
            return held(open, Hold::QuietHours);
        }
        if self.sent_today >= self.limits.daily {
            let midnight = self.zone.next_minute_of_day(now + Duration::from_secs(1), 0);
            return held(self.quiet.opens(midnight, self.zone), Hold::DailyLimit);
        }
        let rested = self.last_sent_at? + self.limits.gap;
        if rested > now { held(self.quiet.opens(rested, self.zone), Hold::Gap) } else { None }
    }

    const fn held_by_account(&self, until: Timestamp) -> Verdict {
        Verdict::Defer { until, why: Hold::Account(self.account.name()) }
    }
}
