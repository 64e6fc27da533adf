//! Who outside is told what happens: endpoints with their sealed secrets, and what is on its way to each of them.

use crate::step::Step;

pub(crate) const STEP: Step = Step { name: "m0018_webhooks", definitions: &TABLES, on_postgres: &[] };

/// A delivery carries what it tells, because it may outlive the event. Whoever takes it up raises `attempt` and moves
/// `next_at` to when others may take it over; so the number is also the fence. `round_from` is the attempt after which the
/// schedule of waits began (again).
const TABLES: [&str; 6] = [
    "CREATE TABLE webhooks (
        id {rising id},
        project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        url TEXT NOT NULL,
        description TEXT NOT NULL,
        types TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('enabled', 'disabled', 'gone')),
        secret_sealed {bytes},
        old_secret_sealed {bytes},
        old_secret_until BIGINT,
        read_up_to BIGINT NOT NULL,
        created_at BIGINT NOT NULL
    )",
    "CREATE INDEX webhooks_of_project ON webhooks (project_id, id)",
    "CREATE TABLE webhook_deliveries (
        id {rising id},
        project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        webhook_id BIGINT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
        event_id BIGINT NOT NULL,
        type TEXT NOT NULL,
        payload TEXT NOT NULL,
        occurred_at BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
        attempt BIGINT NOT NULL DEFAULT 0,
        round_from BIGINT NOT NULL DEFAULT 0,
        next_at BIGINT,
        log TEXT NOT NULL DEFAULT '[]',
        CHECK ((state = 'pending') = (next_at IS NOT NULL))
    )",
    "CREATE UNIQUE INDEX webhook_deliveries_once ON webhook_deliveries (webhook_id, event_id)",
    "CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_at, id) WHERE state = 'pending'",
    "CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (occurred_at)",
];
