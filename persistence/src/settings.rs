//! Settings: the few numbers that an administrator sets while the product runs, for the whole installation or for a project.
//!
//! The table has other rows, too: switches and marks that have methods of their own. Which keys are settings, and which numbers
//! each may have, says [`domain::setting`].

use std::collections::HashMap;

use domain::id::ProjectId;
use domain::setting::Setting;
use domain::time::Timestamp;
use serde::Serialize;

use crate::error::StoreError;
use crate::outbox::{Actor, Deed};
use crate::rows::{Sql, rows};
use crate::store::{Run, Store, Tx};

/// A project's own number stands before the installation's.
static IN_FORCE: Sql = Sql::new(
    "SELECT value FROM settings WHERE key = $2 AND coalesce(project_id, 0) IN (0, $1)
     ORDER BY coalesce(project_id, 0) DESC LIMIT 1",
);

static SET: Sql = Sql::new(
    "SELECT s.key, s.value, s.project_id FROM rows($2: key text) r CROSS JOIN settings s
     WHERE s.key = r.key AND coalesce(s.project_id, 0) IN (0, $1)",
);

static PUT: Sql = Sql::new(
    "INSERT INTO settings (project_id, key, value) VALUES ($1, $2, $3)
     ON CONFLICT (coalesce(project_id, 0), key) DO UPDATE SET value = excluded.value",
);

static RESET: Sql = Sql::new("DELETE FROM settings WHERE coalesce(project_id, 0) = $1 AND key = $2");

/// Held, so that two who come at once do not take one free place. Nothing that only refers to the project waits for it.
static HOLD: Sql = Sql::new("SELECT id FROM projects WHERE id = $1 {FOR NO KEY UPDATE}");

static ACCOUNTS: Sql =
    Sql::new("SELECT count(*) AS taken FROM accounts WHERE project_id = $1 AND status <> 'dead'");

static CHANNELS: Sql = Sql::new("SELECT count(*) AS taken FROM channels WHERE project_id = $1");

/// Who has set a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetFor {
    /// Nobody: it is the product's own, or what the process was configured with.
    Nobody,
    /// An administrator, for the whole installation.
    Installation,
    /// An administrator, for this project.
    Project,
}

/// A setting and what it is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingInForce {
    /// Which setting.
    pub setting: Setting,
    /// Its number; `None` for what the process was configured with.
    pub value: Option<u32>,
    /// Who has set it.
    pub set_for: SetFor,
}

/// What a project may have many of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Countable {
    Accounts,
    Channels,
}

#[derive(Serialize)]
struct KeyRow {
    key: Setting,
}

#[derive(Serialize)]
struct Detail {
    value: Option<u32>,
}

impl Store {
    /// The settings of the installation, or those that count for a project and can be its own.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn settings(&self, project: Option<ProjectId>) -> Result<Vec<SettingInForce>, StoreError> {
        let read = self.read("read the settings");
        let wanted: Vec<_> =
            Setting::ALL.into_iter().filter(|setting| project.is_none() || setting.per_project()).collect();
        let keys: Vec<_> = wanted.iter().map(|key| KeyRow { key: *key }).collect();
        let values = [project.map_or(0, ProjectId::get).into(), rows(read.operation(), &keys)?];
        let mut set: HashMap<Setting, (u32, SetFor)> = HashMap::new();
        for row in &read.rows(&SET, values).await? {
            let of_project = row.maybe::<ProjectId>("project_id")?.is_some();
            let set_for = if of_project { SetFor::Project } else { SetFor::Installation };
            let (setting, value) = (row.named("key")?, row.json("value")?);
            if of_project || !set.contains_key(&setting) {
                set.insert(setting, (value, set_for));
            }
        }
        let in_force = |setting: Setting| {
            let (value, set_for) = match set.get(&setting) {
                Some((value, set_for)) => (Some(*value), *set_for),
                None => (setting.default_value(), SetFor::Nobody),
            };
            SettingInForce { setting, value, set_for }
        };
        Ok(wanted.into_iter().map(in_force).collect())
    }

    /// The number of a setting for the whole installation; `None` for what the process was configured with.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn setting_value(&self, setting: Setting) -> Result<Option<u32>, StoreError> {
        in_force(&self.read("read a setting"), None, setting).await
    }

    /// Sets numbers for the installation or for a project, or with `None` sets them back. Each is one that its setting can
    /// have ([`Setting::check`]).
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such project.
    pub async fn change_settings(
        &self,
        project: Option<ProjectId>,
        changes: &[(Setting, Option<u32>)],
        by: Actor,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tx = self.begin("change settings").await?;
        if let Some(project) = project {
            hold(&tx, project).await?;
        }
        let id = project.map(ProjectId::get);
        for (setting, value) in changes {
            match value {
                Some(value) => {
                    tx.run(&PUT, [id.into(), setting.as_str().into(), value.to_string().into()]).await?
                }
                None => tx.run(&RESET, [id.unwrap_or(0).into(), setting.as_str().into()]).await?,
            };
            let deed = Deed { by, project, at: now };
            let (subject, detail) = (format!("setting:{}", setting.as_str()), Detail { value: *value });
            deed.note(&tx, "setting.updated", subject, &detail).await?;
        }
        tx.commit().await
    }
}

/// The number that counts; `None` for what the process was configured with.
pub(crate) async fn in_force(
    run: &impl Run,
    project: Option<ProjectId>,
    setting: Setting,
) -> Result<Option<u32>, StoreError> {
    let values = [project.map_or(0, ProjectId::get).into(), setting.as_str().into()];
    match run.row(&IN_FORCE, values).await? {
        Some(row) => row.json("value").map(Some),
        None => Ok(setting.default_value()),
    }
}

/// How many of these a project may have, once it has as many; `None` as long as there is room for `more`. Held until the
/// transaction ends.
pub(crate) async fn exhausted(
    tx: &Tx,
    project: ProjectId,
    what: Countable,
    more: u32,
) -> Result<Option<u32>, StoreError> {
    hold(tx, project).await?;
    let (setting, count) = match what {
        Countable::Accounts => (Setting::AccountsPerProject, &ACCOUNTS),
        Countable::Channels => (Setting::ChannelsPerProject, &CHANNELS),
    };
    let limit = in_force(tx, Some(project), setting).await?.unwrap_or(u32::MAX);
    let taken: u32 = match tx.row(count, [project.get().into()]).await? {
        Some(row) => row.small("taken")?,
        None => 0,
    };
    Ok((taken.saturating_add(more) > limit).then_some(limit))
}

async fn hold(tx: &Tx, project: ProjectId) -> Result<(), StoreError> {
    let missing = StoreError::NotFound { operation: tx.operation(), what: "project" };
    tx.row(&HOLD, [project.get().into()]).await?.ok_or(missing).map(drop)
}
