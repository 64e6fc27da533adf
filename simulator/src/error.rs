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
#[error("the export {} cannot be used at {place}: {problem}", path.display())]
pub struct ExportError {
    /// The file.
    pub path: PathBuf,
    /// Where in it: line, column and the JSON path.
    pub place: String,
    /// What is wrong, and what was expected.
    pub problem: ExportProblem,
}

/// What is wrong with an export.
#[derive(Debug, thiserror::Error)]
pub enum ExportProblem {
    /// The file cannot be read.
    #[error("the file cannot be read ({0})")]
    Io(std::io::Error),
    /// It is not JSON, or it ends too early.
    #[error("{0}; expected {1}")]
    Json(String, &'static str),
    /// It is JSON of another shape.
    #[error("found {found}, expected {expected}")]
    Shape {
        /// What stands there.
        found: String,
        /// What should.
        expected: &'static str,
    },
    /// It has no channel to replay.
    #[error("it has no channel with posts; expected a chat of type public_channel or private_channel")]
    NoChannel,
}
