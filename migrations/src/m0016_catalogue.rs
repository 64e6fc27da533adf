//! What several people may edit at once counts its versions, so that nobody overwrites what they have not seen.

use crate::step::Step;

pub(crate) const STEP: Step = Step { name: "m0016_catalogue", definitions: &VERSIONS, on_postgres: &[] };

const VERSIONS: [&str; 3] = [
    "ALTER TABLE campaigns ADD COLUMN version BIGINT NOT NULL DEFAULT 1",
    "ALTER TABLE voices ADD COLUMN version BIGINT NOT NULL DEFAULT 1",
    "ALTER TABLE templates ADD COLUMN version BIGINT NOT NULL DEFAULT 1",
];
