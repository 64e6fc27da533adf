//! Why a writer fails. Declining to write is no failure.

use domain::spintax::SpintaxError;

/// A draft could not be written; the job is tried again.
#[derive(Debug, thiserror::Error)]
pub enum WriterError {
    /// A template of the voice cannot be read.
    #[error("template {number} of the voice is broken")]
    Template {
        /// Which one, from 1, in the order of the request.
        number: usize,
        /// What is wrong with it, and where.
        source: SpintaxError,
    },
}
