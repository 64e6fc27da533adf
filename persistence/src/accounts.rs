//! What happens to accounts: their status, and where they may not write.

mod change;
mod listing;

pub use change::{AccountChange, Block, NewBlock};
pub use listing::{AccountFilter, ListedAccount};

use domain::account::{Event, Status, StatusName, step};
use domain::event::EventType;
use domain::id::{AccountId, ChannelId, PeerId, ProjectId};
use domain::time::Timestamp;
use secrecy::SecretSlice;

use crate::error::StoreError;
use crate::metrics::{Place, Tally};
use crate::nodes::{self, Hold};
use crate::outbox::{Actor, AuditEntry, NewEvent, Subject, audit};
use crate::row::Row;
use crate::rows::{Sql, storable};
use crate::store::{Run as _, Store, Tx};

const CHANGING: &str = "change an account";

static READ: Sql = Sql::new(
    "SELECT a.project_id, a.status, a.wait_until, p.timezone FROM accounts a JOIN projects p ON p.id = a.project_id
     WHERE a.id = $1 {FOR UPDATE OF a}",
);

/// A wait that begins or ends during a pause is not why the account is paused.
static WRITE: Sql = Sql::new(
    "UPDATE accounts SET status = $2, wait_until = $3,
         status_reason = CASE WHEN status = 'paused' AND $2 = 'paused' THEN status_reason ELSE $4 END,
         status_since = CASE WHEN status = $2 THEN status_since ELSE $5 END
     WHERE id = $1",
);

static FORGET_SESSION: Sql = Sql::new("UPDATE accounts SET session_sealed = NULL WHERE id = $1");

static FIND: Sql = Sql::new("SELECT id FROM accounts WHERE project_id = $1 AND telegram_id = $2");

static BLOCK: Sql = Sql::new(
    "INSERT INTO account_blocks (account_id, channel_id, reason, until, blocked_at)
     SELECT a.id, ch.id, $3, $4, $5 FROM accounts a JOIN channels ch ON ch.project_id = a.project_id
     WHERE a.id = $1 AND ch.id = $2
     ON CONFLICT (account_id, channel_id) DO UPDATE SET reason = excluded.reason, until = excluded.until",
);

static BLOCKS: Sql =
    Sql::new("SELECT count(*) AS blocks FROM account_blocks WHERE account_id = $1 AND reason = $2");

impl Store {
    /// Applies an event to an account and returns the status it has now. A change is told by an event, and kept with its
    /// `reason` and time, on the account and in the audit log.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such account, [`StoreError::Account`] when the event does not fit.
    pub async fn account_event(
        &self,
        account: AccountId,
        event: Event,
        reason: &str,
        now: Timestamp,
    ) -> Result<Status, StoreError> {
        let mut tx = self.begin(CHANGING).await?;
        let status = apply(&mut tx, account, event, reason, now).await?;
        tx.commit().await?;
        Ok(status)
    }

    /// [`Store::account_event`] as told by the node that holds the account's connection.
    ///
    /// # Errors
    /// Those of [`Store::account_event`], and [`StoreError::NotHeld`] when another node holds the account by now.
    pub async fn held_account_event(
        &self,
        hold: Hold,
        event: Event,
        reason: &str,
        now: Timestamp,
    ) -> Result<Status, StoreError> {
        let mut tx = self.begin(CHANGING).await?;
        nodes::require(&tx, hold).await?;
        let status = apply(&mut tx, hold.account, event, reason, now).await?;
        tx.commit().await?;
        Ok(status)
    }

    /// Forgets the session of an account whose key Telegram made worthless, and says so as its reason: its owner must log in.
    ///
    /// # Errors
    /// Those of [`Store::held_account_event`].
    pub async fn forget_session(
        &self,
        hold: Hold,
        reason: &str,
        now: Timestamp,
    ) -> Result<Status, StoreError> {
        let mut tx = self.begin("forget a session").await?;
        nodes::require(&tx, hold).await?;
        let status = apply(&mut tx, hold.account, Event::Deauthorize, reason, now).await?;
        tx.run(&FORGET_SESSION, [hold.account.get().into()]).await?;
        tx.commit().await?;
        Ok(status)
    }

    /// An account's owner logged it in again: keeps the new session, and lets the account work.
    /// Returns its row; `None` when the project has no account with this Telegram id.
    ///
    /// # Errors
    /// [`StoreError::Account`] when the account is not one that can log in, [`StoreError::Vault`] when the session cannot be
    /// sealed.
    pub async fn log_in_account(
        &self,
        project: ProjectId,
        telegram_id: PeerId,
        session: &SecretSlice<u8>,
        now: Timestamp,
    ) -> Result<Option<AccountId>, StoreError> {
        let find = self.read("find the account that logged in");
        let values = [project.get().into(), telegram_id.get().into()];
        let Some(row) = find.row(&FIND, values).await? else { return Ok(None) };
        let account = row.get("id")?;
        self.keep_session(account, session).await?;
        self.account_event(account, Event::LogIn, "logged in", now).await?;
        Ok(Some(account))
    }

    /// The status of an account.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such account.
    pub async fn account_status(&self, account: AccountId) -> Result<Status, StoreError> {
        static STATUS: Sql = Sql::new("SELECT status, wait_until FROM accounts WHERE id = $1");
        let read = self.read("read an account");
        let missing = StoreError::NotFound { operation: read.operation(), what: "account" };
        read_status(&read.row(&STATUS, [account.get().into()]).await?.ok_or(missing)?)
    }

    /// Keeps what Telegram said about an account where people see it; its status stays.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such account.
    pub async fn note_account(&self, account: AccountId, note: &str) -> Result<(), StoreError> {
        static NOTE: Sql = Sql::new("UPDATE accounts SET status_reason = $2 WHERE id = $1");
        let run = self.at_once("note something about an account");
        let values = [account.get().into(), storable(note).into_owned().into()];
        match run.run(&NOTE, values).await? {
            0 => Err(StoreError::NotFound { operation: run.operation(), what: "account" }),
            _ => Ok(()),
        }
    }

    /// In how many channels an account is blocked for this reason.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn blocks_of(&self, account: AccountId, reason: &str) -> Result<u32, StoreError> {
        let values = [account.get().into(), reason.into()];
        let row = self.read("count an account's blocks").row(&BLOCKS, values).await?;
        row.map_or(Ok(0), |row| row.small("blocks"))
    }

    /// Keeps an account from writing in a channel of its project until `until`, or until a person lifts it. Returns in how
    /// many channels it is blocked for this reason now.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn block_account(
        &self,
        account: AccountId,
        channel: ChannelId,
        reason: &str,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        let tx = self.begin("block an account").await?;
        let values = [
            account.get().into(),
            channel.get().into(),
            reason.into(),
            until.map(Timestamp::micros).into(),
            now.micros().into(),
        ];
        tx.run(&BLOCK, values).await?;
        let row = tx.row(&BLOCKS, [account.get().into(), reason.into()]).await?;
        let blocks = row.map_or(Ok(0), |row| row.small("blocks"))?;
        tx.commit().await?;
        Ok(blocks)
    }
}

/// Steps the account because of what the product itself saw, and writes down what changed.
pub(crate) async fn apply(
    tx: &mut Tx,
    account: AccountId,
    event: Event,
    reason: &str,
    now: Timestamp,
) -> Result<Status, StoreError> {
    apply_by(tx, account, event, reason, Actor::System, now).await
}

/// Steps the account because of what somebody did, and writes down what changed.
pub(crate) async fn apply_by(
    tx: &mut Tx,
    account: AccountId,
    event: Event,
    reason: &str,
    by: Actor,
    now: Timestamp,
) -> Result<Status, StoreError> {
    let operation = tx.operation();
    let missing = StoreError::NotFound { operation, what: "account" };
    let row = tx.row(&READ, [account.get().into()]).await?.ok_or(missing)?;
    let old = read_status(&row)?;
    let new = step(&old, event).map_err(|source| StoreError::Account { operation, source })?;
    let project = row.get("project_id")?;
    if let Event::Flood(_) = event {
        let day = row.zone("timezone")?.day(now);
        let mut tally = Tally::default();
        tally.at(Place { project, account: Some(account), channel: None, day }).flood_waits += 1;
        tally.write(tx)?;
    }
    if new != old {
        let values = [
            account.get().into(),
            new.name().as_str().into(),
            new.waits_until().map(Timestamp::micros).into(),
            storable(reason).as_ref().into(),
            now.micros().into(),
        ];
        tx.run(&WRITE, values).await?;
    }
    if new.name() != old.name() {
        let entry = AuditEntry {
            actor: by,
            project: Some(project),
            action: "account.status".to_owned(),
            subject: format!("account:{account}"),
            detail: format!("{}: {}", new.name(), storable(reason)),
            at: now,
        };
        audit(tx, &entry).await?;
        let detail = Some(new.name().to_string());
        let subject = Subject { account: Some(account), detail, ..Subject::default() };
        tx.tell(NewEvent { project: Some(project), kind: EventType::AccountChanged, subject, at: now });
    }
    Ok(new)
}

/// An account's status, from `status` and `wait_until`.
pub(crate) fn read_status(row: &Row) -> Result<Status, StoreError> {
    Ok(match row.named::<StatusName>("status")? {
        StatusName::Waiting => Status::Waiting { until: row.get("wait_until")? },
        StatusName::NeedsLogin => Status::NeedsLogin,
        StatusName::Active => Status::Active,
        StatusName::Limited => Status::Limited,
        StatusName::Frozen => Status::Frozen,
        StatusName::Dead => Status::Dead,
        StatusName::Paused => Status::Paused { waits_until: row.maybe("wait_until")? },
    })
}
