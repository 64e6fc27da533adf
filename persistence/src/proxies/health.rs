//! How proxies fare: what is to be probed, and what came of it.

use std::collections::HashMap;
use std::time::Duration;

use domain::event::EventType;
use domain::id::{ProjectId, ProxyId};
use domain::proxy::{Health, ProxyAddress, Status};
use domain::time::Timestamp;
use serde::Serialize;

use super::{read_health, read_open};
use crate::error::StoreError;
use crate::outbox::{NewEvent, Subject};
use crate::row::Row;
use crate::rows::{Sql, rows, storable};
use crate::store::{Run as _, Store};

/// Project 0 stands for all of them.
static TO_PROBE: Sql = Sql::new(
    "SELECT id, name, scheme, host, port, username, password_sealed, status, failures, last_check_at FROM proxies
     WHERE $1 IN (0, project_id) ORDER BY id",
);

static HEALTH: Sql = Sql::new(
    "SELECT p.id, p.project_id, p.status, p.failures FROM rows($1: id bigint) r CROSS JOIN proxies p WHERE p.id = r.id
     ORDER BY p.id {FOR UPDATE OF p}",
);

static RECORD: Sql = Sql::new(
    "UPDATE proxies SET status = r.status, failures = r.failures, latency_ms = r.latency_ms, last_error = r.last_error,
         last_check_at = $2
     FROM rows($1: id bigint, status text, failures bigint, latency_ms bigint, last_error text) r
     WHERE proxies.id = r.id",
);

/// A proxy with all that is needed to pass through it.
#[derive(Clone, Debug)]
pub struct ProxyToProbe {
    /// Its row.
    pub id: ProxyId,
    /// What it is called in its project.
    pub name: String,
    /// Where it is and how it is entered.
    pub address: ProxyAddress,
    /// How it is known to be.
    pub health: Health,
    /// When it was last looked at.
    pub last_check_at: Option<Timestamp>,
}

/// What came of a look at a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    /// Which proxy.
    pub proxy: ProxyId,
    /// How long Telegram's answer behind it took, or why there was none.
    pub answer: Result<Duration, String>,
}

#[derive(Serialize)]
struct IdRow {
    id: ProxyId,
}

#[derive(Serialize)]
struct HealthRow<'a> {
    id: ProxyId,
    status: Status,
    failures: u32,
    latency_ms: Option<u64>,
    last_error: Option<std::borrow::Cow<'a, str>>,
}

impl Store {
    /// The proxies of a project, or of all, with their passwords.
    ///
    /// # Errors
    /// [`StoreError::Vault`] when a password does not open.
    pub async fn proxies_to_probe(
        &self,
        project: Option<ProjectId>,
    ) -> Result<Vec<ProxyToProbe>, StoreError> {
        let read = self.read("read the proxies to probe");
        let to_probe = |row: &Row| {
            Ok(ProxyToProbe {
                id: row.get("id")?,
                name: row.get("name")?,
                address: read_open(self, row, "id")?,
                health: read_health(row)?,
                last_check_at: row.maybe("last_check_at")?,
            })
        };
        let project = project.map_or(0, ProjectId::get);
        read.rows(&TO_PROBE, [project.into()]).await?.iter().map(to_probe).collect()
    }

    /// Keeps what came of looks at proxies, and tells once of those that went down or came back; returns how each is now. Those
    /// that were removed meanwhile are left out.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn record_probes(
        &self,
        probed: &[Probed],
        now: Timestamp,
    ) -> Result<HashMap<ProxyId, Health>, StoreError> {
        let mut tx = self.begin("record how proxies are").await?;
        let ids: Vec<_> = probed.iter().map(|probed| IdRow { id: probed.proxy }).collect();
        let (mut health, mut projects) = (HashMap::new(), HashMap::new());
        for row in &tx.rows(&HEALTH, [rows(tx.operation(), &ids)?]).await? {
            let proxy: ProxyId = row.get("id")?;
            health.insert(proxy, read_health(row)?);
            projects.insert(proxy, row.get::<ProjectId>("project_id")?);
        }
        let mut changed = Vec::with_capacity(probed.len());
        for Probed { proxy, answer } in probed {
            let Some(health) = health.get_mut(proxy) else { continue };
            let before = std::mem::replace(health, health.after(answer.is_ok())).status;
            let kind = match (before, health.status) {
                (Status::Unknown | Status::Up, Status::Down) => Some(EventType::ProxyDown),
                (Status::Down, Status::Up) => Some(EventType::ProxyUp),
                _ => None,
            };
            if let Some(kind) = kind {
                let subject = Subject { proxy: Some(*proxy), ..Subject::default() };
                tx.tell(NewEvent { project: projects.get(proxy).copied(), kind, subject, at: now });
            }
            let latency = answer.as_ref().ok().map(Duration::as_millis);
            changed.push(HealthRow {
                id: *proxy,
                status: health.status,
                failures: health.failures,
                latency_ms: latency.map(|millis| u64::try_from(millis).unwrap_or(u64::MAX)),
                last_error: answer.as_ref().err().map(|error| storable(error)),
            });
        }
        tx.run(&RECORD, [rows(tx.operation(), &changed)?, now.micros().into()]).await?;
        tx.commit().await?;
        Ok(health)
    }
}
