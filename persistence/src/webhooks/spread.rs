//! Making deliveries of events: for every endpoint what it has not read yet and is to be told.
//!
//! Endpoints that are enabled read on together. It is done again and again by whoever gets to it first: an endpoint reads an
//! event once, because how far it is moves with what was made for it, and a unique index holds when two nodes are at it.

use domain::id::EventId;
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::rows::Sql;
use crate::store::{Run as _, Store};

/// How far the next `$1` events reach that some endpoint has not read. Quick where there is no endpoint or nothing new.
static REACH: Sql = Sql::new(
    "SELECT max(e.id) AS up_to FROM (SELECT id FROM events
         WHERE id > (SELECT min(read_up_to) FROM webhooks WHERE status = 'enabled') ORDER BY id LIMIT $1) e",
);

/// The types of an endpoint are a JSON array of names; no name holds a letter that means something to LIKE.
static SPREAD: Sql = Sql::new(
    "INSERT INTO webhook_deliveries (webhook_id, project_id, event_id, type, payload, occurred_at, state, next_at)
     SELECT w.id, w.project_id, e.id, e.type, e.payload, e.occurred_at, 'pending', $2
     FROM webhooks w JOIN events e ON e.project_id = w.project_id AND e.id > w.read_up_to AND e.id <= $1
     WHERE w.status = 'enabled' AND (w.types = '[]' OR w.types LIKE '%\"' || e.type || '\"%')
     ORDER BY e.id
     ON CONFLICT (webhook_id, event_id) DO NOTHING",
);

static READ: Sql =
    Sql::new("UPDATE webhooks SET read_up_to = $1 WHERE status = 'enabled' AND read_up_to < $1");

impl Store {
    /// Makes deliveries of the next events that endpoints have not read, at most `limit` events; returns how far that
    /// reached, `None` if there was nothing to read.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn spread_events(&self, limit: u32, now: Timestamp) -> Result<Option<EventId>, StoreError> {
        let operation = "tell webhooks what happened";
        let row = self.read(operation).row(&REACH, [i64::from(limit).into()]).await?;
        let Some(up_to) = row.map_or(Ok(None), |row| row.maybe::<EventId>("up_to"))? else { return Ok(None) };
        let tx = self.begin(operation).await?;
        tx.run(&SPREAD, [up_to.get().into(), now.micros().into()]).await?;
        tx.run(&READ, [up_to.get().into()]).await?;
        tx.commit().await?;
        Ok(Some(up_to))
    }
}
