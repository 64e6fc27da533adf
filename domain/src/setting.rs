//! What an administrator sets while the product runs: a closed list of whole numbers, each with the range that it may be in.
//!
//! A quota that is not set has a default here. A retention that is not set is what the process was configured with.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// How many projects a user may own who has no number of their own.
    ProjectsPerUser,
    /// How many accounts a project may connect.
    AccountsPerProject,
    /// How many channels a project may watch.
    ChannelsPerProject,
    /// For how many days events, finished jobs and the audit log are kept.
    RecordsDays,
    /// For how many days readers' texts are kept.
    ReadersTextDays,
}

/// The number is none that the setting can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is a whole number from {} to {}", .0.as_str(), .0.range().start(), .0.range().end())]
pub struct OutOfRange(
    /// Which setting.
    pub Setting,
);

impl Setting {
    /// Every setting.
    pub const ALL: [Self; 5] = [
        Self::ProjectsPerUser,
        Self::AccountsPerProject,
        Self::ChannelsPerProject,
        Self::RecordsDays,
        Self::ReadersTextDays,
    ];

    /// The key in the table and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProjectsPerUser => "projects_per_user",
            Self::AccountsPerProject => "accounts_per_project",
            Self::ChannelsPerProject => "channels_per_project",
            Self::RecordsDays => "records_days",
            Self::ReadersTextDays => "readers_text_days",
        }
    }

    /// The numbers that it may be set to.
    #[must_use]
    pub const fn range(self) -> RangeInclusive<u32> {
        match self {
            Self::ProjectsPerUser | Self::AccountsPerProject | Self::ChannelsPerProject => 0..=1_000_000,
            Self::RecordsDays | Self::ReadersTextDays => 1..=3650,
        }
    }

    /// Whether a project may have a number of its own.
    #[must_use]
    pub const fn per_project(self) -> bool {
        match self {
            Self::AccountsPerProject | Self::ChannelsPerProject => true,
            Self::ProjectsPerUser | Self::RecordsDays | Self::ReadersTextDays => false,
        }
    }

    /// What it is while nobody has set it; `None` for what the process is configured with.
    #[must_use]
    pub const fn default_value(self) -> Option<u32> {
        match self {
            Self::ProjectsPerUser => Some(100),
            Self::AccountsPerProject => Some(1_000),
            Self::ChannelsPerProject => Some(10_000),
            Self::RecordsDays | Self::ReadersTextDays => None,
        }
    }

    /// The number, if the setting can have it.
    ///
    /// # Errors
    /// [`OutOfRange`].
    pub fn check(self, value: u32) -> Result<u32, OutOfRange> {
        if self.range().contains(&value) { Ok(value) } else { Err(OutOfRange(self)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_its_name_and_a_default_within_its_range() {
        for setting in Setting::ALL {
            assert_eq!(serde_json::to_value(setting).unwrap(), setting.as_str());
            assert!(setting.default_value().is_none_or(|value| setting.check(value) == Ok(value)));
        }
    }

    #[test]
    fn a_number_out_of_range_is_refused_with_the_range() {
        let refused = Setting::RecordsDays.check(0).unwrap_err();
        assert_eq!(refused.to_string(), "records_days is a whole number from 1 to 3650");
        assert_eq!(Setting::AccountsPerProject.check(0), Ok(0));
    }
}
