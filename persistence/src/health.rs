//! How accounts fare: their condition with its reason and time, and what the last look at each of them found.
//!
//! A look asks Telegram who the account is and whether its profile still tells the label; when the last one was stands with
//! the account, so a process that starts anew goes on where the one before stopped.

use std::sync::Arc;

use domain::account::{Kind, Status};
use domain::disclosure::Label;
use domain::event::EventType;
use domain::id::{AccountId, PeerId, ProjectId};
use domain::time::Timestamp;
use serde::Serialize;

use crate::accounts::read_status;
use crate::error::StoreError;
use crate::gather::Gather;
use crate::nodes::{self, Hold};
use crate::outbox::{NewEvent, Subject};
use crate::round::Round;
use crate::row::Row;
use crate::rows::{Sql, rows, storable};
use crate::store::{Run as _, Store, Tx};

const KEEPING: &str = "keep what a look at an account found";

macro_rules! health {
    ($condition:literal) => {
        concat!(
            "SELECT id, project_id, kind, telegram_id, username, display_name, label, status, wait_until, status_reason,
                 status_since, last_health_at, label_verified_at FROM accounts WHERE ",
            $condition
        )
    };
}

static ONE: Sql = Sql::new(health!("id = $1"));

static ALL: Sql = Sql::new(health!("project_id = $1 AND id > $2 ORDER BY id LIMIT $3"));

/// A wait is waited out, and an account without a session cannot be asked.
static DUE: Sql = Sql::new(
    "SELECT a.id FROM rows($1: id bigint) r CROSS JOIN accounts a
     WHERE a.id = r.id AND a.status NOT IN ('needs_login', 'dead', 'waiting')
         AND coalesce(a.last_health_at, 0) <= $2
     ORDER BY coalesce(a.last_health_at, 0), a.id LIMIT $3",
);

static LABELLED: Sql =
    Sql::new("SELECT project_id, label_verified_at FROM accounts WHERE id = $1 {FOR UPDATE}");

static CHECKED: Sql = Sql::new(
    "UPDATE accounts SET username = $2, display_name = $3, label_verified_at = $4, last_health_at = $5 WHERE id = $1",
);

#[derive(Serialize)]
struct IdRow {
    id: AccountId,
}

/// How an account fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountHealth {
    /// The account.
    pub account: AccountId,
    /// Whose it is.
    pub project: ProjectId,
    /// What kind of account it is.
    pub kind: Kind,
    /// Its Telegram id, if it has logged in.
    pub telegram_id: Option<PeerId>,
    /// Its username without `@`.
    pub username: Option<String>,
    /// Its name as readers see it.
    pub display_name: String,
    /// The label that its profile has to tell.
    pub label: Label,
    /// Its condition.
    pub status: Status,
    /// Why it is in this condition: Telegram's name of the error, or what a person did.
    pub reason: Option<String>,
    /// Since when, if it was ever in another one.
    pub since: Option<Timestamp>,
    /// When it was last looked at.
    pub checked_at: Option<Timestamp>,
    /// When its profile was last seen to tell the label; `None` if it did not the last time.
    pub label_verified_at: Option<Timestamp>,
}

/// What a look at an account found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkup {
    /// Its username without `@`.
    pub username: Option<String>,
    /// Its name as readers see it.
    pub display_name: String,
    /// Whether its profile tells its label.
    pub labelled: bool,
}

impl Checkup {
    /// What Telegram says about an account that has to tell this label.
    #[must_use]
    pub fn of(label: &Label, username: Option<String>, display_name: String, about: &str) -> Self {
        Self { username, display_name, labelled: label.stands_in(about) }
    }
}

impl Store {
    /// How an account fares.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such account.
    pub async fn account_health(&self, account: AccountId) -> Result<AccountHealth, StoreError> {
        let read = self.read("read how an account fares");
        let missing = StoreError::NotFound { operation: read.operation(), what: "account" };
        health(&read.row(&ONE, [account.get().into()]).await?.ok_or(missing)?)
    }

    /// How a project's accounts fare, in the order of their ids after `after`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn accounts_health(
        &self,
        project: ProjectId,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<AccountHealth>, StoreError> {
        let read = self.read("read how accounts fare");
        let values = [project.get().into(), after.map_or(0, AccountId::get).into(), i64::from(limit).into()];
        read.rows(&ALL, values).await?.iter().map(health).collect()
    }

    /// Those of `accounts` that were last looked at by `before` and can be looked at now, the longest ago first, at most
    /// `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn accounts_to_check(
        &self,
        accounts: &[AccountId],
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<AccountId>, StoreError> {
        let read = self.read("find the accounts to look at");
        let asked: Vec<_> = accounts.iter().map(|id| IdRow { id: *id }).collect();
        let values = [rows(read.operation(), &asked)?, before.micros().into(), i64::from(limit).into()];
        read.rows(&DUE, values).await?.iter().map(|row| row.get("id")).collect()
    }

    /// Keeps what a look at an account found. A label that came or went is told by an event. Concurrent callers share a
    /// transaction.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such account, [`StoreError::NotHeld`] when another node holds it by now.
    pub async fn record_checkup(
        &self,
        hold: Hold,
        found: &Checkup,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.gathers().checkups.run(self, "", &[(hold, found.clone())], now).await.map(drop)
    }
}

pub(crate) fn gather_checkups(round: &Arc<Round>) -> Arc<Gather<(Hold, Checkup), ()>> {
    Gather::writing(round, KEEPING, |tx, _, checkups, now| {
        Box::pin(async move {
            for (hold, found) in checkups.iter() {
                keep(tx, *hold, found, now).await?;
            }
            Ok(vec![(); checkups.len()])
        })
    })
}

async fn keep(tx: &mut Tx, hold: Hold, found: &Checkup, now: Timestamp) -> Result<(), StoreError> {
    nodes::require(tx, hold).await?;
    let account = hold.account;
    let missing = StoreError::NotFound { operation: KEEPING, what: "account" };
    let row = tx.row(&LABELLED, [account.get().into()]).await?.ok_or(missing)?;
    let was_labelled = row.maybe::<Timestamp>("label_verified_at")?.is_some();
    let values = [
        account.get().into(),
        found.username.clone().into(),
        storable(&found.display_name).into_owned().into(),
        found.labelled.then_some(now.micros()).into(),
        now.micros().into(),
    ];
    tx.run(&CHECKED, values).await?;
    if was_labelled != found.labelled {
        let detail = if found.labelled { "label_found" } else { "label_missing" };
        let subject =
            Subject { account: Some(account), detail: Some(detail.to_owned()), ..Subject::default() };
        let project = Some(row.get("project_id")?);
        tx.tell(NewEvent { project, kind: EventType::AccountChanged, subject, at: now });
    }
    Ok(())
}

fn health(row: &Row) -> Result<AccountHealth, StoreError> {
    Ok(AccountHealth {
        account: row.get("id")?,
        project: row.get("project_id")?,
        kind: row.named("kind")?,
        telegram_id: row.maybe("telegram_id")?,
        username: row.maybe("username")?,
        display_name: row.get("display_name")?,
        label: row.named("label")?,
        status: read_status(row)?,
        reason: row.maybe("status_reason")?,
        since: row.maybe("status_since")?,
        checked_at: row.maybe("last_health_at")?,
        label_verified_at: row.maybe("label_verified_at")?,
    })
}
