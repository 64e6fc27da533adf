//! Voices with their templates, and the campaigns that use them.

use domain::comment::Intent;
use domain::disclosure::Label;
use domain::id::{AccountId, CampaignId, ChannelId, ProjectId, VoiceId};
use domain::policy::{Mode, Policy, Preset};

use crate::error::StoreError;
use crate::store::Store;

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
        todo!()
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
        todo!()
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
        todo!()
    }
}
