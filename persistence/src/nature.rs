//! What an error means to whoever asked: whether it is theirs to mend, and how.

use crate::error::StoreError;

/// Whose matter an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// There is nothing of this kind with that id where it was looked for.
    Unknown(&'static str),
    /// A name or key is in use.
    Taken,
    /// Things are not in a state that admits it.
    WrongState,
    /// Something else needs it.
    InUse,
    /// What was asked for cannot be, whenever it is asked.
    Invalid,
    /// It was changed since it was read.
    Changed,
    /// Somebody else was faster; trying again may help.
    Overtaken,
    /// A limit of the installation is reached.
    QuotaReached,
    /// The database does not do its work at the moment; trying again later may help.
    Unavailable,
    /// A bug, or an installation that is not set up: nothing that whoever asked can mend.
    Ours,
}

impl StoreError {
    /// What the error means to whoever asked. Its message may be shown to them, unless it is [`Nature::Unavailable`] or
    /// [`Nature::Ours`].
    #[must_use]
    pub fn nature(&self) -> Nature {
        match self {
            Self::NotFound { what, .. } => Nature::Unknown(what),
            Self::Taken { .. } => Nature::Taken,
            Self::Comment { .. } | Self::Account { .. } => Nature::WrongState,
            Self::Decided { .. } | Self::NoRetry { .. } | Self::Job { .. } => Nature::WrongState,
            Self::NotLatest { .. } | Self::PostChanged { .. } | Self::Miscounted { .. } => Nature::WrongState,
            Self::AccountStays { .. } | Self::NoSeat { .. } => Nature::WrongState,
            Self::ProxyInUse { .. } | Self::Needed { .. } => Nature::InUse,
            Self::QuotaReached { .. } => Nature::QuotaReached,
            Self::NotConfirmed { .. } => Nature::Invalid,
            Self::Template { .. } => Nature::Invalid,
            Self::Policy { .. } | Self::Unsignable { .. } => Nature::Invalid,
            Self::Stale { .. } => Nature::Changed,
            Self::Overtaken { .. } | Self::NotHeld { .. } => Nature::Overtaken,
            Self::Unreachable { .. } | Self::Busy { .. } | Self::DiskFull { .. } => Nature::Unavailable,
            Self::ReadOnly { .. } => Nature::Unavailable,
            Self::Address { .. } | Self::NotMigrated { .. } | Self::Newer { .. } => Nature::Ours,
            Self::Constraint { .. } | Self::Unreadable { .. } | Self::Vault { .. } => Nature::Ours,
            Self::Occupied { .. } | Self::Lock { .. } => Nature::Ours,
            Self::Abandoned { .. } | Self::Database { .. } => Nature::Ours,
        }
    }
}
