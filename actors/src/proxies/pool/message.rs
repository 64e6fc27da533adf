//! What the pool is told and asked.

use domain::id::{ProjectId, ProxyId};

use super::ProxyReport;
use crate::runtime::{Named, Reply};

/// What the pool is told and asked.
pub(crate) enum PoolMessage {
    /// It is time to look.
    Tick,
    /// How are the proxies of this project?
    Check {
        /// Whose.
        project: ProjectId,
        /// The only one that is asked after, if one.
        only: Option<ProxyId>,
        /// Where the answer goes.
        reply: Reply<Vec<ProxyReport>>,
    },
}

impl Named for PoolMessage {
    fn name(&self) -> &'static str {
        match self {
            Self::Tick => "tick",
            Self::Check { .. } => "check",
        }
    }
}
