//! How many files and connections this process may have open at the same time.
//!
//! Every account has a connection. Most systems let a process begin with 1,024 descriptors, for the sake of programs that use
//! `select`, and allow it many more if it asks. One that may not have more runs with what it has.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Asks for as many as the system allows.
pub(crate) fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::warn!(%error, allowed = limit.current, "the limit of open files stays as it is");
    }
}
