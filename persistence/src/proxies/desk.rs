//! Proxies as people see and change them one by one, by their rows.

use domain::id::{ProjectId, ProxyId};
use domain::proxy::ProxyAddress;
use domain::time::Timestamp;
use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::{ListedProxy, columns, read_listed, remove};
use crate::error::StoreError;
use crate::outbox::{Actor, Deed};
use crate::rows::{Sql, storable};
use crate::store::{Run as _, Store, Tx};
use crate::vault::{Place, keep};

static PAGE: Sql = Sql::new(concat!(
    "SELECT ",
    columns!(),
    " FROM proxies p WHERE p.project_id = $1 AND p.id < $2 AND $3 IN ('', p.status) ORDER BY p.id DESC LIMIT $4"
));

static ONE: Sql =
    Sql::new(concat!("SELECT ", columns!(), " FROM proxies p WHERE p.project_id = $1 AND p.id = $2"));

static HELD: Sql = Sql::new("SELECT name FROM proxies WHERE project_id = $1 AND id = $2 {FOR UPDATE}");

static RENAME: Sql = Sql::new("UPDATE proxies SET name = $2 WHERE id = $1");

/// Whether it works there is not known yet.
static MOVE: Sql = Sql::new(
    "UPDATE proxies SET scheme = $2, host = $3, port = $4, username = $5, password_sealed = NULL, status = 'unknown',
         failures = 0, last_check_at = NULL, latency_ms = NULL, last_error = NULL
     WHERE id = $1",
);

/// What is to be different about a proxy. What is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct ProxyChange {
    /// What it is called in its project.
    pub name: Option<String>,
    /// Where it is and how it is entered.
    pub address: Option<ProxyAddress>,
}

#[derive(Serialize)]
struct Detail<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
}

impl Store {
    /// A project's proxies, latest added first, below `before`, at most `limit`, of one status or of all.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn proxies_page(
        &self,
        project: ProjectId,
        status: Option<domain::proxy::Status>,
        before: Option<ProxyId>,
        limit: u32,
    ) -> Result<Vec<ListedProxy>, StoreError> {
        let values = [
            project.get().into(),
            before.map_or(i64::MAX, ProxyId::get).into(),
            status.map_or("", domain::proxy::Status::as_str).into(),
            i64::from(limit).into(),
        ];
        self.read("list proxies").rows(&PAGE, values).await?.iter().map(read_listed).collect()
    }

    /// A proxy of a project.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such proxy.
    pub async fn proxy(&self, project: ProjectId, proxy: ProxyId) -> Result<ListedProxy, StoreError> {
        let read = self.read("read a proxy");
        let missing = StoreError::NotFound { operation: read.operation(), what: "proxy" };
        read_listed(&read.row(&ONE, [project.get().into(), proxy.get().into()]).await?.ok_or(missing)?)
    }

    /// Changes a proxy. Another address counts from the next connection through it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such proxy, [`StoreError::Taken`] when another one has the name,
    /// [`StoreError::Vault`] when the password cannot be sealed.
    pub async fn update_proxy(
        &self,
        project: ProjectId,
        proxy: ProxyId,
        change: &ProxyChange,
        by: Actor,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tx = self.begin("change a proxy").await?;
        held(&tx, project, proxy).await?;
        if let Some(name) = &change.name {
            tx.run(&RENAME, [proxy.get().into(), storable(name).into_owned().into()]).await?;
        }
        if let Some(address) = &change.address {
            move_to(&tx, proxy, address).await?;
        }
        let address = change.address.as_ref().map(ToString::to_string);
        let detail = Detail { name: change.name.as_deref(), address };
        let deed = Deed { by, project: Some(project), at: now };
        deed.note(&tx, "proxy.updated", format!("proxy:{proxy}"), &detail).await?;
        tx.commit().await
    }

    /// [`Store::delete_proxy`] for a proxy that is known by its row.
    ///
    /// # Errors
    /// Those of [`Store::delete_proxy`].
    pub async fn remove_proxy(
        &self,
        project: ProjectId,
        proxy: ProxyId,
        by: Actor,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tx = self.begin("remove a proxy").await?;
        let name = held(&tx, project, proxy).await?;
        remove(&tx, project, proxy, name, by, now).await?;
        tx.commit().await
    }
}

async fn move_to(tx: &Tx, proxy: ProxyId, address: &ProxyAddress) -> Result<(), StoreError> {
    let credentials = address.credentials.as_ref();
    let values = [
        proxy.get().into(),
        address.scheme.as_str().into(),
        address.host.clone().into(),
        i64::from(address.port).into(),
        credentials.map(|given| given.username.clone()).into(),
    ];
    tx.run(&MOVE, values).await?;
    if let Some(given) = credentials {
        let password = given.password.expose_secret().as_bytes();
        keep(tx, Place::ProxyPassword, &[(proxy.get(), password)]).await?;
    }
    Ok(())
}

/// The name of a project's proxy, which is held until the transaction ends.
pub(super) async fn held(tx: &Tx, project: ProjectId, proxy: ProxyId) -> Result<String, StoreError> {
    let missing = StoreError::NotFound { operation: tx.operation(), what: "proxy" };
    tx.row(&HELD, [project.get().into(), proxy.get().into()]).await?.ok_or(missing)?.get("name")
}
