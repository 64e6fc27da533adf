//! Which account goes through which proxy. Whoever gives or takes a seat holds the proxy's row until the commit.

use domain::account::StatusName;
use domain::id::{AccountId, ProjectId, ProxyId};
use domain::proxy::{ACCOUNTS_PER_PROXY, Move, Place, Snapshot, Tenant, choose, reassign};
use domain::time::Timestamp;

use super::desk::held;
use super::{find, log, read_health};
use crate::error::StoreError;
use crate::outbox::Actor;
use crate::row::Row;
use crate::rows::Sql;
use crate::store::{Run as _, Store, Tx};

static ACCOUNT: Sql =
    Sql::new("SELECT proxy_id, status FROM accounts WHERE id = $1 AND project_id = $2 {FOR UPDATE}");

static TAKEN: Sql = Sql::new("SELECT proxy_seat FROM accounts WHERE proxy_id = $1");

static SIT: Sql = Sql::new("UPDATE accounts SET proxy_id = $2, proxy_seat = $3 WHERE id = $1");

static PLACES: Sql =
    Sql::new("SELECT id, name, status, failures FROM proxies WHERE project_id = $1 ORDER BY id {FOR UPDATE}");

static TENANTS: Sql = Sql::new(
    "SELECT id, proxy_id, status FROM accounts WHERE project_id = $1 AND proxy_id IS NOT NULL ORDER BY id {FOR UPDATE}",
);

static STRANDED: Sql = Sql::new(
    "SELECT DISTINCT a.project_id FROM accounts a JOIN proxies p ON p.id = a.proxy_id
     WHERE p.status = 'down' AND a.status = 'active' ORDER BY a.project_id",
);

/// The dead go nowhere; their seats are free.
static RISE: Sql = Sql::new(
    "UPDATE accounts SET proxy_id = NULL, proxy_seat = NULL WHERE proxy_id IS NOT NULL AND status = 'dead'",
);

/// Which way a person wants an account to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way<'a> {
    /// Straight.
    Direct,
    /// Through the proxy of this name.
    Through(&'a str),
    /// Through this proxy.
    Over(ProxyId),
    /// Through a proxy that works, whichever has the most free seats.
    AnyProxy,
}

impl Store {
    /// Sends an account another way from its next connection on, because a person wants it; returns the proxy's id.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such account or proxy, [`StoreError::NoSeat`] when there is no free
    /// seat, [`StoreError::AccountStays`] when the account waits, or Telegram limited, froze or banned it.
    pub async fn send_account(
        &self,
        project: ProjectId,
        account: AccountId,
        way: Way<'_>,
        by: Actor,
        now: Timestamp,
    ) -> Result<Option<ProxyId>, StoreError> {
        let tx = self.begin("send an account another way").await?;
        let operation = tx.operation();
        let snapshot = snapshot(&tx, project).await?;
        let row = tx.row(&ACCOUNT, [account.get().into(), project.get().into()]).await?;
        let row = row.ok_or(StoreError::NotFound { operation, what: "account" })?;
        let status: StatusName = row.named("status")?;
        match status {
            StatusName::Active | StatusName::NeedsLogin | StatusName::Paused => {}
            StatusName::Waiting | StatusName::Limited | StatusName::Frozen | StatusName::Dead => {
                return Err(StoreError::AccountStays { operation, status });
            }
        }
        let to = match way {
            Way::Direct => None,
            Way::Through(name) => Some(find(&tx, project, name).await?),
            Way::Over(proxy) => {
                held(&tx, project, proxy).await?;
                Some(proxy)
            }
            Way::AnyProxy => Some(choose(&snapshot).ok_or(StoreError::NoSeat { operation })?),
        };
        if to != row.maybe("proxy_id")? {
            seat(&tx, account, to).await?;
            let detail = to.map_or_else(|| "direct".to_owned(), |proxy| format!("proxy:{proxy}"));
            log(&tx, by, project, "account.way", format!("account:{account}"), detail, now).await?;
        }
        tx.commit().await?;
        Ok(to)
    }

    /// Moves accounts whose proxies are down to proxies that work, as `domain::proxy` decides, each project by itself.
    /// Returns the moves; the accounts' next connections take the new way.
    ///
    /// # Errors
    /// Only the database's own; the projects before the one that failed are done.
    pub async fn reassign_proxies(&self, now: Timestamp) -> Result<Vec<Move>, StoreError> {
        let at_once = self.at_once("move accounts to working proxies");
        at_once.run(&RISE, []).await?;
        let mut moves = Vec::new();
        for row in &self.read(at_once.operation()).rows(&STRANDED, []).await? {
            let project = row.get("project_id")?;
            let tx = self.begin(at_once.operation()).await?;
            let due = reassign(&snapshot(&tx, project).await?);
            for Move { account, from, to } in &due {
                seat(&tx, *account, Some(*to)).await?;
                let detail = format!("proxy:{to}, because proxy:{from} is down");
                let subject = format!("account:{account}");
                log(&tx, Actor::System, project, "account.way", subject, detail, now).await?;
            }
            tx.commit().await?;
            moves.extend(due);
        }
        Ok(moves)
    }
}

/// A project's proxies and who goes through them, held until the transaction ends.
async fn snapshot(tx: &Tx, project: ProjectId) -> Result<Snapshot, StoreError> {
    let place = |row: &Row| Ok(Place { proxy: row.get("id")?, health: read_health(row)? });
    let places = tx.rows(&PLACES, [project.get().into()]).await?;
    let tenant = |row: &Row| {
        Ok(Tenant { account: row.get("id")?, proxy: row.get("proxy_id")?, status: row.named("status")? })
    };
    let tenants = tx.rows(&TENANTS, [project.get().into()]).await?;
    Ok(Snapshot {
        places: places.iter().map(place).collect::<Result<_, StoreError>>()?,
        tenants: tenants.iter().map(tenant).collect::<Result<_, StoreError>>()?,
    })
}

/// Gives an account a free seat of a proxy, or takes its seat away.
pub(crate) async fn seat(tx: &Tx, account: AccountId, proxy: Option<ProxyId>) -> Result<(), StoreError> {
    let mut free = None;
    if let Some(proxy) = proxy {
        let taken = tx.rows(&TAKEN, [proxy.get().into()]).await?;
        let taken: Vec<i64> = taken.iter().map(|row| row.get("proxy_seat")).collect::<Result<_, _>>()?;
        free = (1..=i64::from(ACCOUNTS_PER_PROXY)).find(|seat| !taken.contains(seat));
        free.ok_or(StoreError::NoSeat { operation: tx.operation() })?;
    }
    tx.run(&SIT, [account.get().into(), proxy.map(ProxyId::get).into(), free.into()]).await?;
    Ok(())
}
