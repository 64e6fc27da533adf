//! What those who run an installation need: a number of projects for each user, projects that two people change at once, the
//! audit log by project, and projects that are being deleted.

use crate::step::Step;

pub(crate) const STEP: Step = Step { name: "m0015_stewards", definitions: &TABLES, on_postgres: &[] };

/// A deletion goes in bounded steps. Each row that goes is looked for in the tables that refer to it: without the last four
/// indexes that would be all of their rows, those of other projects too.
const TABLES: [&str; 8] = [
    "ALTER TABLE users ADD COLUMN project_quota BIGINT CHECK (project_quota >= 0)",
    "ALTER TABLE projects ADD COLUMN version BIGINT NOT NULL DEFAULT 1",
    "ALTER TABLE projects ADD COLUMN deleted_at BIGINT",
    "CREATE INDEX audit_log_of_project ON audit_log (project_id, id)",
    "CREATE INDEX consents_of_channel ON consents (channel_id)",
    "CREATE INDEX comments_of_channel ON comments (channel_id)",
    "CREATE INDEX comments_of_account ON comments (account_id) WHERE account_id IS NOT NULL",
    "CREATE INDEX comments_answering ON comments (answers_id) WHERE answers_id IS NOT NULL",
];
