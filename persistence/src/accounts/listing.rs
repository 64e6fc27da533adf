//! Accounts as people see them: their condition and why, their way, their limits and what is left of them today.

use domain::account::{Kind, Status, StatusName};
use domain::disclosure::Label;
use domain::id::{AccountId, PeerId, ProjectId, ProxyId};
use domain::pacing::Limits;
use domain::time::Timestamp;

use super::read_status;
use crate::error::StoreError;
use crate::planning::read_limits;
use crate::row::Row;
use crate::rows::Sql;
use crate::store::{Run as _, Store};

/// `$2` is now: a block that is over is none.
macro_rules! accounts {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.kind, a.telegram_id, a.username, a.display_name, a.status, a.wait_until, a.status_reason,
                 a.status_since, a.proxy_id, x.name AS proxy_name, a.label, a.label_verified_at, a.daily_limit, a.min_gap_s,
                 a.tags, a.notes, a.last_health_at, a.last_sent_at, a.sent_day, a.sent_today, p.timezone,
                 (SELECT count(*) FROM account_channels ac WHERE ac.account_id = a.id) AS channels,
                 (SELECT count(*) FROM account_blocks b WHERE b.account_id = a.id
                     AND (b.until IS NULL OR b.until > $2)) AS blocks
             FROM accounts a JOIN projects p ON p.id = a.project_id LEFT JOIN proxies x ON x.id = a.proxy_id
             WHERE a.project_id = $1 AND ",
            $rest
        )
    };
}

static ONE: Sql = Sql::new(accounts!("a.id = $3"));

/// A tag stands in the JSON of an account's tags if that is shorter without it.
static PAGE: Sql = Sql::new(accounts!(
    "a.id < $3 AND $4 IN ('', a.status) AND ($5 = '' OR replace(a.tags, $5, '') <> a.tags) ORDER BY a.id DESC LIMIT $6"
));

/// An account as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAccount {
    /// Its row, which is also its place in the list.
    pub id: AccountId,
    /// What kind of account it is.
    pub kind: Kind,
    /// Its Telegram id, if it has logged in.
    pub telegram_id: Option<PeerId>,
    /// Its username without `@`.
    pub username: Option<String>,
    /// Its name as readers see it.
    pub display_name: String,
    /// Its condition.
    pub status: Status,
    /// Why it is in this condition: Telegram's name of the error, or what a person did.
    pub reason: Option<String>,
    /// Since when, if it was ever in another one.
    pub since: Option<Timestamp>,
    /// The proxy that it goes through, with its name; `None` if it goes straight.
    pub proxy: Option<(ProxyId, String)>,
    /// The label that its profile has to tell.
    pub label: Label,
    /// When its profile was last seen to tell the label.
    pub label_verified_at: Option<Timestamp>,
    /// What it may do at most.
    pub limits: Limits,
    /// How many messages it sent on the project's calendar day.
    pub sent_today: u32,
    /// What people sort it by.
    pub tags: Vec<String>,
    /// What people wrote about it.
    pub notes: String,
    /// When it was last looked at.
    pub checked_at: Option<Timestamp>,
    /// When it last sent anything.
    pub last_sent_at: Option<Timestamp>,
    /// In how many channels it may write.
    pub channels: u32,
    /// In how many of them it is blocked.
    pub blocks: u32,
}

/// Which accounts are listed.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    /// Those of this status.
    pub status: Option<StatusName>,
    /// Those with this tag.
    pub tag: Option<String>,
}

impl Store {
    /// A project's accounts, latest connected first, below `before`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list_accounts(
        &self,
        project: ProjectId,
        filter: &AccountFilter,
        before: Option<AccountId>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<ListedAccount>, StoreError> {
        let tag = filter.tag.as_ref().map(|tag| serde_json::Value::from(tag.as_str()).to_string());
        let values = [
            project.get().into(),
            now.micros().into(),
            before.map_or(i64::MAX, AccountId::get).into(),
            filter.status.map_or("", StatusName::as_str).into(),
            tag.unwrap_or_default().into(),
            i64::from(limit).into(),
        ];
        let found = self.read("list accounts").rows(&PAGE, values).await?;
        found.iter().map(|row| read_account(row, now)).collect()
    }

    /// An account of a project.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such account.
    pub async fn listed_account(
        &self,
        project: ProjectId,
        account: AccountId,
        now: Timestamp,
    ) -> Result<ListedAccount, StoreError> {
        let read = self.read("read an account");
        let values = [project.get().into(), now.micros().into(), account.get().into()];
        let missing = StoreError::NotFound { operation: read.operation(), what: "account" };
        read_account(&read.row(&ONE, values).await?.ok_or(missing)?, now)
    }
}

fn read_account(row: &Row, now: Timestamp) -> Result<ListedAccount, StoreError> {
    let proxy: Option<ProxyId> = row.maybe("proxy_id")?;
    let today = i64::from(row.zone("timezone")?.day(now).0);
    let counts_today = row.get::<i64>("sent_day")? == today;
    Ok(ListedAccount {
        id: row.get("id")?,
        kind: row.named("kind")?,
        telegram_id: row.maybe("telegram_id")?,
        username: row.maybe("username")?,
        display_name: row.get("display_name")?,
        status: read_status(row)?,
        reason: row.maybe("status_reason")?,
        since: row.maybe("status_since")?,
        proxy: proxy.map(|proxy| Ok::<_, StoreError>((proxy, row.get("proxy_name")?))).transpose()?,
        label: row.named("label")?,
        label_verified_at: row.maybe("label_verified_at")?,
        limits: read_limits(row)?,
        sent_today: if counts_today { row.small("sent_today")? } else { 0 },
        tags: row.json("tags")?,
        notes: row.get("notes")?,
        checked_at: row.maybe("last_health_at")?,
        last_sent_at: row.maybe("last_sent_at")?,
        channels: row.small("channels")?,
        blocks: row.small("blocks")?,
    })
}
