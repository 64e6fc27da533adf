//! What an account can be, and how it gets from one condition to another.
//!
//! What Telegram does to an account is a state, not a crash. [`step`] is the only authority; `accounts.status` has a CHECK
//! with the names of [`StatusName`]. A wait belongs to the account it was given to: nothing here moves work elsewhere.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// What kind of account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A person's own account.
    Person,
    /// A bot, over MTProto.
    Bot,
}

impl Kind {
    /// Whether readers can tell what such an account is: Telegram itself marks a bot, the profile text of a person's account
    /// must tell the label. One that cannot be told does not write.
    #[must_use]
    pub const fn is_labelled(self, label_verified_at: Option<Timestamp>) -> bool {
        match self {
            Self::Person => label_verified_at.is_some(),
            Self::Bot => true,
        }
    }
}

/// The condition of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Status {
    /// Telegram does not know its session (any more); its owner must log in.
    NeedsLogin,
    /// Works.
    Active,
    /// Telegram asked it to wait; writes nothing before `until`.
    Waiting {
        /// The end of the wait.
        until: Timestamp,
    },
    /// Telegram restricts its writing; a person must look at it.
    Limited,
    /// Telegram froze it; it can only read.
    Frozen,
    /// The account no longer exists.
    Dead,
    /// A person stopped it.
    Paused {
        /// The end of a wait that Telegram asked for before or meanwhile; whoever resumes the account resumes the wait.
        waits_until: Option<Timestamp>,
    },
}

/// What can happen to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Its owner logged in, or Telegram accepted its session again.
    LogIn,
    /// Telegram asked for a wait until then.
    Flood(Timestamp),
    /// It is the given time.
    Tick(Timestamp),
    /// Telegram restricts its writing.
    Limit,
    /// Telegram froze it.
    Freeze,
    /// Its authorization is gone.
    Deauthorize,
    /// The account is gone.
    Die,
    /// A person stops it.
    Pause,
    /// A person lets it work again, at the given time.
    Resume(Timestamp),
}

/// The event does not fit the status; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account that is {from} cannot {event}")]
pub struct Illegal {
    /// The status it has.
    pub from: StatusName,
    /// What was asked, as a verb.
    pub event: &'static str,
}

/// Applies one event. What is worse stays: a wait does not hide a freeze, only a person ends `limited`, `frozen` and
/// `paused`, and a pause does not shorten a wait.
///
/// # Errors
/// [`Illegal`] when the event does not fit; the test has the whole table.
pub fn step(status: &Status, event: Event) -> Result<Status, Illegal> {
    use Event as E;
    use Status as S;
    let next = match (status, event) {
        (S::Dead, _) => return Err(Illegal { from: status.name(), event: event.verb() }),
        (_, E::Die) => S::Dead,
        (_, E::Deauthorize) => S::NeedsLogin,
        (S::NeedsLogin, E::LogIn) => S::Active,
        (S::Active | S::Waiting { .. }, E::LogIn) => status.clone(),
        (S::Active, E::Flood(until)) => S::Waiting { until },
        (S::Waiting { until: old }, E::Flood(until)) => S::Waiting { until: until.max(*old) },
        (S::Paused { waits_until }, E::Flood(until)) => {
            S::Paused { waits_until: Some(until).max(*waits_until) }
        }
        (S::Waiting { until }, E::Tick(now)) if now >= *until => S::Active,
        (S::Paused { waits_until: Some(until) }, E::Tick(now)) if now >= *until => {
            S::Paused { waits_until: None }
        }
        (_, E::Tick(_)) => status.clone(),
        (S::Limited | S::Frozen, E::Flood(_)) => status.clone(),
        (S::Frozen, E::Limit) => S::Frozen,
        (S::Active | S::Waiting { .. } | S::Limited | S::Paused { .. }, E::Limit) => S::Limited,
        (S::Active | S::Waiting { .. } | S::Limited | S::Frozen | S::Paused { .. }, E::Freeze) => S::Frozen,
        (S::Active | S::Waiting { .. } | S::Paused { .. }, E::Pause) => {
            S::Paused { waits_until: status.waits_until() }
        }
        (S::Paused { waits_until: Some(until) }, E::Resume(now)) if now < *until => {
            S::Waiting { until: *until }
        }
        (S::Limited | S::Frozen | S::Paused { .. }, E::Resume(_)) => S::Active,
        (from, event) => return Err(Illegal { from: from.name(), event: event.verb() }),
    };
    Ok(next)
}

/// A status without its data: what the database's CHECK lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is documented on the status of the same name")]
pub enum StatusName {
    NeedsLogin,
    Active,
    Waiting,
    Limited,
    Frozen,
    Dead,
    Paused,
}

impl StatusName {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::NeedsLogin,
        Self::Active,
        Self::Waiting,
        Self::Limited,
        Self::Frozen,
        Self::Dead,
        Self::Paused,
    ];

    /// The name in tables, routes and filters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NeedsLogin => "needs_login",
            Self::Active => "active",
            Self::Waiting => "waiting",
            Self::Limited => "limited",
            Self::Frozen => "frozen",
            Self::Dead => "dead",
            Self::Paused => "paused",
        }
    }
}

impl std::fmt::Display for StatusName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Status {
    /// The status's name.
    #[must_use]
    pub const fn name(&self) -> StatusName {
        match self {
            Self::NeedsLogin => StatusName::NeedsLogin,
            Self::Active => StatusName::Active,
            Self::Waiting { .. } => StatusName::Waiting,
            Self::Limited => StatusName::Limited,
            Self::Frozen => StatusName::Frozen,
            Self::Dead => StatusName::Dead,
            Self::Paused { .. } => StatusName::Paused,
        }
    }

    /// Whether new work may be planned for it: it writes now, or will once a wait is over.
    #[must_use]
    pub const fn takes_work(&self) -> bool {
        matches!(self, Self::Active | Self::Waiting { .. })
    }

    /// The end of the wait that Telegram imposed, if it imposed one.
    #[must_use]
    pub const fn waits_until(&self) -> Option<Timestamp> {
        match self {
            Self::Waiting { until } => Some(*until),
            Self::Paused { waits_until } => *waits_until,
            Self::NeedsLogin | Self::Active | Self::Limited | Self::Frozen | Self::Dead => None,
        }
    }
}

/// What leads an account back to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "snake_case")]
pub enum WayBack {
    /// Nothing is in its way.
    None,
    /// Time alone: it goes on by itself then.
    Wait {
        /// When.
        until: Timestamp,
    },
    /// Its owner logs it in again; a login for it refuses any other account.
    LogIn,
    /// Its owner asks Telegram (`@SpamBot`) to lift what bars it, and then resumes it.
    AskTelegram,
    /// Whoever stopped it resumes it.
    Resume,
    /// Nothing does: the account no longer exists.
    Gone,
}

impl Status {
    /// What leads back to work from here.
    #[must_use]
    pub const fn way_back(&self) -> WayBack {
        match self {
            Self::Active => WayBack::None,
            Self::Waiting { until } => WayBack::Wait { until: *until },
            Self::NeedsLogin => WayBack::LogIn,
            Self::Limited | Self::Frozen => WayBack::AskTelegram,
            Self::Paused { .. } => WayBack::Resume,
            Self::Dead => WayBack::Gone,
        }
    }

    /// Whether it may have a connection: its session counts as far as anybody knows.
    #[must_use]
    pub const fn connects(&self) -> bool {
        !matches!(self, Self::NeedsLogin | Self::Dead)
    }
}

impl Event {
    const fn verb(self) -> &'static str {
        match self {
            Self::LogIn => "log in",
            Self::Flood(_) => "wait",
            Self::Tick(_) => "go on",
            Self::Limit => "be limited",
            Self::Freeze => "be frozen",
            Self::Deauthorize => "lose its authorization",
            Self::Die => "die",
            Self::Pause => "be paused",
            Self::Resume(_) => "be resumed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNTIL: Timestamp = Timestamp::from_secs(100);
    const STATUSES: [Status; 7] = [
        Status::NeedsLogin,
        Status::Active,
        Status::Waiting { until: UNTIL },
        Status::Limited,
        Status::Frozen,
        Status::Dead,
        Status::Paused { waits_until: Some(UNTIL) },
    ];
    const EVENTS: [Event; 9] = [
        Event::LogIn,
        Event::Flood(Timestamp::from_secs(50)),
        Event::Tick(UNTIL),
        Event::Limit,
        Event::Freeze,
        Event::Deauthorize,
        Event::Die,
        Event::Pause,
        Event::Resume(UNTIL),
    ];

    /// Rows: [`STATUSES`]; columns: [`EVENTS`]; `-` is illegal.
    const TABLE: [&str; 7] = [
        "active - needs_login - - needs_login dead - -",
        "active waiting active limited frozen needs_login dead paused -",
        "waiting waiting active limited frozen needs_login dead paused -",
        "- limited limited limited frozen needs_login dead - active",
        "- frozen frozen frozen frozen needs_login dead - active",
        "- - - - - - - - -",
        "- paused paused limited frozen needs_login dead paused active",
    ];

    #[test]
    fn every_pair_of_status_and_event_does_what_the_table_says() {
        for (status, row) in STATUSES.iter().zip(TABLE) {
            for (event, expected) in EVENTS.into_iter().zip(row.split(' ')) {
                let name = step(status, event).map_or("-", |next| next.name().as_str());
                assert_eq!(name, expected, "{} must {}", status.name(), event.verb());
            }
        }
    }

    #[test]
    fn every_way_back_ends_in_an_account_that_works() {
        for status in STATUSES {
            let event = match status.way_back() {
                WayBack::None | WayBack::Gone => continue,
                WayBack::Wait { until } => Event::Tick(until),
                WayBack::LogIn => Event::LogIn,
                WayBack::AskTelegram | WayBack::Resume => Event::Resume(UNTIL),
            };
            assert_eq!(step(&status, event).unwrap(), Status::Active, "{}", status.name());
        }
    }

    #[test]
    fn a_wait_is_never_shortened_and_ends_only_in_time() {
        let waiting = Status::Waiting { until: UNTIL };
        assert_eq!(step(&waiting, Event::Flood(Timestamp::from_secs(50))).unwrap(), waiting);
        assert_eq!(step(&waiting, Event::Tick(Timestamp::from_secs(99))).unwrap(), waiting);
    }

    #[test]
    fn a_pause_keeps_the_wait_and_whoever_resumes_resumes_it() {
        let (early, later) = (Timestamp::from_secs(99), Timestamp::from_secs(300));
        let waiting = Status::Waiting { until: UNTIL };
        let paused = step(&waiting, Event::Pause).unwrap();
        assert_eq!(paused, Status::Paused { waits_until: Some(UNTIL) });
        assert_eq!(step(&paused, Event::Pause).unwrap(), paused);
        assert_eq!(step(&paused, Event::Resume(early)).unwrap(), waiting);
        assert_eq!(step(&paused, Event::Resume(UNTIL)).unwrap(), Status::Active);
        assert_eq!(step(&paused, Event::Tick(early)).unwrap(), paused);
        assert_eq!(step(&paused, Event::Tick(UNTIL)).unwrap(), Status::Paused { waits_until: None });
        let longer = step(&paused, Event::Flood(later)).unwrap();
        assert_eq!(step(&longer, Event::Resume(UNTIL)).unwrap(), Status::Waiting { until: later });
    }
}
