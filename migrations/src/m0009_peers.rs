//! Chats that an account met, anew: one whose constructor was `min` has no access hash, but the message it was seen in.

use crate::step::Step;

pub(crate) const STEP: Step = Step { name: "m0009_peers", definitions: &TABLES, on_postgres: &[] };

/// What the table held can be asked of Telegram again.
const TABLES: [&str; 2] = [
    "DROP TABLE peers",
    "CREATE TABLE peers (
        account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('user', 'group', 'channel')),
        peer_id BIGINT NOT NULL,
        access_hash BIGINT,
        seen_in_chat BIGINT,
        seen_in_message BIGINT,
        username TEXT,
        PRIMARY KEY (account_id, kind, peer_id),
        CHECK ((access_hash IS NULL) = (seen_in_chat IS NOT NULL)),
        CHECK ((seen_in_chat IS NULL) = (seen_in_message IS NULL))
    ){clustered}",
];
