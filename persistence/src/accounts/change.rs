//! What people change about accounts: their notes and limits, whether they work, and where they are kept out.

use std::time::Duration;

use domain::account::{Event, Status};
use domain::disclosure::Label;
use domain::id::{AccountId, ChannelId, ProjectId};
use domain::time::Timestamp;
use serde::Serialize;

use super::apply_by;
use crate::error::StoreError;
use crate::outbox::{Actor, Deed};
use crate::row::Row;
use crate::rows::{Sql, storable};
use crate::store::{Run as _, Store, Tx};

static HELD: Sql = Sql::new(
    "SELECT tags, notes, label, label_verified_at, daily_limit, min_gap_s FROM accounts
     WHERE id = $1 AND project_id = $2 {FOR UPDATE}",
);

/// Whether its profile tells another label is not known yet.
static WRITE: Sql = Sql::new(
    "UPDATE accounts SET tags = $2, notes = $3, daily_limit = $5, min_gap_s = $6, label = $4,
         label_verified_at = CASE WHEN label = $4 THEN label_verified_at END
     WHERE id = $1",
);

static BLOCKS: Sql = Sql::new(
    "SELECT b.channel_id, ch.title, b.reason, b.until, b.blocked_at
     FROM account_blocks b JOIN accounts a ON a.id = b.account_id JOIN channels ch ON ch.id = b.channel_id
     WHERE b.account_id = $1 AND a.project_id = $2 AND b.channel_id > $3 ORDER BY b.channel_id LIMIT $4",
);

static BLOCK: Sql = Sql::new(
    "INSERT INTO account_blocks (account_id, channel_id, reason, until, blocked_at)
     SELECT $1, ch.id, $4, $5, $6 FROM channels ch WHERE ch.id = $2 AND ch.project_id = $3
     ON CONFLICT (account_id, channel_id) DO UPDATE SET reason = excluded.reason, until = excluded.until,
         blocked_at = excluded.blocked_at",
);

static LIFT: Sql = Sql::new("DELETE FROM account_blocks WHERE account_id = $1 AND channel_id = $2");

/// What is to be different about an account. What is `None` stays.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AccountChange {
    /// What people sort it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// What people wrote about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// The label under what it writes. A person's account does not write before its profile was seen to tell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// How many messages it may send a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily_limit: Option<u32>,
    /// The least time between two of its messages, to the second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_gap: Option<Duration>,
}

/// A channel that an account is to be kept out of.
#[derive(Clone, Debug, Serialize)]
pub struct NewBlock {
    /// The channel.
    pub channel: ChannelId,
    /// Why, in a person's words.
    pub reason: String,
    /// Until when; `None` until a person lifts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

#[derive(Serialize)]
struct Lifted {
    channel: ChannelId,
}

/// A channel that an account does not write in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The channel, which is also its place in the list.
    pub channel: ChannelId,
    /// Its title.
    pub channel_title: String,
    /// Telegram's name of the error, or a person's words.
    pub reason: String,
    /// Until when; `None` until a person lifts it.
    pub until: Option<Timestamp>,
    /// Since when.
    pub blocked_at: Timestamp,
}

impl Store {
    /// Changes what people decide about an account.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such account.
    pub async fn update_account(
        &self,
        project: ProjectId,
        account: AccountId,
        change: &AccountChange,
        by: Actor,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tx = self.begin("change an account").await?;
        let row = held(&tx, project, account).await?;
        let tags = match &change.tags {
            Some(tags) => serde_json::Value::from(tags.as_slice()).to_string(),
            None => row.get("tags")?,
        };
        let label: Label = row.named("label")?;
        let values = [
            account.get().into(),
            storable(&tags).into_owned().into(),
            match &change.notes {
                Some(notes) => storable(notes).into_owned().into(),
                None => row.get::<String>("notes")?.into(),
            },
            change.label.as_ref().unwrap_or(&label).as_str().into(),
            change.daily_limit.map_or_else(|| row.get("daily_limit"), |daily| Ok(i64::from(daily)))?.into(),
            change.min_gap.map_or_else(|| row.get("min_gap_s"), |gap| Ok(whole_seconds(gap)))?.into(),
        ];
        tx.run(&WRITE, values).await?;
        deed(project, by, now).note(&tx, "account.updated", format!("account:{account}"), change).await?;
        tx.commit().await
    }

    /// Stops an account, or lets it work again; why, in a person's words.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such account, [`StoreError::Account`] when its condition admits
    /// neither.
    pub async fn switch_account(
        &self,
        project: ProjectId,
        account: AccountId,
        on: bool,
        why: &str,
        by: Actor,
        now: Timestamp,
    ) -> Result<Status, StoreError> {
        let mut tx = self.begin(if on { "let an account work" } else { "pause an account" }).await?;
        held(&tx, project, account).await?;
        let event = if on { Event::Resume(now) } else { Event::Pause };
        let status = apply_by(&mut tx, account, event, why, by, now).await?;
        tx.commit().await?;
        Ok(status)
    }

    /// Where an account of a project is kept out, in the order of the channels after `after`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list_blocks(
        &self,
        project: ProjectId,
        account: AccountId,
        after: Option<ChannelId>,
        limit: u32,
    ) -> Result<Vec<Block>, StoreError> {
        let values = [
            account.get().into(),
            project.get().into(),
            after.map_or(0, ChannelId::get).into(),
            i64::from(limit).into(),
        ];
        self.read("list an account's blocks").rows(&BLOCKS, values).await?.iter().map(read_block).collect()
    }

    /// Keeps an account out of a channel of its project, because a person wants it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such account or channel.
    pub async fn add_block(
        &self,
        project: ProjectId,
        account: AccountId,
        block: &NewBlock,
        by: Actor,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tx = self.begin("keep an account out of a channel").await?;
        held(&tx, project, account).await?;
        let values = [
            account.get().into(),
            block.channel.get().into(),
            project.get().into(),
            storable(&block.reason).into_owned().into(),
            block.until.map(Timestamp::micros).into(),
            now.micros().into(),
        ];
        if tx.run(&BLOCK, values).await? == 0 {
            return Err(StoreError::NotFound { operation: tx.operation(), what: "channel" });
        }
        deed(project, by, now).note(&tx, "account.blocked", format!("account:{account}"), block).await?;
        tx.commit().await
    }

    /// Lets an account write in a channel again that it was kept out of, whoever kept it out.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such account, or it is not kept out there.
    pub async fn lift_block(
        &self,
        project: ProjectId,
        account: AccountId,
        channel: ChannelId,
        by: Actor,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tx = self.begin("lift an account's block").await?;
        held(&tx, project, account).await?;
        if tx.run(&LIFT, [account.get().into(), channel.get().into()]).await? == 0 {
            return Err(StoreError::NotFound { operation: tx.operation(), what: "block" });
        }
        let lifted = Lifted { channel };
        deed(project, by, now).note(&tx, "account.unblocked", format!("account:{account}"), &lifted).await?;
        tx.commit().await
    }
}

/// An account of a project, held until the transaction ends.
async fn held(tx: &Tx, project: ProjectId, account: AccountId) -> Result<Row, StoreError> {
    let missing = StoreError::NotFound { operation: tx.operation(), what: "account" };
    tx.row(&HELD, [account.get().into(), project.get().into()]).await?.ok_or(missing)
}

fn whole_seconds(gap: Duration) -> i64 {
    i64::try_from(gap.as_secs()).unwrap_or(i64::MAX)
}

/// That `by` did something to an account of a project.
const fn deed(project: ProjectId, by: Actor, at: Timestamp) -> Deed {
    Deed { by, project: Some(project), at }
}

fn read_block(row: &Row) -> Result<Block, StoreError> {
    Ok(Block {
        channel: row.get("channel_id")?,
        channel_title: row.get("title")?,
        reason: row.get("reason")?,
        until: row.maybe("until")?,
        blocked_at: row.get("blocked_at")?,
    })
}
