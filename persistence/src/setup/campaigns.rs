//! Voices with their templates, and the campaigns that use them.

use domain::comment::Intent;
use domain::disclosure::Label;
use domain::id::{AccountId, CampaignId, ChannelId, ProjectId, VoiceId};
use domain::policy::{Mode, Policy, Preset};
use serde::Serialize;

use crate::error::StoreError;
use crate::rows::{Sql, name_of, rows, storable};
use crate::store::{Run as _, Store, Tx};

static VOICE: Sql = Sql::new(
    "INSERT INTO voices (project_id, name, language, tone, label) VALUES ($1, $2, $3, $4, $5) RETURNING id",
);

static TEMPLATES: Sql = Sql::new(
    "INSERT INTO templates (voice_id, intent, body)
     SELECT v.id, r.intent, r.body FROM rows($1: intent text, body text) r
     JOIN voices v ON v.id = $2 AND v.project_id = $3",
);

static CAMPAIGN: Sql = Sql::new(
    "INSERT INTO campaigns (project_id, name, status, mode, preset, policy, voice_id)
     SELECT $1, $2, 'on', $3, $4, $5, $6
     WHERE CAST($6 AS BIGINT) IS NULL OR EXISTS (SELECT 1 FROM voices v WHERE v.id = $6 AND v.project_id = $1)
     RETURNING id",
);

static CHANNELS: Sql = Sql::new(
    "INSERT INTO campaign_channels (campaign_id, channel_id)
     SELECT $2, ch.id FROM rows($1: id bigint) r CROSS JOIN channels ch WHERE ch.id = r.id AND ch.project_id = $3",
);

static ACCOUNTS: Sql = Sql::new(
    "INSERT INTO campaign_accounts (campaign_id, account_id)
     SELECT $2, a.id FROM rows($1: id bigint) r CROSS JOIN accounts a WHERE a.id = r.id AND a.project_id = $3",
);

#[derive(Serialize)]
struct TemplateRow<'a> {
    intent: Intent,
    body: std::borrow::Cow<'a, str>,
}

#[derive(Serialize)]
struct IdRow {
    id: i64,
}

/// How a project sounds.
#[derive(Clone, Debug)]
pub struct NewVoice {
    /// Its name, unique in the project.
    pub name: String,
    /// The language it writes, as an IETF tag.
    pub language: String,
    /// Its tone, in words.
    pub tone: String,
    /// The label under what is written in it, if it is not the account's.
    pub label: Option<Label>,
}

/// A template of a voice.
#[derive(Clone, Debug)]
pub struct NewTemplate {
    /// What it is for.
    pub intent: Intent,
    /// The spintax.
    pub body: String,
}

/// A campaign to be created, switched on.
#[derive(Clone, Debug)]
pub struct NewCampaign<'a> {
    /// Its name, unique in the project.
    pub name: String,
    /// What it reacts to.
    pub mode: Mode,
    /// Its preset.
    pub preset: Preset,
    /// The numbers of a custom preset.
    pub policy: Policy,
    /// In which voice it speaks.
    pub voice: Option<VoiceId>,
    /// Where it speaks.
    pub channels: &'a [ChannelId],
    /// Who speaks in it.
    pub accounts: &'a [AccountId],
}

impl Store {
    /// Creates a voice.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the project has one of that name.
    pub async fn create_voice(&self, project: ProjectId, voice: &NewVoice) -> Result<VoiceId, StoreError> {
        let run = self.at_once("create a voice");
        let values = [
            project.get().into(),
            storable(&voice.name).into_owned().into(),
            storable(&voice.language).into_owned().into(),
            storable(&voice.tone).into_owned().into(),
            voice.label.as_ref().map(|label| label.as_str().to_owned()).into(),
        ];
        let missing = StoreError::NotFound { operation: run.operation(), what: "voice" };
        run.row(&VOICE, values).await?.ok_or(missing)?.get("id")
    }

    /// Adds templates to a voice.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the voice is not the project's.
    pub async fn create_templates(
        &self,
        project: ProjectId,
        voice: VoiceId,
        templates: &[NewTemplate],
    ) -> Result<(), StoreError> {
        let tx = self.begin("create templates").await?;
        let new: Vec<_> = templates
            .iter()
            .map(|template| TemplateRow { intent: template.intent, body: storable(&template.body) })
            .collect();
        let values = [rows(tx.operation(), &new)?, voice.get().into(), project.get().into()];
        let created = tx.run(&TEMPLATES, values).await?;
        all(&tx, created, templates.len(), "voice")?;
        tx.commit().await
    }

    /// Creates a campaign that is on.
    ///
    /// # Errors
    /// [`StoreError::Policy`] when its numbers contradict each other, [`StoreError::Taken`] when the project has one of that
    /// name, [`StoreError::NotFound`] when a channel, an account or the voice is not the project's.
    pub async fn create_campaign(
        &self,
        project: ProjectId,
        campaign: &NewCampaign<'_>,
    ) -> Result<CampaignId, StoreError> {
        let tx = self.begin("create a campaign").await?;
        let operation = tx.operation();
        campaign.policy.check().map_err(|source| StoreError::Policy { operation, source })?;
        let policy = serde_json::to_string(&campaign.policy).map_err(|source| StoreError::Unreadable {
            operation,
            column: "policy",
            source: source.into(),
        })?;
        let values = [
            project.get().into(),
            storable(&campaign.name).into_owned().into(),
            name_of(campaign.mode).into(),
            name_of(campaign.preset).into(),
            policy.into(),
            campaign.voice.map(VoiceId::get).into(),
        ];
        let missing = StoreError::NotFound { operation, what: "voice" };
        let id: CampaignId = tx.row(&CAMPAIGN, values).await?.ok_or(missing)?.get("id")?;
        cover(&tx, &CHANNELS, project, id, campaign.channels.iter().map(|id| id.get()), "channel").await?;
        cover(&tx, &ACCOUNTS, project, id, campaign.accounts.iter().map(|id| id.get()), "account").await?;
        tx.commit().await?;
        Ok(id)
    }
}

async fn cover(
    tx: &Tx,
    sql: &Sql,
    project: ProjectId,
    campaign: CampaignId,
    ids: impl Iterator<Item = i64>,
    what: &'static str,
) -> Result<(), StoreError> {
    let ids: Vec<_> = ids.map(|id| IdRow { id }).collect();
    let values = [rows(tx.operation(), &ids)?, campaign.get().into(), project.get().into()];
    let covered = tx.run(sql, values).await?;
    all(tx, covered, ids.len(), what)
}

/// That as many rows were written as were asked for: a missing one names another project's row, or none.
fn all(tx: &Tx, written: u64, asked: usize, what: &'static str) -> Result<(), StoreError> {
    if usize::try_from(written) == Ok(asked) {
        Ok(())
    } else {
        Err(StoreError::NotFound { operation: tx.operation(), what })
    }
}
