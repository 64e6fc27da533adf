//! What a writer is told, and which of the pool it is.

use crate::queue::Work;
use crate::runtime::Named;

/// What a writer is told.
pub(crate) enum WriterMessage {
    /// Write drafts for these comments.
    Write(Work),
}

impl Named for WriterMessage {
    fn name(&self) -> &'static str {
        match self {
            Self::Write(_) => "write",
        }
    }
}

/// A place in the pool, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Desk(u16);

impl Desk {
    /// The places of a pool of this size; a pool has at least one.
    pub(crate) fn all(size: u16) -> impl Iterator<Item = Self> {
        (0..size.max(1)).map(Self)
    }

    /// Whose turn it is.
    pub(crate) fn of_turn(turn: usize, size: u16) -> Self {
        Self(u16::try_from(turn % usize::from(size.max(1))).unwrap_or(0))
    }
}

impl std::fmt::Display for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
