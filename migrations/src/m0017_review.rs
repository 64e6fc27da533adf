//! What reviewers and administrators look for: comments that have not left yet, and the jobs of a project.

use crate::step::Step;

pub(crate) const STEP: Step = Step { name: "m0017_review", definitions: &TABLES, on_postgres: &[] };

/// A job belongs to the project of what it is about, and goes with it; one that only measures the queue belongs to none.
const TABLES: [&str; 3] = [
    "CREATE INDEX comments_open ON comments (project_id, id)
        WHERE state IN ('planned', 'drafted', 'approved', 'void', 'scheduled')",
    "ALTER TABLE jobs ADD COLUMN project_id BIGINT REFERENCES projects (id) ON DELETE CASCADE",
    "CREATE INDEX jobs_of_project ON jobs (project_id, id) WHERE project_id IS NOT NULL",
];
