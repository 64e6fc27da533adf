//! Our comments, their drafts and the decisions on them.

use crate::step::Step;

pub(crate) const STEP: Step = Step { name: "m0006_comments", definitions: &TABLES, on_postgres: &[] };

/// Beside the states of a comment, the constraints say what must never be true: a second opener under a post, a second
/// answer to one message, a `random_id` used twice, and a comment on its way without its text, label and `random_id`. `post_revision` is the post's when the approval was given.
const TABLES: [&str; 10] = [
    "CREATE TABLE comments (
        id {id},
        project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        campaign_id BIGINT REFERENCES campaigns (id) ON DELETE SET NULL,
        channel_id BIGINT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
        post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
        account_id BIGINT REFERENCES accounts (id) ON DELETE SET NULL,
        intent TEXT NOT NULL CHECK (intent IN ('opener', 'answer', 'follow_up')),
        answers_id BIGINT REFERENCES thread_messages (id) ON DELETE CASCADE,
        state TEXT NOT NULL CHECK (state IN ('planned', 'skipped', 'drafted', 'rejected', 'approved', 'void', 'scheduled',
            'sending', 'sent', 'unknown', 'refused', 'expired', 'visible', 'removed')),
        reason TEXT CHECK (reason IN ('no_consent', 'comments_closed', 'no_campaign', 'project_paused', 'nothing_to_say',
            'too_old', 'not_chosen', 'no_account', 'limit_reached', 'no_slot', 'post_deleted', 'not_a_question',
            'own_message', 'enough_answers', 'nothing_written', 'consent_revoked', 'cancelled')),
        revision BIGINT NOT NULL DEFAULT 0,
        post_revision BIGINT,
        signed_text TEXT,
        label TEXT,
        random_id BIGINT UNIQUE,
        window_from BIGINT,
        window_to BIGINT,
        due_at BIGINT,
        sent_at BIGINT,
        message_id BIGINT,
        error_code TEXT,
        reactions BIGINT NOT NULL DEFAULT 0,
        replies BIGINT NOT NULL DEFAULT 0,
        created_at BIGINT NOT NULL,
        CHECK ((state = 'skipped') = (reason IS NOT NULL)),
        CHECK ((intent = 'opener') = (answers_id IS NULL)),
        CHECK (state NOT IN ('scheduled', 'sending', 'unknown')
            OR (signed_text IS NOT NULL AND label IS NOT NULL AND random_id IS NOT NULL AND due_at IS NOT NULL)),
        CHECK (state NOT IN ('sent', 'visible', 'removed') OR (message_id IS NOT NULL AND sent_at IS NOT NULL))
    )",
    "CREATE UNIQUE INDEX comments_one_opener ON comments (project_id, post_id) WHERE intent = 'opener'",
    "CREATE UNIQUE INDEX comments_one_answer ON comments (answers_id) WHERE intent = 'answer'",
    "CREATE INDEX comments_of_post ON comments (post_id)",
    "CREATE INDEX comments_of_project ON comments (project_id, id)",
    "CREATE INDEX comments_in_flight ON comments (account_id) WHERE state IN ('sending', 'unknown')",
    "CREATE INDEX comments_waiting ON comments (window_to)
        WHERE state IN ('planned', 'drafted', 'approved', 'void', 'scheduled')",
    "CREATE TABLE drafts (
        comment_id BIGINT NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
        revision BIGINT NOT NULL,
        author TEXT NOT NULL CHECK (author IN ('model', 'template', 'person')),
        text TEXT NOT NULL,
        moderation TEXT NOT NULL,
        sources TEXT NOT NULL DEFAULT '[]',
        written_at BIGINT NOT NULL,
        PRIMARY KEY (comment_id, revision)
    ){clustered}",
    "CREATE TABLE approvals (
        id {id},
        comment_id BIGINT NOT NULL,
        revision BIGINT NOT NULL,
        decision TEXT NOT NULL CHECK (decision IN ('approved', 'rejected', 'void')),
        decided_by BIGINT REFERENCES users (id) ON DELETE SET NULL,
        note TEXT,
        decided_at BIGINT NOT NULL,
        FOREIGN KEY (comment_id, revision) REFERENCES drafts (comment_id, revision) ON DELETE CASCADE
    )",
    "CREATE INDEX approvals_of_draft ON approvals (comment_id, revision)",
];
