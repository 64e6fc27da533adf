//! What was read: posts (an album is one), their earlier texts, the holes between them, and what was written below them.

use crate::step::Step;

pub(crate) const STEP: Step = Step { name: "m0005_posts", definitions: &TABLES, on_postgres: &[] };

/// A thread's messages are numbered by the discussion group, so their ids are unique per channel; `answers_id` is such a
/// number too, because a message may answer one that was never seen.
const TABLES: [&str; 8] = [
    "CREATE TABLE posts (
        id {id},
        project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
        message_id BIGINT NOT NULL,
        grouped_id BIGINT,
        text TEXT NOT NULL,
        entities TEXT NOT NULL DEFAULT '[]',
        media TEXT NOT NULL,
        published_at BIGINT NOT NULL,
        detected_at BIGINT NOT NULL,
        edited_at BIGINT,
        deleted_at BIGINT,
        revision BIGINT NOT NULL DEFAULT 0,
        views BIGINT NOT NULL,
        forwards BIGINT NOT NULL,
        reactions BIGINT NOT NULL,
        comments_open BOOLEAN NOT NULL,
        UNIQUE (channel_id, message_id)
    )",
    "CREATE UNIQUE INDEX posts_album ON posts (channel_id, grouped_id) WHERE grouped_id IS NOT NULL",
    "CREATE INDEX posts_of_project ON posts (project_id, id)",
    "CREATE TABLE post_revisions (
        post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
        revision BIGINT NOT NULL,
        text TEXT NOT NULL,
        seen_at BIGINT NOT NULL,
        PRIMARY KEY (post_id, revision)
    ){clustered}",
    "CREATE TABLE post_gaps (
        channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
        from_id BIGINT NOT NULL,
        to_id BIGINT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('open', 'filled', 'confirmed')),
        opened_at BIGINT NOT NULL,
        PRIMARY KEY (channel_id, from_id),
        CHECK (from_id <= to_id)
    )",
    "CREATE TABLE thread_messages (
        id {id},
        post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
        channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
        message_id BIGINT NOT NULL,
        author TEXT NOT NULL CHECK (author IN ('ours', 'channel', 'reader')),
        author_ref BIGINT NOT NULL,
        text TEXT NOT NULL,
        answers_id BIGINT,
        sent_at BIGINT NOT NULL,
        deleted_at BIGINT,
        UNIQUE (channel_id, message_id)
    )",
    "CREATE INDEX thread_messages_of_post ON thread_messages (post_id)",
    // Readers' texts are removed by age.
    "CREATE INDEX thread_messages_with_text ON thread_messages (sent_at) WHERE author = 'reader' AND text <> ''",
];
