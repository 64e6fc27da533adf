//! The consent ledger: who agreed to what, for which channel, on which evidence, until when.
//!
//! A [`Consent`] is a fact that was proven elsewhere; here is only when it counts. Nothing is planned, read by a model or
//! indexed without asking [`covers`].
//!
//! How long a proof counts follows from what it is: see [`Evidence::lasts`].

mod code;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::{ChannelId, ConsentId};
use crate::time::Timestamp;

pub use code::{CODE_LASTS, CodeHash, ConsentCode};

/// How often a proof that can be looked at again is looked at.
pub const LOOK_AGAIN: Duration = Duration::from_secs(24 * 3600);

/// What a consent allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// To write comments in the channel's threads.
    Comment,
    /// To keep the channel's posts.
    Read,
    /// To give texts to a language model or a search index.
    Index,
}

/// How a consent was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Telegram says that the account or the bot is an administrator of the channel.
    TelegramAdmin,
    /// The owner put our code into the channel's description.
    DescriptionCode,
    /// A written agreement, referred to in the detail.
    Written,
}

impl Evidence {
    /// How long a proof counts from the moment it was last seen; `None` for as long as was agreed. An administrator's rights
    /// are looked at every [`LOOK_AGAIN`], so a proof that nobody can look at any more ends by itself within a week.
    #[must_use]
    pub const fn lasts(self) -> Option<Duration> {
        const DAY: Duration = Duration::from_secs(24 * 3600);
        match self {
            Self::TelegramAdmin => Some(DAY.saturating_mul(7)),
            Self::DescriptionCode => Some(DAY.saturating_mul(365)),
            Self::Written => None,
        }
    }

    /// When a proof seen at `now` ends by itself, at the latest when the owner `agreed` that it does.
    #[must_use]
    pub fn ends_at(self, now: Timestamp, agreed: Option<Timestamp>) -> Option<Timestamp> {
        [self.lasts().map(|span| now + span), agreed].into_iter().flatten().min()
    }

    /// The name in tables and routes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TelegramAdmin => "telegram_admin",
            Self::DescriptionCode => "description_code",
            Self::Written => "written",
        }
    }
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 3] = [Self::Comment, Self::Read, Self::Index];

    /// The name in tables, routes and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Read => "read",
            Self::Index => "index",
        }
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Display for Evidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One row of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Its row.
    pub id: ConsentId,
    /// The channel it is for.
    pub channel: ChannelId,
    /// What it allows.
    pub scope: Scope,
    /// Since when.
    pub granted_at: Timestamp,
    /// Until when, if it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back, if it was.
    pub revoked_at: Option<Timestamp>,
}

impl Consent {
    /// Whether it counts at `now`: granted, not expired, not revoked. The instant of expiry no longer counts.
    #[must_use]
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.granted_at <= now && self.expires_at.is_none_or(|end| now < end) && self.revoked_at.is_none()
    }
}

/// Whether any of `ledger` allows `scope` in `channel` at `now`.
#[must_use]
pub fn covers(ledger: &[Consent], channel: ChannelId, scope: Scope, now: Timestamp) -> bool {
    ledger
        .iter()
        .any(|consent| consent.channel == channel && consent.scope == scope && consent.is_active(now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn consent(granted: i64, expires: Option<i64>, revoked: Option<i64>) -> Consent {
        Consent {
            id: ConsentId(1),
            channel: ChannelId(1),
            scope: Scope::Comment,
            granted_at: Timestamp::from_secs(granted),
            expires_at: expires.map(Timestamp::from_secs),
            revoked_at: revoked.map(Timestamp::from_secs),
        }
    }

    #[test]
    fn another_channel_or_scope_is_not_covered() {
        let ledger = [consent(0, None, None)];
        let now = Timestamp::from_secs(1);
        assert!(covers(&ledger, ChannelId(1), Scope::Comment, now));
        assert!(!covers(&ledger, ChannelId(2), Scope::Comment, now));
        assert!(!covers(&ledger, ChannelId(1), Scope::Index, now));
    }

    #[test]
    fn a_proof_ends_by_itself_or_earlier_where_that_was_agreed() {
        let (now, day) = (Timestamp::from_secs(0), 24 * 3600);
        let agreed = Some(Timestamp::from_secs(3 * day));
        assert_eq!(Evidence::TelegramAdmin.ends_at(now, None), Some(Timestamp::from_secs(7 * day)));
        assert_eq!(Evidence::TelegramAdmin.ends_at(now, agreed), agreed);
        assert_eq!(Evidence::DescriptionCode.ends_at(now, None), Some(Timestamp::from_secs(365 * day)));
        assert_eq!(
            (Evidence::Written.ends_at(now, None), Evidence::Written.ends_at(now, agreed)),
            (None, agreed)
        );
    }

    #[test]
    fn a_proof_is_looked_at_again_well_before_it_ends() {
        assert!(Evidence::TelegramAdmin.lasts().is_some_and(|span| LOOK_AGAIN * 2 < span));
    }

    #[test]
    fn names_are_those_of_the_tables() {
        let written = |value: serde_json::Value| value.as_str().unwrap().to_owned();
        for scope in Scope::ALL {
            assert_eq!(scope.as_str(), written(serde_json::to_value(scope).unwrap()));
        }
        for evidence in [Evidence::TelegramAdmin, Evidence::DescriptionCode, Evidence::Written] {
            assert_eq!(evidence.as_str(), written(serde_json::to_value(evidence).unwrap()));
        }
    }

    proptest! {
        #[test]
        fn nothing_is_covered_before_the_grant_after_the_end_or_once_revoked(
            granted in 0..1000_i64, length in 0..1000_i64, now in 0..3000_i64, revoked in any::<bool>(),
        ) {
            let ledger = [consent(granted, Some(granted + length), revoked.then_some(granted))];
            let active = covers(&ledger, ChannelId(1), Scope::Comment, Timestamp::from_secs(now));
            prop_assert_eq!(active, !revoked && granted <= now && now < granted + length);
        }
    }
}
