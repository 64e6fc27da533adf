//! What an account's actor remembers: its connection, or how often it tried to have one.

use telegram::Connection;
use tokio::task::AbortHandle;

/// The line to Telegram.
pub(crate) enum State {
    /// There is none.
    Down {
        /// Attempts to open one since the last was open.
        attempts: u16,
        /// Lines there were before.
        lines: u64,
    },
    /// There is one.
    Up {
        /// The connection itself.
        connection: Box<dyn Connection>,
        /// Which line this is, from 1: a late word about an older one is ignored.
        line: u64,
        /// The task that moves its updates on.
        reader: AbortHandle,
    },
}

impl State {
    /// Nothing was opened yet.
    pub(super) const fn down() -> Self {
        Self::Down { attempts: 0, lines: 0 }
    }

    /// The connection, if there is one.
    pub(super) fn connection(&self) -> Option<&dyn Connection> {
        match self {
            Self::Up { connection, .. } => Some(connection.as_ref()),
            Self::Down { .. } => None,
        }
    }

    /// How many lines there were, this one included.
    pub(super) const fn lines(&self) -> u64 {
        match self {
            Self::Up { line, .. } => *line,
            Self::Down { lines, .. } => *lines,
        }
    }

    /// Lets go of the connection.
    pub(super) fn hang_up(&mut self) {
        *self = Self::Down { attempts: 0, lines: self.lines() };
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let Self::Up { reader, .. } = self {
            reader.abort();
        }
    }
}
