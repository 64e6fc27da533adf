//! What time does by itself: windows close, and what was kept long enough is removed.

use domain::comment::Event;
use domain::time::Timestamp;

use crate::comments::{Stored, columns, write};
use crate::error::StoreError;
use crate::metrics::{Place, Tally};
use crate::rows::Sql;
use crate::store::{Run as _, Store};

static CLOSED: Sql = Sql::new(concat!(
    "SELECT ",
    columns!(),
    ", p.timezone FROM comments c JOIN projects p ON p.id = c.project_id
     WHERE c.state IN ('planned', 'drafted', 'approved', 'void', 'scheduled') AND c.window_to < $1
     ORDER BY c.window_to LIMIT $2 {FOR UPDATE OF c SKIP LOCKED}"
));

/// The newest one stays, so that the oldest there is always tells what is missing before it.
static PRUNE_EVENTS: Sql = Sql::new(
    "DELETE FROM events WHERE id <= (SELECT max(e.id) FROM (SELECT id, occurred_at FROM events ORDER BY id LIMIT $2) e
         WHERE e.occurred_at < $1) AND id < (SELECT max(n.id) FROM events n)",
);

/// What is still on its way stays.
static PRUNE_DELIVERIES: Sql = Sql::new(
    "DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries
         WHERE occurred_at < $1 AND state <> 'pending' ORDER BY occurred_at LIMIT $2)",
);

static PRUNE_AUDIT: Sql = Sql::new(
    "DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log WHERE at < $1 ORDER BY at LIMIT $2)",
);

static FORGET_READERS: Sql = Sql::new(
    "UPDATE thread_messages SET text = '' WHERE id IN (SELECT id FROM thread_messages
         WHERE author = 'reader' AND text <> '' AND sent_at < $1 ORDER BY sent_at LIMIT $2)",
);

/// Up to when things are removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Events before it are removed, but for the newest of all, and with them what webhooks were told of them.
    pub events: Timestamp,
    /// Entries of the audit log before it are removed.
    pub audit: Timestamp,
    /// Readers' texts written before it are emptied; that somebody wrote remains.
    pub readers_text: Timestamp,
}

impl Store {
    /// Expires comments whose window closed before they could be sent, at most `limit`, and returns how many. Their jobs end
    /// by themselves when they find nothing to do.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn expire_comments(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let operation = "expire comments";
        let mut tx = self.begin(operation).await?;
        let closed = tx.rows(&CLOSED, [now.micros().into(), i64::from(limit).into()]).await?;
        let (mut expired, mut tally) = (Vec::with_capacity(closed.len()), Tally::default());
        for row in &closed {
            let mut stored = Stored::read(row)?;
            stored.step(Event::Expire).map_err(|source| StoreError::Comment { operation, source })?;
            let (project, account) = (stored.project, stored.account);
            let day = row.zone("timezone")?.day(now);
            tally.at(Place { project, account, channel: Some(stored.channel), day }).expired += 1;
            expired.push(stored);
        }
        write(&mut tx, &expired, now).await?;
        tally.write(&tx)?;
        tx.commit().await?;
        Ok(expired.len() as u64)
    }

    /// Removes what was kept long enough, at most `limit` rows of each kind, and returns how many rows it touched.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn prune(&self, retention: &Retention, limit: u32) -> Result<u64, StoreError> {
        let run = self.at_once("remove what was kept long enough");
        let limit = i64::from(limit);
        let kinds = [
            (&PRUNE_EVENTS, retention.events),
            (&PRUNE_DELIVERIES, retention.events),
            (&PRUNE_AUDIT, retention.audit),
            (&FORGET_READERS, retention.readers_text),
        ];
        let mut touched = 0;
        for (sql, before) in kinds {
            touched += run.run(sql, [before.micros().into(), limit.into()]).await?;
        }
        Ok(touched)
    }
}
