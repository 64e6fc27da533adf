//! `beseda openapi`: the description of the HTTP API, for generators of clients.

use crate::console;
use crate::error::AppError;

/// Prints the description.
pub(crate) fn run() -> Result<(), AppError> {
    console::say(&http::openapi())
}
