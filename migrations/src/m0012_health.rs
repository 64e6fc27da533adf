//! How accounts and consents fare: since when, when they were last looked at, which proof is awaited, which node may hold an
//! account's connection, and what a command asks of the process that does.

use crate::step::Step;

pub(crate) const STEP: Step = Step { name: "m0012_health", definitions: &TABLES, on_postgres: &NODES };

/// A consent ends at `expires_at`, which moves on whenever its proof is seen again, but never beyond `agreed_until`. The
/// account is the one whose rights are the proof.
const TABLES: [&str; 8] = [
    "ALTER TABLE accounts ADD COLUMN status_since BIGINT",
    "ALTER TABLE consents ADD COLUMN checked_at BIGINT",
    "ALTER TABLE consents ADD COLUMN agreed_until BIGINT",
    "ALTER TABLE consents ADD COLUMN account_id BIGINT REFERENCES accounts (id) ON DELETE SET NULL",
    "CREATE INDEX consents_of_account ON consents (account_id) WHERE account_id IS NOT NULL",
    "CREATE INDEX consents_ending ON consents (expires_at) WHERE revoked_at IS NULL AND expires_at IS NOT NULL",
    "CREATE TABLE consent_codes (
        channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
        scope TEXT NOT NULL CHECK (scope IN ('comment', 'read', 'index')),
        hash TEXT NOT NULL,
        asked_by BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        expires_at BIGINT NOT NULL,
        PRIMARY KEY (channel_id, scope)
    ){clustered}",
    "CREATE TABLE errands (
        id {rising id},
        project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        asked_by BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        question TEXT NOT NULL,
        asked_at BIGINT NOT NULL,
        taken_at BIGINT,
        answer TEXT
    )",
];

/// An account's lease counts as long as its node's: a node says once for all of them that it is alive.
const NODES: [&str; 3] = [
    "ALTER TABLE nodes ADD COLUMN until BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE account_leases DROP COLUMN until",
    "CREATE INDEX account_leases_of_node ON account_leases (node_id)",
];
