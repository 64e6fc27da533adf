//! Who may write where: assigned one by one or many at once, as far as an account's limit of channels goes.

use std::collections::HashSet;

use domain::account::StatusName;
use domain::id::{AccountId, ChannelId, ProjectId};
use domain::time::Timestamp;
use serde::Serialize;

use super::{Editor, log, missing};
use crate::error::StoreError;
use crate::row::Row;
use crate::rows::{Sql, rows};
use crate::setup::{Assignment, assign_channels_in};
use crate::store::{Run as _, Store};

/// Held until the end, so that two who assign at once do not both find the last place free.
static ACCOUNTS: Sql = Sql::new(
    "SELECT a.id FROM rows($1: id bigint) r CROSS JOIN accounts a WHERE a.id = r.id AND a.project_id = $2
     ORDER BY a.id {FOR UPDATE OF a}",
);

static CHANNELS: Sql = Sql::new(
    "SELECT ch.id FROM rows($1: id bigint) r CROSS JOIN channels ch WHERE ch.id = r.id AND ch.project_id = $2",
);

static REMOVE: Sql = Sql::new(
    "DELETE FROM account_channels WHERE account_id = $2 AND channel_id = $3
         AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = $2 AND a.project_id = $1)
         AND EXISTS (SELECT 1 FROM channels ch WHERE ch.id = $3 AND ch.project_id = $1)",
);

static OF_CHANNEL: Sql = Sql::new(
    "SELECT a.id, a.username, a.display_name, a.status, b.reason, b.until
     FROM account_channels x CROSS JOIN accounts a
     LEFT JOIN account_blocks b ON b.account_id = a.id AND b.channel_id = x.channel_id
         AND (b.until IS NULL OR b.until > $5)
     WHERE x.channel_id = $2 AND a.id = x.account_id AND a.project_id = $1 AND a.id < $3 ORDER BY a.id DESC LIMIT $4",
);

/// What is wanted: each of these accounts in each of these channels.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Assigning<'a> {
    /// Who.
    pub accounts: &'a [AccountId],
    /// Where.
    pub channels: &'a [ChannelId],
}

/// An assignment that does not stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedAssignment {
    /// The account.
    pub account: AccountId,
    /// The channel.
    pub channel: ChannelId,
    /// Why not.
    pub reason: Refusal,
}

/// Why an assignment does not stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The account has [`crate::setup::CHANNELS_PER_ACCOUNT`] channels.
    Full,
    /// The project has no such account.
    UnknownAccount,
    /// The project has no such channel.
    UnknownChannel,
}

/// An account that may write in a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelAccount {
    /// Its row, which is also its place in the list.
    pub id: AccountId,
    /// Its username without `@`.
    pub username: Option<String>,
    /// Its name as readers see it.
    pub display_name: String,
    /// Its condition.
    pub status: StatusName,
    /// Why it does not write in this channel now, though it is assigned.
    pub blocked: Option<String>,
    /// Until when, if that ends by itself.
    pub blocked_until: Option<Timestamp>,
}

#[derive(Serialize)]
struct IdRow {
    id: i64,
}

#[derive(Serialize)]
struct AssignDetail {
    applied: usize,
    refused: usize,
    accounts: usize,
    channels: usize,
}

#[derive(Serialize)]
struct RemoveDetail {
    account: AccountId,
}

impl Store {
    /// Lets each account write in each channel, as far as the accounts' limits go: channels are taken in the order given.
    /// Returns how many assignments stand now, those that stood before included, and those that do not.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn assign(
        &self,
        editor: Editor,
        wanted: Assigning<'_>,
    ) -> Result<(usize, Vec<RefusedAssignment>), StoreError> {
        let tx = self.begin("assign channels").await?;
        let Assigning { accounts, channels } = wanted;
        let project = editor.project;
        let pairs: Vec<_> = accounts
            .iter()
            .flat_map(|account| {
                channels.iter().map(|channel| Assignment { account: *account, channel: *channel })
            })
            .collect();
        let known: HashSet<AccountId> =
            ours(&tx, &ACCOUNTS, accounts.iter().map(|id| id.get()), project).await?;
        let watched: HashSet<ChannelId> =
            ours(&tx, &CHANNELS, channels.iter().map(|id| id.get()), project).await?;
        let done = assign_channels_in(&tx, project, &pairs).await?;
        let reason =
            |pair: &Assignment| match (known.contains(&pair.account), watched.contains(&pair.channel)) {
                (false, _) => Refusal::UnknownAccount,
                (true, false) => Refusal::UnknownChannel,
                (true, true) => Refusal::Full,
            };
        let refused: Vec<_> = done
            .refused
            .iter()
            .map(|pair| RefusedAssignment {
                account: pair.account,
                channel: pair.channel,
                reason: reason(pair),
            })
            .collect();
        let detail = AssignDetail {
            applied: done.applied,
            refused: refused.len(),
            accounts: accounts.len(),
            channels: channels.len(),
        };
        log(&tx, editor, "channel.assigned", format!("project:{project}"), &detail).await?;
        tx.commit().await?;
        Ok((done.applied, refused))
    }

    /// Lets an account no longer write in a channel. What was planned there before still leaves.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the account is not assigned there, or either is not the project's.
    pub async fn unassign(
        &self,
        editor: Editor,
        account: AccountId,
        channel: ChannelId,
    ) -> Result<(), StoreError> {
        let tx = self.begin("take an account out of a channel").await?;
        let values = [editor.project.get().into(), account.get().into(), channel.get().into()];
        if tx.run(&REMOVE, values).await? == 0 {
            return Err(missing(&tx, "assignment"));
        }
        log(&tx, editor, "channel.unassigned", format!("channel:{channel}"), &RemoveDetail { account })
            .await?;
        tx.commit().await
    }

    /// The accounts that may write in a channel, latest connected first, below `before`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own; a channel that is not the project's has none.
    pub async fn accounts_of_channel(
        &self,
        project: ProjectId,
        channel: ChannelId,
        before: Option<AccountId>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<ChannelAccount>, StoreError> {
        let values = [
            project.get().into(),
            channel.get().into(),
            before.map_or(i64::MAX, AccountId::get).into(),
            i64::from(limit).into(),
            now.micros().into(),
        ];
        let account = |row: &Row| {
            Ok(ChannelAccount {
                id: row.get("id")?,
                username: row.maybe("username")?,
                display_name: row.get("display_name")?,
                status: row.named("status")?,
                blocked: row.maybe("reason")?,
                blocked_until: row.maybe("until")?,
            })
        };
        let read = self.read("list the accounts of a channel");
        read.rows(&OF_CHANNEL, values).await?.iter().map(account).collect()
    }
}

/// Those of the ids that are the project's.
async fn ours<T: crate::row::Cell + Eq + std::hash::Hash>(
    tx: &crate::store::Tx,
    sql: &Sql,
    ids: impl Iterator<Item = i64>,
    project: ProjectId,
) -> Result<HashSet<T>, StoreError> {
    let ids: Vec<_> = ids.map(|id| IdRow { id }).collect();
    let found = tx.rows(sql, [rows(tx.operation(), &ids)?, project.get().into()]).await?;
    found.iter().map(|row| row.get("id")).collect()
}
