//! Whether a comment that was refused, or whose window closed, may be given another chance, and until when.
//!
//! A person asks, and what is answered here is all that the rules allow: the same account speaks or nobody does (a refusal
//! belongs to whom it was given to), what stood in the way must be gone by itself or by a person, and what may have been
//! written already is never written again. The new window begins now (or when the campaign's quiet hours end), is as long as
//! the campaign's policy makes it, and ends a week after what it speaks to at the latest. The comment goes back to its
//! reviewer: an approval that was given for another window does not count for this one.

use std::time::Duration;

use crate::account::StatusName;
use crate::comment::Intent;
use crate::gate::Target;
use crate::pacing::{ANSWER_TO, SLACK, Window};
use crate::policy::{MAX_WINDOW_S, Policy};
use crate::time::{Timestamp, Zone};

/// The names of refusals after which the comment may stand, or have stood, in its thread although it was called refused.
const MAYBE_WRITTEN: [&str; 2] = ["REMOVED_BEFORE_SEEN", "CHANNEL_PRIVATE"];

/// What the question is decided on.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What the comment is for.
    pub intent: Intent,
    /// The error's name, if it was refused.
    pub refusal: Option<String>,
    /// Whether an active consent of scope `comment` covers the channel.
    pub consent: bool,
    /// What became of what it speaks to.
    pub target: Target,
    /// Whether the post has its comment section.
    pub comments_open: bool,
    /// The account that was to speak; `None` if it is not there any more.
    pub account: Option<StatusName>,
    /// Whether the account may not write in the channel.
    pub blocked: bool,
    /// When the post was published, or the reader wrote.
    pub spoken_at: Timestamp,
    /// The campaign's policy; `None` if there is no such campaign any more.
    pub policy: Option<Policy>,
    /// Where the campaign's quiet hours are.
    pub zone: Zone,
}

/// Why there is no other chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRetry {
    /// A second attempt could double it.
    #[error("it may have been written although it was refused")]
    MaybeWritten,
    /// There is no consent.
    #[error("no consent to comment covers the channel")]
    NoConsent,
    /// There is nothing to speak to.
    #[error("what it speaks to is gone")]
    Gone,
    /// The post has no comments.
    #[error("the post has no comment section")]
    CommentsClosed,
    /// There is no campaign to speak for.
    #[error("its campaign is gone")]
    NoCampaign,
    /// Nobody may speak.
    #[error("its account is gone, or Telegram limited, froze or banned it; no other account takes its place")]
    AccountStopped,
    /// The account may not write there.
    #[error("its account may not write in the channel")]
    Blocked,
    /// It would come too late.
    #[error("what it speaks to is more than a week old")]
    TooOld,
}

/// The window of another chance for a comment that was refused or expired.
///
/// # Errors
/// The first thing that stands in the way.
pub fn again(facts: &Facts, now: Timestamp) -> Result<Window, NoRetry> {
    if facts.refusal.as_deref().is_some_and(|code| MAYBE_WRITTEN.contains(&code)) {
        return Err(NoRetry::MaybeWritten);
    }
    if !facts.consent {
        return Err(NoRetry::NoConsent);
    }
    if facts.target == Target::Gone {
        return Err(NoRetry::Gone);
    }
    if !facts.comments_open {
        return Err(NoRetry::CommentsClosed);
    }
    let policy = facts.policy.ok_or(NoRetry::NoCampaign)?;
    match facts.account {
        None | Some(StatusName::Limited | StatusName::Frozen | StatusName::Dead) => {
            return Err(NoRetry::AccountStopped);
        }
        Some(StatusName::Active | StatusName::Waiting | StatusName::NeedsLogin | StatusName::Paused) => {}
    }
    if facts.blocked {
        return Err(NoRetry::Blocked);
    }
    window(facts, &policy, now).ok_or(NoRetry::TooOld)
}

/// `None` when a week after what it speaks to leaves no room for a send that is a little late.
fn window(facts: &Facts, policy: &Policy, now: Timestamp) -> Option<Window> {
    let length = match facts.intent {
        Intent::Opener => Duration::from_secs((policy.window_to_s - policy.window_from_s).into()),
        Intent::Answer | Intent::FollowUp => ANSWER_TO,
    };
    let from = policy.quiet.opens(now, facts.zone);
    let latest = facts.spoken_at + Duration::from_secs(MAX_WINDOW_S.into());
    let to = (from + length.max(SLACK)).min(latest);
    (from + SLACK <= to).then_some(Window { from, to })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::QuietHours;

    const WEEK: Duration = Duration::from_secs(MAX_WINDOW_S as u64);
    const POSTED: Timestamp = Timestamp::from_secs(1_780_000_000);

    fn facts() -> Facts {
        Facts {
            intent: Intent::Opener,
            refusal: None,
            consent: true,
            target: Target::Intact,
            comments_open: true,
            account: Some(StatusName::Active),
            blocked: false,
            spoken_at: POSTED,
            policy: Some(Policy { quiet: QuietHours { from: 0, to: 0 }, ..Policy::BALANCED }),
            zone: Zone::UTC,
        }
    }

    #[test]
    fn another_chance_is_as_long_as_the_first_and_ends_a_week_after_the_post() {
        let now = POSTED + Duration::from_secs(86_400);
        let window = again(&facts(), now).unwrap();
        assert_eq!((window.from, window.to), (now, now + Duration::from_secs(3 * 3600 - 300)));
        let late = again(&facts(), POSTED + WEEK - Duration::from_secs(600)).unwrap();
        assert_eq!(late.to, POSTED + WEEK);
        assert_eq!(again(&facts(), POSTED + WEEK - Duration::from_secs(299)), Err(NoRetry::TooOld));
        let answer = Facts { intent: Intent::Answer, ..facts() };
        assert_eq!(again(&answer, now).unwrap().to, now + ANSWER_TO);
    }

    #[test]
    fn another_chance_waits_for_the_end_of_quiet_hours() {
        let quiet = QuietHours { from: 0, to: 1439 };
        let facts = Facts { policy: Some(Policy { quiet, ..Policy::BALANCED }), ..facts() };
        let window = again(&facts, POSTED).unwrap();
        assert_eq!(Zone::UTC.minute_of_day(window.from), 1439);
        assert!(window.from > POSTED && window.to > window.from);
    }

    #[test]
    fn whatever_stands_in_the_way_is_named_and_nobody_takes_an_accounts_place() {
        let refused = |change: fn(&mut Facts)| {
            let mut facts = facts();
            change(&mut facts);
            again(&facts, POSTED).unwrap_err()
        };
        for code in MAYBE_WRITTEN {
            let facts = Facts { refusal: Some(code.to_owned()), ..facts() };
            assert_eq!(again(&facts, POSTED), Err(NoRetry::MaybeWritten));
        }
        assert_eq!(refused(|facts| facts.consent = false), NoRetry::NoConsent);
        assert_eq!(refused(|facts| facts.target = Target::Gone), NoRetry::Gone);
        assert_eq!(refused(|facts| facts.comments_open = false), NoRetry::CommentsClosed);
        assert_eq!(refused(|facts| facts.policy = None), NoRetry::NoCampaign);
        assert_eq!(refused(|facts| facts.account = None), NoRetry::AccountStopped);
        assert_eq!(refused(|facts| facts.account = Some(StatusName::Limited)), NoRetry::AccountStopped);
        assert_eq!(refused(|facts| facts.account = Some(StatusName::Frozen)), NoRetry::AccountStopped);
        assert_eq!(refused(|facts| facts.account = Some(StatusName::Dead)), NoRetry::AccountStopped);
        assert_eq!(refused(|facts| facts.blocked = true), NoRetry::Blocked);
        let slow = Facts { refusal: Some("400 MESSAGE_TOO_LONG".to_owned()), ..facts() };
        assert!(again(&slow, POSTED).is_ok(), "a text that was refused can be rewritten");
    }
}
