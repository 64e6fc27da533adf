//! The last check before a send: everything that may have changed since the comment was approved.
//!
//! [`check`] runs on facts read in the same transaction that marks the comment as being sent, so a pause, a revoked consent
//! or a spent limit that was committed before is always seen.
