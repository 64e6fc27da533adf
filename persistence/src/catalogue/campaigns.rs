//! Campaigns: their settings, and whether they work. What they cover is `coverage`'s.

use domain::id::{CampaignId, ProjectId, VoiceId};
use domain::policy::{CampaignStatus, Mode, Policy, Preset};
use serde::Serialize;

use super::coverage::{Coverage, cover_in};
use super::{Editor, log, missing, unchanged};
use crate::error::StoreError;
use crate::row::Row;
use crate::rows::{Sql, name_of, storable};
use crate::store::{Run as _, Store, Tx};

macro_rules! campaigns {
    ($condition:literal) => {
        concat!(
            "SELECT c.id, c.name, c.status, c.mode, c.preset, c.policy, c.voice_id, c.recent, c.version,
                 (SELECT count(*) FROM campaign_channels x WHERE x.campaign_id = c.id) AS channels,
                 (SELECT count(*) FROM campaign_playlists x WHERE x.campaign_id = c.id) AS playlists,
                 (SELECT count(*) FROM campaign_accounts x WHERE x.campaign_id = c.id) AS accounts
             FROM campaigns c WHERE c.project_id = $1 AND ",
            $condition
        )
    };
}

static ONE: Sql = Sql::new(campaigns!("c.id = $2"));

static HELD: Sql = Sql::new(campaigns!("c.id = $2 {FOR UPDATE OF c}"));

static LIST: Sql =
    Sql::new(campaigns!("c.id < $2 AND ($3 = '' OR c.status = $3) ORDER BY c.id DESC LIMIT $4"));

static INSERT: Sql = Sql::new(
    "INSERT INTO campaigns (project_id, name, status, mode, preset, policy, voice_id)
     SELECT $1, $2, $3, $4, $5, $6, $7
     WHERE CAST($7 AS BIGINT) IS NULL OR EXISTS (SELECT 1 FROM voices v WHERE v.id = $7 AND v.project_id = $1)
     RETURNING id",
);

static UPDATE: Sql = Sql::new(
    "UPDATE campaigns SET name = $3, mode = $4, preset = $5, policy = $6, voice_id = $7, version = version + 1
     WHERE id = $2 AND project_id = $1
         AND (CAST($7 AS BIGINT) IS NULL OR EXISTS (SELECT 1 FROM voices v WHERE v.id = $7 AND v.project_id = $1))",
);

static DELETE: Sql = Sql::new("DELETE FROM campaigns WHERE id = $2 AND project_id = $1");

static TOUCH: Sql =
    Sql::new("UPDATE campaigns SET version = version + 1 WHERE id = $1 RETURNING version - 1 AS version");

static FIND: Sql = Sql::new("SELECT id FROM campaigns WHERE id = $2 AND project_id = $1");

/// What a campaign is, apart from what it covers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CampaignSettings {
    /// Its name, unique in the project.
    pub name: String,
    /// Whether it works.
    pub status: CampaignStatus,
    /// What it reacts to.
    pub mode: Mode,
    /// Its preset.
    pub preset: Preset,
    /// The numbers of a custom preset; they are kept while another preset counts.
    pub policy: Policy,
    /// In which voice it speaks; without one nothing is written.
    pub voice: Option<VoiceId>,
}

/// A campaign as it is listed.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedCampaign {
    /// Its row, which is also its place in the list.
    pub id: CampaignId,
    /// What it is.
    pub settings: CampaignSettings,
    /// How often it was changed.
    pub version: i64,
    /// How many channels it covers by name.
    pub channels: u32,
    /// How many playlists it covers.
    pub playlists: u32,
    /// How many accounts speak in it.
    pub accounts: u32,
    /// Its latest attempts, at most [`domain::pacing::ERROR_RATE_ATTEMPTS`].
    pub attempts: u32,
    /// How many of these Telegram refused: what pauses a campaign by itself.
    pub refused: u32,
}

/// What is to become of a campaign; `None` leaves it as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CampaignChange {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it reacts to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Its preset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<Preset>,
    /// The numbers of a custom preset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// In which voice it speaks; `Some(None)` takes it away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice: Option<Option<VoiceId>>,
}

#[derive(Serialize)]
struct Added<'a> {
    #[serde(flatten)]
    settings: &'a CampaignSettings,
    #[serde(flatten)]
    coverage: &'a Coverage,
}

impl Store {
    /// A project's campaigns, latest first, below `before`, at most `limit`, of one status or of all.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list_campaigns(
        &self,
        project: ProjectId,
        status: Option<CampaignStatus>,
        before: Option<CampaignId>,
        limit: u32,
    ) -> Result<Vec<ListedCampaign>, StoreError> {
        let values = [
            project.get().into(),
            before.map_or(i64::MAX, CampaignId::get).into(),
            status.map(name_of).unwrap_or_default().into(),
            i64::from(limit).into(),
        ];
        self.read("list campaigns").rows(&LIST, values).await?.iter().map(read_listed).collect()
    }

    /// One campaign.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such campaign.
    pub async fn campaign(
        &self,
        project: ProjectId,
        campaign: CampaignId,
    ) -> Result<ListedCampaign, StoreError> {
        let read = self.read("read a campaign");
        let missing = StoreError::NotFound { operation: read.operation(), what: "campaign" };
        read_listed(&read.row(&ONE, [project.get().into(), campaign.get().into()]).await?.ok_or(missing)?)
    }

    /// Adds a campaign with what it covers.
    ///
    /// # Errors
    /// [`StoreError::Policy`] when its numbers contradict each other, [`StoreError::Taken`] when the project has one of
    /// that name, [`StoreError::NotFound`] when the voice or something it covers is not the project's.
    pub async fn add_campaign(
        &self,
        editor: Editor,
        settings: &CampaignSettings,
        coverage: &Coverage,
    ) -> Result<CampaignId, StoreError> {
        let tx = self.begin("add a campaign").await?;
        let id = insert_in(&tx, editor.project, settings).await?;
        cover_in(&tx, editor.project, id, coverage).await?;
        let detail = Added { settings, coverage };
        log(&tx, editor, "campaign.created", format!("campaign:{id}"), &detail).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes a campaign's settings. What was planned before keeps its window; everything else counts from the next
    /// decision, and quiet hours before the next send.
    ///
    /// # Errors
    /// Those of [`Store::add_campaign`], [`StoreError::NotFound`] when the project has no such campaign, and
    /// [`StoreError::Stale`] when it is not of the version `made_on` any more.
    pub async fn change_campaign(
        &self,
        editor: Editor,
        campaign: CampaignId,
        change: &CampaignChange,
        made_on: Option<i64>,
    ) -> Result<(), StoreError> {
        let tx = self.begin("change a campaign").await?;
        let key = [editor.project.get().into(), campaign.get().into()];
        let found = read_listed(&tx.row(&HELD, key).await?.ok_or_else(|| missing(&tx, "campaign"))?)?;
        unchanged(&tx, found.version, made_on)?;
        let was = found.settings;
        let settings = CampaignSettings {
            name: change.name.clone().unwrap_or(was.name),
            status: was.status,
            mode: change.mode.unwrap_or(was.mode),
            preset: change.preset.unwrap_or(was.preset),
            policy: change.policy.unwrap_or(was.policy),
            voice: change.voice.unwrap_or(was.voice),
        };
        let values = [
            editor.project.get().into(),
            campaign.get().into(),
            storable(&settings.name).into_owned().into(),
            name_of(settings.mode).into(),
            name_of(settings.preset).into(),
            policy_text(&tx, &settings.policy)?.into(),
            settings.voice.map(VoiceId::get).into(),
        ];
        if tx.run(&UPDATE, values).await? == 0 {
            return Err(missing(&tx, "voice"));
        }
        log(&tx, editor, "campaign.updated", format!("campaign:{campaign}"), change).await?;
        tx.commit().await
    }

    /// Removes a campaign. Its comments stay; those that wait are not sent any more.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such campaign.
    pub async fn remove_campaign(&self, editor: Editor, campaign: CampaignId) -> Result<(), StoreError> {
        let tx = self.begin("remove a campaign").await?;
        if tx.run(&DELETE, [editor.project.get().into(), campaign.get().into()]).await? == 0 {
            return Err(missing(&tx, "campaign"));
        }
        log(&tx, editor, "campaign.deleted", format!("campaign:{campaign}"), &()).await?;
        tx.commit().await
    }
}

/// Inserts a campaign.
pub(crate) async fn insert_in(
    tx: &Tx,
    project: ProjectId,
    settings: &CampaignSettings,
) -> Result<CampaignId, StoreError> {
    let values = [
        project.get().into(),
        storable(&settings.name).into_owned().into(),
        name_of(settings.status).into(),
        name_of(settings.mode).into(),
        name_of(settings.preset).into(),
        policy_text(tx, &settings.policy)?.into(),
        settings.voice.map(VoiceId::get).into(),
    ];
    tx.row(&INSERT, values).await?.ok_or_else(|| missing(tx, "voice"))?.get("id")
}

/// Raises a campaign's version, if it is still of the one that a change was made on.
pub(super) async fn touch(
    tx: &Tx,
    project: ProjectId,
    campaign: CampaignId,
    made_on: Option<i64>,
) -> Result<(), StoreError> {
    let found = tx.row(&FIND, [project.get().into(), campaign.get().into()]).await?;
    let id: CampaignId = found.ok_or_else(|| missing(tx, "campaign"))?.get("id")?;
    let row = tx.row(&TOUCH, [id.get().into()]).await?.ok_or_else(|| missing(tx, "campaign"))?;
    unchanged(tx, row.get("version")?, made_on)
}

fn policy_text(tx: &Tx, policy: &Policy) -> Result<String, StoreError> {
    let operation = tx.operation();
    policy.check().map_err(|source| StoreError::Policy { operation, source })?;
    serde_json::to_string(policy).map_err(|source| StoreError::Unreadable {
        operation,
        column: "policy",
        source: source.into(),
    })
}

fn read_listed(row: &Row) -> Result<ListedCampaign, StoreError> {
    let recent: String = row.get("recent")?;
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(ListedCampaign {
        id: row.get("id")?,
        settings: CampaignSettings {
            name: row.get("name")?,
            status: row.named("status")?,
            mode: row.named("mode")?,
            preset: row.named("preset")?,
            policy: row.json("policy")?,
            voice: row.maybe("voice_id")?,
        },
        version: row.get("version")?,
        channels: row.small("channels")?,
        playlists: row.small("playlists")?,
        accounts: row.small("accounts")?,
        attempts: count(recent.len()),
        refused: count(recent.matches('x').count()),
    })
}
