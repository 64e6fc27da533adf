//! How people and programs come in: a user's tokens are found by the user, a login waits for its confirmation in the bot, a
//! session is known by a number, and what was answered under an idempotency key is kept for a day.

use crate::step::Step;

pub(crate) const STEP: Step = Step { name: "m0014_access", definitions: &TABLES, on_postgres: &[] };

/// An answer without a status is still being made.
const TABLES: [&str; 9] = [
    "CREATE INDEX api_tokens_of_user ON api_tokens (user_id)",
    "CREATE INDEX api_tokens_of_project ON api_tokens (project_id) WHERE project_id IS NOT NULL",
    "CREATE INDEX login_tokens_ending ON login_tokens (expires_at)",
    "CREATE INDEX web_sessions_of_user ON web_sessions (user_id)",
    "CREATE INDEX web_sessions_ending ON web_sessions (expires_at)",
    "ALTER TABLE login_tokens ADD COLUMN browser_hash TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE web_sessions ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0",
    "CREATE TABLE idempotency_keys (
        user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        key_hash TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        status BIGINT,
        headers TEXT,
        body {bytes},
        PRIMARY KEY (user_id, key_hash)
    ){clustered}",
    "CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)",
];
