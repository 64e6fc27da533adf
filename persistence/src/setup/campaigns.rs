//! Voices with their templates, and the campaigns that use them.

use domain::comment::Intent;
use domain::disclosure::Label;
use domain::id::{AccountId, CampaignId, ChannelId, ProjectId, VoiceId};
use domain::policy::{CampaignStatus, Mode, Policy, Preset};
use serde::Serialize;

use crate::catalogue::{CampaignSettings, Coverage, cover_in, insert_in};
use crate::error::StoreError;
use crate::rows::{Sql, rows, storable};
use crate::store::{Run as _, Store, Tx};

static VOICE: Sql = Sql::new(
    "INSERT INTO voices (project_id, name, language, tone, label) VALUES ($1, $2, $3, $4, $5) RETURNING id",
);

static TEMPLATES: Sql = Sql::new(
    "INSERT INTO templates (voice_id, intent, body)
     SELECT v.id, r.intent, r.body FROM rows($1: intent text, body text) r
     JOIN voices v ON v.id = $2 AND v.project_id = $3",
);

#[derive(Serialize)]
struct TemplateRow<'a> {
    intent: Intent,
    body: std::borrow::Cow<'a, str>,
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
        let settings = CampaignSettings {
            name: campaign.name.clone(),
            status: CampaignStatus::On,
            mode: campaign.mode,
            preset: campaign.preset,
            policy: campaign.policy,
            voice: campaign.voice,
        };
        let id = insert_in(&tx, project, &settings).await?;
        let (channels, accounts) = (campaign.channels.to_vec(), campaign.accounts.to_vec());
        cover_in(&tx, project, id, &Coverage { channels, accounts, playlists: Vec::new() }).await?;
        tx.commit().await?;
        Ok(id)
    }
}

/// That as many rows were written as were asked for: a missing one names another project's row, or none.
fn all(tx: &Tx, written: u64, asked: usize, what: &'static str) -> Result<(), StoreError> {
    if usize::try_from(written) == Ok(asked) {
        Ok(())
    } else {
        Err(StoreError::NotFound { operation: tx.operation(), what })
    }
}
