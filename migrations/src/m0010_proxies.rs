//! Proxies: why one does not work, and the three seats that each has.

use crate::step::Step;

pub(crate) const STEP: Step = Step { name: "m0010_proxies", definitions: &TABLES, on_postgres: &[] };

/// An account that goes through a proxy has one of its seats; that is what keeps a fourth out, whoever asks at once.
const TABLES: [&str; 3] = [
    "ALTER TABLE proxies ADD COLUMN last_error TEXT",
    "ALTER TABLE accounts ADD COLUMN proxy_seat BIGINT
        CHECK (proxy_id IS NULL OR coalesce(proxy_seat, 0) BETWEEN 1 AND 3)",
    "CREATE UNIQUE INDEX accounts_on_proxies ON accounts (proxy_id, proxy_seat) WHERE proxy_id IS NOT NULL",
];
