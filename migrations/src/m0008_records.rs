//! What is told and kept: the outbox of events, the audit log, the daily figures, and which node runs which account.

use crate::step::Step;

pub(crate) const STEP: Step = Step { name: "m0008_records", definitions: &TABLES, on_postgres: &NODES };

/// The figures are numbers of a day in the project's time zone, as days since 1970-01-01.
const TABLES: [&str; 7] = [
    "CREATE TABLE events (
        id {rising id},
        project_id BIGINT REFERENCES projects (id) ON DELETE CASCADE,
        type TEXT NOT NULL,
        payload TEXT NOT NULL,
        occurred_at BIGINT NOT NULL
    )",
    "CREATE TABLE audit_log (
        id {rising id},
        actor TEXT NOT NULL CHECK (actor IN ('user', 'system')),
        user_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
        project_id BIGINT REFERENCES projects (id) ON DELETE CASCADE,
        action TEXT NOT NULL,
        subject TEXT NOT NULL,
        detail TEXT NOT NULL,
        at BIGINT NOT NULL
    )",
    "CREATE INDEX audit_log_by_time ON audit_log (at)",
    "CREATE TABLE metrics_daily (
        project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        account_id BIGINT REFERENCES accounts (id) ON DELETE CASCADE,
        channel_id BIGINT REFERENCES channels (id) ON DELETE CASCADE,
        day BIGINT NOT NULL,
        sent BIGINT NOT NULL DEFAULT 0,
        refused BIGINT NOT NULL DEFAULT 0,
        expired BIGINT NOT NULL DEFAULT 0,
        removed BIGINT NOT NULL DEFAULT 0,
        visible BIGINT NOT NULL DEFAULT 0,
        replies BIGINT NOT NULL DEFAULT 0,
        reactions BIGINT NOT NULL DEFAULT 0,
        flood_waits BIGINT NOT NULL DEFAULT 0
    )",
    "CREATE UNIQUE INDEX metrics_daily_key
        ON metrics_daily (project_id, day, coalesce(account_id, 0), coalesce(channel_id, 0))",
    "CREATE INDEX metrics_daily_of_account ON metrics_daily (account_id)",
    "CREATE INDEX metrics_daily_of_channel ON metrics_daily (channel_id)",
];

/// Several nodes share PostgreSQL; a file has one.
const NODES: [&str; 2] = [
    "CREATE TABLE nodes (
        id {id},
        name TEXT NOT NULL UNIQUE,
        heartbeat_at BIGINT NOT NULL
    )",
    "CREATE TABLE account_leases (
        account_id BIGINT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
        node_id BIGINT NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
        fence BIGINT NOT NULL,
        until BIGINT NOT NULL
    )",
];
