//! What can go wrong with a world: its record on disk, and the export it is loaded from.
//!
//! What Telegram refuses is not here: that is `telegram::TelegramError`, an answer like any other.

use std::path::PathBuf;

/// A world could not be opened on its record.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// The record cannot be opened, created or locked.
    #[error("the world's record {} cannot be opened", path.display())]
    OpenRecord {
        /// Where it is.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The record cannot be read on.
    #[error("the world's record {} cannot be read, line {line}", path.display())]
    ReadRecord {
        /// Where it is.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Why.
        source: std::io::Error,
    },
    /// A line of the record is not an entry.
    #[error("the world's record {} is broken in line {line}", path.display())]
    BrokenRecord {
        /// Where it is.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// The record is that of another world.
    #[error("the record {} belongs to another world: {field} is {found} there and {planned} here", path.display())]
    AnotherWorld {
        /// Where it is.
        path: PathBuf,
        /// What differs.
        field: String,
        /// What the record says.
        found: String,
        /// What the plan says.
        planned: String,
    },
    /// The world did not come to the same point again: the record was changed, or it is of another version.
    #[error("the world's record {} does not fit the world it describes, line {line}: {why}", path.display())]
    Diverged {
        /// Where it is.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What does not fit.
        why: String,
    },
}

/// An export could not be loaded; nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file cannot be opened.
    #[error("the export {} cannot be opened", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file cannot be read on.
    #[error("the export {} cannot be read on at {place}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The JSON path, line and column.
        place: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is not JSON there, it ends too early, or it is JSON of another shape than Telegram Desktop writes.
    #[error("the export {} is broken at {place}: found {found}, expected {expected}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// The JSON path, line and column.
        place: String,
        /// What stands there.
        found: String,
        /// What should.
        expected: &'static str,
    },
    /// It has nothing to replay.
    #[error("the export {} has no channel with posts: expected a chat of type public_channel or private_channel", path.display())]
    NoChannel {
        /// The file.
        path: PathBuf,
    },
}
