//! A campaign as it is shown, made and changed.

use domain::id::{AccountId, ChannelId, PlaylistId, VoiceId};
use domain::pacing::{ERROR_RATE_ATTEMPTS, ERROR_RATE_LIMIT};
use domain::policy::{Policy, Preset};
use persistence::catalogue::{CampaignChange, CampaignSettings, Coverage, ListedCampaign};
use poem_openapi::types::{Example, MaybeUndefined};
use poem_openapi::{Enum, Object};

use super::policy::{CampaignPolicy, CampaignPreset};
use crate::problem::Failure;

/// Whether a campaign works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::policy::CampaignStatus", rename_all = "snake_case")]
pub(super) enum CampaignStatus {
    /// It plans and writes.
    On,
    /// It was stopped for a while, by a person or because too many of its latest attempts were refused.
    Paused,
    /// It is not in use.
    Off,
}

/// What a campaign reacts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::policy::Mode", rename_all = "snake_case")]
pub(super) enum CampaignMode {
    /// It opens the conversation under new posts, and answers readers there.
    NewPosts,
    /// It only answers readers.
    Answers,
}

/// A campaign: what is written, where, when and by whom.
#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct Campaign {
    /// Its id here.
    id: i64,
    /// Its name, unique in the project.
    name: String,
    /// Whether it works.
    status: CampaignStatus,
    /// What it reacts to.
    mode: CampaignMode,
    /// Its preset.
    preset: CampaignPreset,
    /// The numbers that count: the preset's, or its own.
    policy: CampaignPolicy,
    /// In which voice it speaks, by the voice's id here; without one nothing is written.
    #[oai(skip_serializing_if_is_none)]
    voice_id: Option<i64>,
    /// How many channels it covers by name.
    channels: u32,
    /// How many playlists it covers.
    playlists: u32,
    /// How many accounts speak in it.
    accounts: u32,
    /// How its latest attempts fared.
    recent: RecentAttempts,
}

/// How a campaign's latest attempts to send fared.
#[derive(Debug, Object)]
struct RecentAttempts {
    /// How many there were since it was last switched on, at most 100.
    attempts: u32,
    /// How many of them Telegram refused.
    refused: u32,
    /// The number of refusals at which it pauses by itself.
    pauses_at: u32,
}

/// A campaign to be made.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
pub(super) struct NewCampaign {
    /// Its name, unique in the project.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    /// Whether it works at once; it is off unless this says otherwise.
    #[oai(default)]
    on: bool,
    /// What it reacts to.
    mode: CampaignMode,
    /// Its preset.
    preset: CampaignPreset,
    /// The numbers of the preset `custom`; left out, those of `balanced`.
    policy: Option<CampaignPolicy>,
    /// In which voice it speaks, by the voice's id here.
    voice_id: Option<i64>,
    /// Where it speaks: channels, by their ids here.
    #[oai(default, validator(max_items = 500, unique_items))]
    channel_ids: Vec<i64>,
    /// Where it speaks, too: playlists, by their ids here.
    #[oai(default, validator(max_items = 100, unique_items))]
    playlist_ids: Vec<i64>,
    /// Who speaks: accounts, by their ids here. In a channel, those of them speak that are assigned to it.
    #[oai(default, validator(max_items = 500, unique_items))]
    account_ids: Vec<i64>,
}

/// What is to become of a campaign; what is left out stays.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
pub(super) struct CampaignPatch {
    /// Its name.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: Option<String>,
    /// What it reacts to.
    mode: Option<CampaignMode>,
    /// Its preset.
    preset: Option<CampaignPreset>,
    /// The numbers of the preset `custom`, all of them.
    policy: Option<CampaignPolicy>,
    /// In which voice it speaks, by the voice's id here; `null` takes it away.
    voice_id: MaybeUndefined<i64>,
}

impl NewCampaign {
    /// What is to be kept of it.
    ///
    /// # Errors
    /// 422 when its numbers contradict each other.
    pub(super) fn parts(self) -> Result<(CampaignSettings, Coverage), Failure> {
        let policy = self.policy.map(|policy| policy.checked("/policy")).transpose()?;
        let status = if self.on { CampaignStatus::On } else { CampaignStatus::Off };
        let settings = CampaignSettings {
            name: self.name,
            status: status.into(),
            mode: self.mode.into(),
            preset: self.preset.into(),
            policy: policy.unwrap_or(Policy::BALANCED),
            voice: self.voice_id.map(VoiceId),
        };
        let coverage = Coverage {
            channels: self.channel_ids.into_iter().map(ChannelId).collect(),
            playlists: self.playlist_ids.into_iter().map(PlaylistId).collect(),
            accounts: self.account_ids.into_iter().map(AccountId).collect(),
        };
        Ok((settings, coverage))
    }
}

impl CampaignPatch {
    /// What is to be changed.
    ///
    /// # Errors
    /// 422 when its numbers contradict each other.
    pub(super) fn change(self) -> Result<CampaignChange, Failure> {
        let voice = match self.voice_id {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(id) => Some(Some(VoiceId(id))),
        };
        Ok(CampaignChange {
            name: self.name,
            mode: self.mode.map(Into::into),
            preset: self.preset.map(Into::into),
            policy: self.policy.map(|policy| policy.checked("/policy")).transpose()?,
            voice,
        })
    }
}

impl From<ListedCampaign> for Campaign {
    fn from(campaign: ListedCampaign) -> Self {
        let settings = campaign.settings;
        Self {
            id: campaign.id.get(),
            name: settings.name,
            status: settings.status.into(),
            mode: settings.mode.into(),
            preset: settings.preset.into(),
            policy: Policy::of(settings.preset, settings.policy).into(),
            voice_id: settings.voice.map(VoiceId::get),
            channels: campaign.channels,
            playlists: campaign.playlists,
            accounts: campaign.accounts,
            recent: RecentAttempts {
                attempts: campaign.attempts,
                refused: campaign.refused,
                pauses_at: ERROR_RATE_ATTEMPTS * ERROR_RATE_LIMIT / 100,
            },
        }
    }
}

impl Example for Campaign {
    fn example() -> Self {
        Self {
            id: 1,
            name: "Spring timetable".into(),
            status: CampaignStatus::On,
            mode: CampaignMode::NewPosts,
            preset: CampaignPreset::Balanced,
            policy: Policy::of(Preset::Balanced, Policy::BALANCED).into(),
            voice_id: Some(1),
            channels: 2,
            playlists: 1,
            accounts: 3,
            recent: RecentAttempts { attempts: 64, refused: 1, pauses_at: 5 },
        }
    }
}

impl Example for NewCampaign {
    fn example() -> Self {
        Self {
            name: "Spring timetable".into(),
            on: false,
            mode: CampaignMode::NewPosts,
            preset: CampaignPreset::Balanced,
            policy: None,
            voice_id: Some(1),
            channel_ids: vec![3, 4],
            playlist_ids: vec![2],
            account_ids: vec![7],
        }
    }
}

impl Example for CampaignPatch {
    fn example() -> Self {
        Self {
            name: None,
            mode: None,
            preset: Some(CampaignPreset::Custom),
            policy: Some(CampaignPolicy::example()),
            voice_id: MaybeUndefined::Undefined,
        }
    }
}
