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

/// How much of the tree runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// Only the logins: for a command that runs beside a service, whose jobs and connections are none of its business.
    Logins,
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
    /// How much of it runs.
    pub part: Part,
    /// How long a claimed job is this node's before others may take it over.
    pub lease: Duration,
    /// Jobs claimed at once.
    pub claim_batch: u32,
    /// Claimed jobs that are not finished yet, at most.
    pub outstanding: usize,
    /// Logins that go on at the same time, at most.
    pub logins: u16,
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
    /// How long this node's accounts stay its own after it was last heard of, where several nodes share a database.
    pub tenure: Duration,
    /// Between two connections that are opened, at least.
    pub connect_gap: Duration,
    /// Between two looks for accounts and consents that are to be looked at again.
    pub inspect_every: Duration,
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
            part: Part::Whole,
            lease: minutes(1),
            claim_batch: 256,
            outstanding: 1024,
            logins: 16,
            writers: 4,
            longest_nap: Duration::from_secs(5),
            rescue_every: Duration::from_secs(30),
            prune_every: minutes(60),
            probe_every: minutes(5),
            tenure: Duration::from_secs(30),
            connect_gap: Duration::from_millis(10),
            inspect_every: minutes(10),
            audit_every: minutes(30),
            retention: days(7),
            readers_text_retention: days(30),
        }
    }
}
