//! Who uses the product, and the projects that everything else belongs to.

use crate::step::Step;

pub(crate) const STEP: Step = Step { name: "m0001_people", definitions: &TABLES, on_postgres: &[] };

const TABLES: [&str; 11] = [
    "CREATE TABLE users (
        id {id},
        telegram_id BIGINT UNIQUE,
        username TEXT,
        display_name TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('admin', 'member')),
        locale TEXT NOT NULL CHECK (locale IN ('ru', 'en')),
        timezone TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('active', 'blocked')),
        created_at BIGINT NOT NULL
    )",
    "CREATE UNIQUE INDEX users_username ON users (lower(username)) WHERE username IS NOT NULL",
    "CREATE TABLE projects (
        id {id},
        owner_id BIGINT NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
        name TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('active', 'paused', 'archived')),
        timezone TEXT NOT NULL,
        approval TEXT NOT NULL CHECK (approval IN ('manual', 'by_rule')),
        label TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        UNIQUE (owner_id, name)
    )",
    "CREATE TABLE memberships (
        project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        role TEXT NOT NULL CHECK (role IN ('owner', 'editor', 'reviewer', 'viewer')),
        PRIMARY KEY (project_id, user_id)
    ){clustered}",
    "CREATE UNIQUE INDEX memberships_one_owner ON memberships (project_id) WHERE role = 'owner'",
    "CREATE INDEX memberships_of_user ON memberships (user_id)",
    "CREATE TABLE api_tokens (
        id {id},
        user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        project_id BIGINT REFERENCES projects (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        prefix TEXT NOT NULL,
        hash TEXT NOT NULL UNIQUE,
        scopes TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT,
        last_used_at BIGINT,
        revoked_at BIGINT
    )",
    "CREATE TABLE login_tokens (
        hash TEXT PRIMARY KEY,
        user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
        status TEXT NOT NULL CHECK (status IN ('open', 'confirmed', 'used')),
        expires_at BIGINT NOT NULL
    )",
    "CREATE TABLE web_sessions (
        hash TEXT PRIMARY KEY,
        user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        status TEXT NOT NULL CHECK (status IN ('active', 'ended')),
        expires_at BIGINT NOT NULL
    )",
    "CREATE TABLE settings (
        project_id BIGINT REFERENCES projects (id) ON DELETE CASCADE,
        key TEXT NOT NULL,
        value TEXT NOT NULL
    )",
    "CREATE UNIQUE INDEX settings_key ON settings (coalesce(project_id, 0), key)",
];
