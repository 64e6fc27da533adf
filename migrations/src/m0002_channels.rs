//! The channels a project watches, the consents it has for them, and the playlists they are sorted into.

use crate::step::Step;

pub(crate) const STEP: Step = Step { name: "m0002_channels", definitions: &TABLES, on_postgres: &[] };

const TABLES: [&str; 6] = [
    "CREATE TABLE channels (
        id {id},
        project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        telegram_id BIGINT,
        username TEXT,
        title TEXT NOT NULL,
        about TEXT NOT NULL,
        discussion_id BIGINT,
        status TEXT NOT NULL CHECK (status IN ('active', 'paused', 'lost')),
        newest_id BIGINT NOT NULL,
        audited_up_to BIGINT NOT NULL,
        members BIGINT,
        UNIQUE (project_id, telegram_id)
    )",
    "CREATE TABLE consents (
        id {id},
        project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
        scope TEXT NOT NULL CHECK (scope IN ('comment', 'read', 'index')),
        evidence TEXT NOT NULL CHECK (evidence IN ('telegram_admin', 'description_code', 'written')),
        detail TEXT NOT NULL,
        granted_by BIGINT NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
        granted_at BIGINT NOT NULL,
        expires_at BIGINT,
        revoked_at BIGINT
    )",
    "CREATE UNIQUE INDEX consents_one_active ON consents (channel_id, scope) WHERE revoked_at IS NULL",
    "CREATE TABLE playlists (
        id {id},
        project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        description TEXT NOT NULL,
        UNIQUE (project_id, name)
    )",
    "CREATE TABLE playlist_channels (
        playlist_id BIGINT NOT NULL REFERENCES playlists (id) ON DELETE CASCADE,
        channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
        PRIMARY KEY (playlist_id, channel_id)
    ){clustered}",
    "CREATE INDEX playlist_channels_of_channel ON playlist_channels (channel_id)",
];
