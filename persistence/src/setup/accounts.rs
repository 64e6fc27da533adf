//! Accounts, and the channels they may write in.

use std::collections::HashSet;

use domain::account::{Kind, Status, StatusName};
use domain::disclosure::Label;
use domain::id::{AccountId, ChannelId, PeerId, ProjectId};
use domain::pacing::Limits;
use domain::time::Timestamp;
use secrecy::{ExposeSecret as _, SecretSlice};
use serde::Serialize;

use crate::error::StoreError;
use crate::row::ids_in_order;
use crate::rows::{Sql, rows, storable};
use crate::store::{Run as _, Store, Tx};
use crate::vault::{Place, keep};

static INSERT: Sql = Sql::new(
    "INSERT INTO accounts (project_id, kind, telegram_id, username, display_name, status, wait_until, label,
         label_verified_at, daily_limit, min_gap_s)
     SELECT $2, r.kind, r.telegram_id, r.username, r.display_name, r.status, r.wait_until, r.label,
         r.label_verified_at, r.daily_limit, r.min_gap_s
     FROM rows($1: kind text, telegram_id bigint, username text, display_name text, status text, wait_until bigint,
         label text, label_verified_at bigint, daily_limit bigint, min_gap_s bigint) r
     RETURNING id",
);

/// Those of the project, with how many channels each account had before and which place among the new ones this one takes.
static ASSIGN: Sql = Sql::new(
    "INSERT INTO account_channels (account_id, channel_id)
     SELECT n.account_id, n.channel_id FROM (
         SELECT a.id AS account_id, ch.id AS channel_id,
             row_number() OVER (PARTITION BY a.id ORDER BY r.place)
                 + (SELECT count(*) FROM account_channels h WHERE h.account_id = a.id) AS place
         FROM rows($1: account_id bigint, channel_id bigint, place bigint) r CROSS JOIN accounts a CROSS JOIN channels ch
         WHERE a.id = r.account_id AND a.project_id = $2 AND ch.id = r.channel_id AND ch.project_id = $2
             AND NOT EXISTS (SELECT 1 FROM account_channels x WHERE x.account_id = a.id AND x.channel_id = ch.id)
     ) n
     WHERE n.place <= $3",
);

static STANDING: Sql = Sql::new(
    "SELECT x.account_id, x.channel_id
     FROM rows($1: account_id bigint, channel_id bigint, place bigint) r CROSS JOIN accounts a CROSS JOIN account_channels x
     WHERE a.id = r.account_id AND a.project_id = $2 AND x.account_id = r.account_id AND x.channel_id = r.channel_id",
);

#[derive(Serialize)]
struct AccountRow<'a> {
    kind: Kind,
    telegram_id: Option<PeerId>,
    username: Option<&'a str>,
    display_name: std::borrow::Cow<'a, str>,
    status: StatusName,
    wait_until: Option<Timestamp>,
    label: &'a Label,
    label_verified_at: Option<Timestamp>,
    daily_limit: u32,
    min_gap_s: u64,
}

#[derive(Serialize)]
struct AssignmentRow {
    account_id: AccountId,
    channel_id: ChannelId,
    place: usize,
}

/// How many channels one account may be assigned to.
pub const CHANNELS_PER_ACCOUNT: u32 = 50;

/// An account that its owner connected.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What kind of account it is.
    pub kind: Kind,
    /// Its Telegram id, if it has logged in.
    pub telegram_id: Option<PeerId>,
    /// Its username without `@`.
    pub username: Option<String>,
    /// Its name as readers see it.
    pub display_name: String,
    /// Its session, if it has logged in.
    pub session: Option<SecretSlice<u8>>,
    /// Its condition.
    pub status: Status,
    /// The label under what it writes.
    pub label: Label,
    /// When its profile was last seen to tell the label; until then a person's account does not write.
    pub label_verified_at: Option<Timestamp>,
    /// What it may do at most.
    pub limits: Limits,
}

/// That an account may write in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Assignment {
    /// The account.
    pub account: AccountId,
    /// The channel.
    pub channel: ChannelId,
}

/// What became of assignments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assigned {
    /// How many stand now, those that stood before included.
    pub applied: usize,
    /// Those beyond an account's [`CHANNELS_PER_ACCOUNT`], or whose account or channel is not the project's.
    pub refused: Vec<Assignment>,
}

impl Store {
    /// Creates accounts; their ids come in the order given.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when one of them is connected already, [`StoreError::Vault`] when a session cannot be sealed;
    /// nothing is created then.
    pub async fn create_accounts(
        &self,
        project: ProjectId,
        accounts: &[NewAccount],
    ) -> Result<Vec<AccountId>, StoreError> {
        let tx = self.begin("create accounts").await?;
        let new: Vec<_> = accounts.iter().map(row).collect();
        let ids: Vec<AccountId> =
            ids_in_order(&tx.rows(&INSERT, [rows(tx.operation(), &new)?, project.get().into()]).await?)?;
        let sessions = ids.iter().zip(accounts).filter_map(|(id, account)| {
            account.session.as_ref().map(|session| (id.get(), session.expose_secret()))
        });
        keep(&tx, Place::Session, &sessions.collect::<Vec<_>>()).await?;
        tx.commit().await?;
        Ok(ids)
    }

    /// Lets accounts write in channels, up to [`CHANNELS_PER_ACCOUNT`] each.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn assign_channels(
        &self,
        project: ProjectId,
        assignments: &[Assignment],
    ) -> Result<Assigned, StoreError> {
        let tx = self.begin("assign channels").await?;
        let assigned = assign_channels_in(&tx, project, assignments).await?;
        tx.commit().await?;
        Ok(assigned)
    }
}

/// [`Store::assign_channels`] within a transaction.
pub(crate) async fn assign_channels_in(
    tx: &Tx,
    project: ProjectId,
    assignments: &[Assignment],
) -> Result<Assigned, StoreError> {
    let mut seen = HashSet::new();
    let wanted: Vec<_> = assignments
        .iter()
        .filter(|assignment| seen.insert(**assignment))
        .enumerate()
        .map(|(place, assignment)| AssignmentRow {
            account_id: assignment.account,
            channel_id: assignment.channel,
            place,
        })
        .collect();
    let wanted = rows(tx.operation(), &wanted)?;
    let limit = i64::from(CHANNELS_PER_ACCOUNT);
    tx.run(&ASSIGN, [wanted.clone(), project.get().into(), limit.into()]).await?;
    let mut standing = HashSet::new();
    for row in &tx.rows(&STANDING, [wanted, project.get().into()]).await? {
        standing.insert(Assignment { account: row.get("account_id")?, channel: row.get("channel_id")? });
    }
    let refused = assignments.iter().filter(|assignment| !standing.contains(assignment)).copied().collect();
    Ok(Assigned { applied: standing.len(), refused })
}

fn row(account: &NewAccount) -> AccountRow<'_> {
    AccountRow {
        kind: account.kind,
        telegram_id: account.telegram_id,
        username: account.username.as_deref(),
        display_name: storable(&account.display_name),
        status: account.status.name(),
        wait_until: account.status.waits_until(),
        label: &account.label,
        label_verified_at: account.label_verified_at,
        daily_limit: account.limits.daily,
        min_gap_s: account.limits.gap.as_secs(),
    }
}
