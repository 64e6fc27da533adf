//! The Telegram accounts that speak for a project: where they may, where they are blocked, through which proxy.

use crate::step::Step;

pub(crate) const STEP: Step = Step { name: "m0003_accounts", definitions: &TABLES, on_postgres: &[] };

/// `sent_day` and `sent_today` count what the account sent on the latest local day it sent anything, so that the check
/// before a send reads one row.
const TABLES: [&str; 8] = [
    "CREATE TABLE proxies (
        id {id},
        project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        scheme TEXT NOT NULL CHECK (scheme IN ('socks5', 'http')),
        host TEXT NOT NULL,
        port BIGINT NOT NULL CHECK (port BETWEEN 1 AND 65535),
        username TEXT,
        password_sealed {bytes},
        status TEXT NOT NULL CHECK (status IN ('unknown', 'up', 'down')),
        last_check_at BIGINT,
        latency_ms BIGINT,
        failures BIGINT NOT NULL DEFAULT 0,
        UNIQUE (project_id, name)
    )",
    "CREATE TABLE accounts (
        id {id},
        project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('person', 'bot')),
        phone_sealed {bytes},
        telegram_id BIGINT UNIQUE,
        username TEXT,
        display_name TEXT NOT NULL,
        session_sealed {bytes},
        status TEXT NOT NULL CHECK
            (status IN ('needs_login', 'active', 'waiting', 'limited', 'frozen', 'dead', 'paused')),
        status_reason TEXT,
        wait_until BIGINT,
        proxy_id BIGINT REFERENCES proxies (id) ON DELETE SET NULL,
        label TEXT NOT NULL,
        label_verified_at BIGINT,
        daily_limit BIGINT NOT NULL DEFAULT 30 CHECK (daily_limit >= 0),
        min_gap_s BIGINT NOT NULL DEFAULT 60 CHECK (min_gap_s >= 0),
        tags TEXT NOT NULL DEFAULT '[]',
        notes TEXT NOT NULL DEFAULT '',
        last_health_at BIGINT,
        last_sent_at BIGINT,
        sent_day BIGINT NOT NULL DEFAULT 0,
        sent_today BIGINT NOT NULL DEFAULT 0,
        CHECK ((status = 'waiting') = (wait_until IS NOT NULL))
    )",
    "CREATE INDEX accounts_of_project ON accounts (project_id)",
    "CREATE TABLE account_channels (
        account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
        PRIMARY KEY (account_id, channel_id)
    ){clustered}",
    "CREATE INDEX account_channels_of_channel ON account_channels (channel_id)",
    "CREATE TABLE account_blocks (
        account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
        reason TEXT NOT NULL,
        until BIGINT,
        blocked_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, channel_id)
    ){clustered}",
    "CREATE INDEX account_blocks_of_channel ON account_blocks (channel_id)",
    "CREATE TABLE peers (
        account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('user', 'group', 'channel')),
        peer_id BIGINT NOT NULL,
        access_hash BIGINT NOT NULL,
        username TEXT,
        context TEXT,
        PRIMARY KEY (account_id, kind, peer_id)
    ){clustered}",
];
