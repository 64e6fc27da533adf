//! Where a comment's message goes, noted before it is written; a pause that keeps the wait it came upon; and since when the
//! reading of a channel is over.
//!
//! SQLite cannot change a CHECK; see `m0011_unlabelled` for why the stored definition is edited instead.

use crate::step::Step;

pub(crate) const STEP: Step = Step { name: "m0013_aims", definitions: &TABLES, on_postgres: &ON_POSTGRES };

/// A comment that is being sent and has no thread was never written: the thread is noted before the call.
const TABLES: [&str; 6] = [
    "ALTER TABLE channels ADD COLUMN reading_ended_at BIGINT",
    "ALTER TABLE comments ADD COLUMN thread_group BIGINT",
    "ALTER TABLE comments ADD COLUMN thread_root BIGINT CHECK ((thread_root IS NULL) = (thread_group IS NULL))",
    "{on sqlite}PRAGMA writable_schema = ON",
    "{on sqlite}UPDATE sqlite_schema SET sql = replace(sql, 'CHECK ((status = ''waiting'') = (wait_until IS NOT NULL))',
         'CHECK ((wait_until IS NULL OR status = ''waiting'' OR status = ''paused'')
             AND (wait_until IS NOT NULL OR status <> ''waiting''))')
     WHERE type = 'table' AND name = 'accounts'",
    "{on sqlite}PRAGMA writable_schema = RESET",
];

const ON_POSTGRES: [&str; 2] = [
    "ALTER TABLE accounts DROP CONSTRAINT accounts_check",
    "ALTER TABLE accounts ADD CONSTRAINT accounts_wait_check CHECK
        ((wait_until IS NULL OR status = 'waiting' OR status = 'paused')
            AND (wait_until IS NOT NULL OR status <> 'waiting'))",
];
