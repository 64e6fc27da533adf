//! One more reason for not writing: no account's profile tells the label.
//!
//! SQLite cannot change a CHECK. Its manual ("ALTER TABLE", section 7) allows to edit the stored definition instead where
//! only constraints change and every row keeps what the new one asks; building the table anew would move all comments.

use crate::step::Step;

pub(crate) const STEP: Step =
    Step { name: "m0011_unlabelled", definitions: &ON_SQLITE, on_postgres: &ON_POSTGRES };

const ON_SQLITE: [&str; 3] = [
    "{on sqlite}PRAGMA writable_schema = ON",
    "{on sqlite}UPDATE sqlite_schema SET sql = replace(sql, '''cancelled''))', '''cancelled'', ''unlabelled''))')
     WHERE type = 'table' AND name = 'comments'",
    "{on sqlite}PRAGMA writable_schema = RESET",
];

const ON_POSTGRES: [&str; 2] = [
    "ALTER TABLE comments DROP CONSTRAINT comments_reason_check",
    "ALTER TABLE comments ADD CONSTRAINT comments_reason_check CHECK
        (reason IN ('no_consent', 'comments_closed', 'no_campaign', 'project_paused', 'nothing_to_say',
            'too_old', 'not_chosen', 'no_account', 'limit_reached', 'no_slot', 'post_deleted', 'not_a_question',
            'own_message', 'enough_answers', 'nothing_written', 'consent_revoked', 'cancelled', 'unlabelled'))",
];
