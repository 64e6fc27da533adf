//! What a command was asked for goes to standard output, through here; why it failed goes to standard error.
//!
//! A reader that went away (`beseda openapi | head`) is no failure: it has seen what it wanted.

use std::io::{ErrorKind, Write as _};

use crate::error::AppError;

/// Writes a line to standard output.
///
/// # Errors
/// [`AppError::Output`]: a full disk behind a redirection, for one.
pub(crate) fn say(line: &str) -> Result<(), AppError> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(AppError::Output(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes the one line that a failed command leaves on standard error.
pub(crate) fn complain(error: &AppError) {
    // Nobody is left to be told if this fails too; the exit code still tells.
    let _ = writeln!(std::io::stderr(), "beseda: {}", error.line());
}
