//! The queue: one row per job, from the moment it is decided upon until it is pruned.

use crate::step::Step;

pub(crate) const STEP: Step = Step { name: "m0007_jobs", definitions: &TABLES, on_postgres: &ON_POSTGRES };

/// The generated columns are what the indexes stand on. An index whose condition names `state` would be looked at on every
/// change of a job; these see a value that comes or goes, which costs a third less on PostgreSQL, and a row can never be in
/// the wrong one. A job that is finished is in none of them, however many finished jobs are kept.
const TABLES: [&str; 7] = [
    "CREATE TABLE jobs (
        id {id},
        kind TEXT NOT NULL,
        payload TEXT NOT NULL,
        lane TEXT,
        state TEXT NOT NULL CHECK (state IN ('ready', 'running', 'done', 'failed', 'cancelled')),
        run_at BIGINT NOT NULL,
        expires_at BIGINT,
        attempt BIGINT NOT NULL DEFAULT 0,
        max_attempts BIGINT NOT NULL,
        fence BIGINT NOT NULL DEFAULT 0,
        lease_owner TEXT,
        lease_until BIGINT,
        unique_key TEXT,
        last_error TEXT,
        finished_at BIGINT,
        ready_at BIGINT GENERATED ALWAYS AS (CASE WHEN state = 'ready' THEN run_at END) STORED,
        ready_lane TEXT GENERATED ALWAYS AS (CASE WHEN state = 'ready' THEN lane END) STORED,
        running_lane TEXT GENERATED ALWAYS AS (CASE WHEN state = 'running' THEN lane END) STORED,
        pending_key TEXT GENERATED ALWAYS AS (CASE WHEN state IN ('ready', 'running') THEN unique_key END) STORED,
        CHECK ((state = 'running') = (lease_until IS NOT NULL)),
        CHECK ((state = 'running') = (lease_owner IS NOT NULL)),
        CHECK ((state IN ('ready', 'running')) = (finished_at IS NULL))
    )",
    // What is due, kind by kind: claiming reads its head, the next due time is its head.
    "CREATE INDEX jobs_ready ON jobs (kind, ready_at, id) WHERE ready_at IS NOT NULL",
    // Which job of a lane is first.
    "CREATE INDEX jobs_ready_lane ON jobs (ready_lane, ready_at, id) WHERE ready_lane IS NOT NULL",
    "CREATE UNIQUE INDEX jobs_running_lane ON jobs (running_lane) WHERE running_lane IS NOT NULL",
    "CREATE UNIQUE INDEX jobs_pending_key ON jobs (pending_key) WHERE pending_key IS NOT NULL",
    "CREATE INDEX jobs_leased ON jobs (lease_until) WHERE lease_until IS NOT NULL",
    "CREATE INDEX jobs_finished ON jobs (state, finished_at) WHERE finished_at IS NOT NULL",
];

/// A job's row is written three times in its life: pages are left half empty, so that the later versions stay on the page
/// of the first.
const ON_POSTGRES: [&str; 1] = ["ALTER TABLE jobs SET (fillfactor = 50)"];
