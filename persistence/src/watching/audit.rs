//! The id audit: message ids of a channel are dense, so what is neither a post nor known to be empty is a gap.

use domain::event::EventType;
use domain::id::{ChannelId, MessageId};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::outbox::{NewEvent, Subject};
use crate::row::Row;
use crate::rows::{Sql, rows, storable};
use crate::store::{Run as _, Store};

static CURSOR: Sql = Sql::new("SELECT newest_id, audited_up_to FROM channels WHERE id = $1");

static GAPS: Sql = Sql::new(
    "SELECT from_id, to_id FROM post_gaps WHERE channel_id = $1 AND status = 'open' ORDER BY from_id",
);

static CLOSE: Sql = Sql::new(
    "UPDATE post_gaps SET status = r.status FROM rows($1: from_id bigint, to_id bigint, status text) r
     WHERE channel_id = $2 AND post_gaps.from_id = r.from_id AND post_gaps.to_id = r.to_id AND post_gaps.status = 'open'",
);

static AUDITED: Sql = Sql::new("UPDATE channels SET audited_up_to = $2 WHERE id = $1 AND audited_up_to < $2");

static STATUS: Sql = Sql::new("SELECT project_id, status FROM channels WHERE id = $1 {FOR UPDATE}");

static LOSE: Sql = Sql::new("UPDATE channels SET status = 'lost' WHERE id = $1");

#[derive(Serialize)]
struct ClosedRow {
    from_id: MessageId,
    to_id: MessageId,
    status: GapEnd,
}

/// Ids that were jumped over, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Gap {
    /// The first.
    pub from: MessageId,
    /// The last.
    pub to: MessageId,
}

/// How a gap ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapEnd {
    /// Posts stood there and were recorded.
    Filled,
    /// Telegram says that nothing stands there.
    Confirmed,
}

/// Up to where a channel is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelCursor {
    /// The newest message known.
    pub newest: MessageId,
    /// Up to where nothing is missing.
    pub audited_up_to: MessageId,
    /// The gaps that are open, oldest first.
    pub gaps: Vec<Gap>,
}

impl Store {
    /// Up to where a channel is known.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such channel.
    pub async fn channel_cursor(&self, channel: ChannelId) -> Result<ChannelCursor, StoreError> {
        let read = self.read("read how far a channel is known");
        let missing = StoreError::NotFound { operation: read.operation(), what: "channel" };
        let row = read.row(&CURSOR, [channel.get().into()]).await?.ok_or(missing)?;
        let gaps = read.rows(&GAPS, [channel.get().into()]).await?;
        let gap = |row: &Row| Ok(Gap { from: row.get("from_id")?, to: row.get("to_id")? });
        Ok(ChannelCursor {
            newest: row.get("newest_id")?,
            audited_up_to: row.get("audited_up_to")?,
            gaps: gaps.iter().map(gap).collect::<Result<_, _>>()?,
        })
    }

    /// Closes gaps of a channel, as they were given by its cursor.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn close_gaps(&self, channel: ChannelId, gaps: &[(Gap, GapEnd)]) -> Result<(), StoreError> {
        let run = self.at_once("close gaps");
        let closed =
            |(gap, end): &(Gap, GapEnd)| ClosedRow { from_id: gap.from, to_id: gap.to, status: *end };
        let closed: Vec<_> = gaps.iter().map(closed).collect();
        if !closed.is_empty() {
            run.run(&CLOSE, [rows(run.operation(), &closed)?, channel.get().into()]).await?;
        }
        Ok(())
    }

    /// Moves the mark up to which nothing is missing; never back.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn set_audited(&self, channel: ChannelId, up_to: MessageId) -> Result<(), StoreError> {
        let run = self.at_once("note an audit");
        run.run(&AUDITED, [channel.get().into(), up_to.get().into()]).await?;
        Ok(())
    }

    /// Marks a channel that can no longer be read as lost, with an event; twice is no error.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such channel.
    pub async fn lose_channel(
        &self,
        channel: ChannelId,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin("give a channel up").await?;
        let missing = StoreError::NotFound { operation: tx.operation(), what: "channel" };
        let row = tx.row(&STATUS, [channel.get().into()]).await?.ok_or(missing)?;
        if row.get::<String>("status")? != "lost" {
            tx.run(&LOSE, [channel.get().into()]).await?;
            let detail = Some(storable(reason).into_owned());
            let subject = Subject { channel: Some(channel), detail, ..Subject::default() };
            let project = Some(row.get("project_id")?);
            tx.tell(NewEvent { project, kind: EventType::ChannelLost, subject, at: now });
        }
        tx.commit().await
    }
}
