//! How the tree runs. Values come checked from `app`; every default is what a small installation wants.

use std::time::Duration;

use domain::seed::Seed;

/// What makes the dispatcher look for due jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drive {
    /// Every commit that made a job due, and the clock.
    Live,
    /// Whoever moves the clock ([`crate::Stepper`]): nothing is claimed between two steps.
    Stepped,
}

/// How the tree runs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// This process among those that share the database.
    pub node: String,
    /// Where the randomness of decisions begins.
    pub seed: Seed,
    /// What makes the dispatcher look.
    pub drive: Drive,
    /// How long a claimed job is this node's before others may take it over.
    pub lease: Duration,
    /// Jobs claimed at once.
    pub claim_batch: u32,
    /// Claimed jobs that are not finished yet, at most.
    pub outstanding: usize,
    /// Writers that work side by side.
    pub writers: u16,
    /// Without any hint the dispatcher and the relay look this often: a safety net, not a pace.
    pub longest_nap: Duration,
    /// Between two looks for leases that ended and windows that closed.
    pub rescue_every: Duration,
    /// Between two removals of what is kept long enough.
    pub prune_every: Duration,
    /// Between two looks at a proxy that works; one in doubt is looked at sooner.
    pub probe_every: Duration,
    /// Between two audits of a channel.
    pub audit_every: Duration,
    /// How long events, finished jobs and the audit log are kept.
    pub retention: Duration,
    /// How long the text of readers is kept.
    pub readers_text_retention: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        let days = |days: u64| minutes(days * 24 * 60);
        Self {
            node: "local".to_owned(),
            seed: Seed(0),
            drive: Drive::Live,
            lease: minutes(1),
            claim_batch: 256,
            outstanding: 1024,
            writers: 4,
            longest_nap: Duration::from_secs(5),
            rescue_every: Duration::from_secs(30),
            prune_every: minutes(60),
            probe_every: minutes(5),
            audit_every: minutes(30),
            retention: days(7),
            readers_text_retention: days(30),
        }
    }
}
