//! A project's proxies: adding and removing them, how they fare, and which account goes through which.
//!
//! A proxy's address without its password is its name, unless it was given another. Passwords go through the vault. Who
//! goes through which proxy is decided by `domain::proxy`; three seats a proxy and a unique index keep to its limit whoever
//! decides at the same time.

mod desk;
mod health;
mod seats;

pub use desk::ProxyChange;
pub use health::{Probed, ProxyToProbe};
pub use seats::Way;
pub(crate) use seats::seat;

use std::time::Duration;

use domain::id::{ProjectId, ProxyId};
use domain::proxy::{Credentials, Health, ProxyAddress, Scheme};
use domain::time::Timestamp;
use secrecy::ExposeSecret as _;
use serde::Serialize;

use crate::error::StoreError;
use crate::outbox::{Actor, AuditEntry, audit};
use crate::row::{Row, ids_in_order};
use crate::rows::{Sql, rows, storable};
use crate::store::{Run as _, Store, Tx};
use crate::vault::{Place, keep, open};

static INSERT: Sql = Sql::new(
    "INSERT INTO proxies (project_id, name, scheme, host, port, username, status)
     SELECT $2, r.name, r.scheme, r.host, r.port, r.username, 'unknown'
     FROM rows($1: name text, scheme text, host text, port bigint, username text) r
     RETURNING id",
);

/// What a [`ListedProxy`] is read from.
macro_rules! columns {
    () => {
        "p.id, p.name, p.scheme, p.host, p.port, p.username, p.status, p.failures, p.last_check_at, p.latency_ms,
             p.last_error, (SELECT count(*) FROM accounts a WHERE a.proxy_id = p.id) AS accounts"
    };
}

use columns;

static LIST: Sql =
    Sql::new(concat!("SELECT ", columns!(), " FROM proxies p WHERE p.project_id = $1 ORDER BY p.id"));

static FIND: Sql = Sql::new("SELECT id FROM proxies WHERE project_id = $1 AND name = $2 {FOR UPDATE}");

static ACCOUNTS: Sql = Sql::new("SELECT count(*) AS accounts FROM accounts WHERE proxy_id = $1");

static DELETE: Sql = Sql::new("DELETE FROM proxies WHERE id = $1");

/// A proxy to be added.
#[derive(Clone, Debug)]
pub struct NewProxy {
    /// What it is called in its project; its address, without the password, if nothing.
    pub name: Option<String>,
    /// Where it is and how it is entered.
    pub address: ProxyAddress,
}

/// A proxy as it is listed: without its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedProxy {
    /// Its row.
    pub id: ProxyId,
    /// What it is called in its project.
    pub name: String,
    /// Its address without the password.
    pub address: String,
    /// How it is.
    pub health: Health,
    /// When it was last looked at.
    pub last_check_at: Option<Timestamp>,
    /// How long Telegram's answer took at the last look, to the millisecond; `None` if there was none.
    pub latency: Option<Duration>,
    /// Why there was none.
    pub last_error: Option<String>,
    /// How many accounts go through it.
    pub accounts: u8,
}

#[derive(Serialize)]
struct ProxyRow<'a> {
    name: String,
    scheme: Scheme,
    host: &'a str,
    port: u16,
    username: Option<&'a str>,
}

impl Store {
    /// Adds proxies to a project, all of them or none; their ids come in the order given.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the project has a proxy of one of these names, [`StoreError::Vault`] when a password
    /// cannot be sealed.
    pub async fn create_proxies(
        &self,
        project: ProjectId,
        proxies: &[NewProxy],
        by: Actor,
        now: Timestamp,
    ) -> Result<Vec<ProxyId>, StoreError> {
        let tx = self.begin("add proxies").await?;
        let new: Vec<_> = proxies.iter().map(row).collect();
        let ids: Vec<ProxyId> =
            ids_in_order(&tx.rows(&INSERT, [rows(tx.operation(), &new)?, project.get().into()]).await?)?;
        let passwords: Vec<_> = ids
            .iter()
            .zip(proxies)
            .filter_map(|(id, proxy)| {
                let credentials = proxy.address.credentials.as_ref()?;
                Some((id.get(), credentials.password.expose_secret().as_bytes()))
            })
            .collect();
        keep(&tx, Place::ProxyPassword, &passwords).await?;
        for (id, added) in ids.iter().zip(&new) {
            log(&tx, by, project, "proxy.add", format!("proxy:{id}"), added.name.clone(), now).await?;
        }
        tx.commit().await?;
        Ok(ids)
    }

    /// A project's proxies in the order in which they were added, without their passwords.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list_proxies(&self, project: ProjectId) -> Result<Vec<ListedProxy>, StoreError> {
        self.read("list proxies").rows(&LIST, [project.get().into()]).await?.iter().map(read_listed).collect()
    }

    /// Removes a proxy that no account goes through.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such proxy, [`StoreError::ProxyInUse`] when accounts go through it:
    /// nobody is sent straight by a removal.
    pub async fn delete_proxy(
        &self,
        project: ProjectId,
        name: &str,
        by: Actor,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tx = self.begin("remove a proxy").await?;
        let proxy = find(&tx, project, name).await?;
        remove(&tx, project, proxy, name.to_owned(), by, now).await?;
        tx.commit().await
    }
}

/// Removes a proxy that is held, unless accounts go through it.
async fn remove(
    tx: &Tx,
    project: ProjectId,
    proxy: ProxyId,
    name: String,
    by: Actor,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = tx.row(&ACCOUNTS, [proxy.get().into()]).await?;
    match row.map_or(Ok(0), |row| row.small("accounts"))? {
        0 => tx.run(&DELETE, [proxy.get().into()]).await?,
        accounts => return Err(StoreError::ProxyInUse { operation: tx.operation(), accounts }),
    };
    log(tx, by, project, "proxy.remove", format!("proxy:{proxy}"), name, now).await
}

/// A project's proxy of this name, held until the transaction ends.
async fn find(tx: &Tx, project: ProjectId, name: &str) -> Result<ProxyId, StoreError> {
    let missing = StoreError::NotFound { operation: tx.operation(), what: "proxy" };
    tx.row(&FIND, [project.get().into(), name.into()]).await?.ok_or(missing)?.get("id")
}

fn read_listed(row: &Row) -> Result<ListedProxy, StoreError> {
    Ok(ListedProxy {
        id: row.get("id")?,
        name: row.get("name")?,
        address: read_address(row, String::new())?.to_string(),
        health: read_health(row)?,
        last_check_at: row.maybe("last_check_at")?,
        latency: latency(row)?,
        last_error: row.maybe("last_error")?,
        accounts: row.small("accounts")?,
    })
}

/// The proxy that an account goes through, from a row that was joined with it; `None` if it goes straight.
pub(crate) fn read_proxy(store: &Store, row: &Row) -> Result<Option<ProxyAddress>, StoreError> {
    if row.maybe::<ProxyId>("proxy_id")?.is_none() {
        return Ok(None);
    }
    read_open(store, row, "proxy_id").map(Some)
}

/// An address with its password, from a row whose column `id` names the proxy.
fn read_open(store: &Store, row: &Row, id: &'static str) -> Result<ProxyAddress, StoreError> {
    let proxy: ProxyId = row.get(id)?;
    let password = open(store, row, Place::ProxyPassword, proxy.get(), "password_sealed")?;
    let text = password.map(|password| String::from_utf8(password.expose_secret().to_vec())).transpose();
    read_address(row, text.map_err(|source| row.unreadable("password_sealed", source))?.unwrap_or_default())
}

fn read_address(row: &Row, password: String) -> Result<ProxyAddress, StoreError> {
    let username: Option<String> = row.maybe("username")?;
    let credentials = username.map(|username| Credentials { username, password: password.into() });
    Ok(ProxyAddress {
        scheme: row.named("scheme")?,
        host: row.get("host")?,
        port: row.small("port")?,
        credentials,
    })
}

fn read_health(row: &Row) -> Result<Health, StoreError> {
    Ok(Health { status: row.named("status")?, failures: row.small("failures")? })
}

fn latency(row: &Row) -> Result<Option<Duration>, StoreError> {
    let none = row.maybe::<i64>("latency_ms")?.is_none();
    if none { Ok(None) } else { Ok(Some(Duration::from_millis(row.small("latency_ms")?))) }
}

fn row(proxy: &NewProxy) -> ProxyRow<'_> {
    let ProxyAddress { scheme, host, port, credentials } = &proxy.address;
    let name = proxy.name.as_deref().map_or_else(|| proxy.address.to_string(), |name| storable(name).into());
    let username = credentials.as_ref().map(|credentials| credentials.username.as_str());
    ProxyRow { name, scheme: *scheme, host, port: *port, username }
}

async fn log(
    tx: &Tx,
    actor: Actor,
    project: ProjectId,
    action: &str,
    subject: String,
    detail: String,
    at: Timestamp,
) -> Result<(), StoreError> {
    let action = action.to_owned();
    audit(tx, &AuditEntry { actor, project: Some(project), action, subject, detail, at }).await
}
