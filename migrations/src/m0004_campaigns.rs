//! What a project writes, where, through whom and in which voice.

use crate::step::Step;

pub(crate) const STEP: Step = Step { name: "m0004_campaigns", definitions: &TABLES, on_postgres: &[] };

/// `recent` holds the outcomes of the latest attempts, newest last, one character each (`.` sent, `x` refused): what the
/// automatic pause is decided on.
const TABLES: [&str; 10] = [
    "CREATE TABLE voices (
        id {id},
        project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        language TEXT NOT NULL,
        tone TEXT NOT NULL,
        vocabulary TEXT NOT NULL DEFAULT '[]',
        rules TEXT NOT NULL DEFAULT '[]',
        label TEXT,
        UNIQUE (project_id, name)
    )",
    "CREATE TABLE templates (
        id {id},
        voice_id BIGINT NOT NULL REFERENCES voices (id) ON DELETE CASCADE,
        intent TEXT NOT NULL CHECK (intent IN ('opener', 'answer', 'follow_up')),
        body TEXT NOT NULL
    )",
    "CREATE INDEX templates_of_voice ON templates (voice_id)",
    "CREATE TABLE campaigns (
        id {id},
        project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('on', 'paused', 'off')),
        mode TEXT NOT NULL CHECK (mode IN ('new_posts', 'answers')),
        preset TEXT NOT NULL CHECK (preset IN ('safe', 'balanced', 'boost', 'custom')),
        policy TEXT NOT NULL,
        voice_id BIGINT REFERENCES voices (id) ON DELETE SET NULL,
        recent TEXT NOT NULL DEFAULT '',
        UNIQUE (project_id, name)
    )",
    "CREATE TABLE campaign_channels (
        campaign_id BIGINT NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
        channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
        PRIMARY KEY (campaign_id, channel_id)
    ){clustered}",
    "CREATE INDEX campaign_channels_of_channel ON campaign_channels (channel_id)",
    "CREATE TABLE campaign_playlists (
        campaign_id BIGINT NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
        playlist_id BIGINT NOT NULL REFERENCES playlists (id) ON DELETE CASCADE,
        PRIMARY KEY (campaign_id, playlist_id)
    ){clustered}",
    "CREATE INDEX campaign_playlists_of_playlist ON campaign_playlists (playlist_id)",
    "CREATE TABLE campaign_accounts (
        campaign_id BIGINT NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
        account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        PRIMARY KEY (campaign_id, account_id)
    ){clustered}",
    "CREATE INDEX campaign_accounts_of_account ON campaign_accounts (account_id)",
];
