//! How a campaign behaves: its presets, and the numbers behind each.

use domain::access::Right;
use domain::policy::{Policy, Preset, QuietHours as Quiet};
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object, OpenApi};

use crate::auth::Reader;
use crate::gateway::Gateway;
use crate::problem::{Failure, FieldError};
use crate::routes::{Found, Part};

/// A named set of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::policy::Preset", rename_all = "snake_case")]
pub(super) enum CampaignPreset {
    /// Few comments, late and widely spread.
    Safe,
    /// The usual one.
    Balanced,
    /// Most posts, soon after publication.
    Boost,
    /// The campaign's own numbers.
    Custom,
}

/// When nothing is sent, in the project's time zone.
#[derive(Clone, Debug, Object)]
#[oai(deny_unknown_fields)]
struct QuietHours {
    /// The first quiet minute of the day, 0 to 1439.
    #[oai(validator(maximum(value = "1439")))]
    from: u16,
    /// The first minute that is not quiet any more, 0 to 1439; smaller than `from` across midnight, equal for no quiet
    /// hours.
    #[oai(validator(maximum(value = "1439")))]
    to: u16,
}

/// The numbers that a campaign goes by. No number loosens what an account may do, nor a wait of Telegram's.
#[derive(Clone, Debug, Object)]
#[oai(example, deny_unknown_fields)]
pub(super) struct CampaignPolicy {
    /// The share of posts that get an opener, 0 to 1.
    #[oai(validator(minimum(value = "0"), maximum(value = "1")))]
    opener_share: f64,
    /// The earliest moment after publication, in seconds.
    #[oai(validator(maximum(value = "604800")))]
    window_from_s: u32,
    /// The latest moment after publication, in seconds; greater than `window_from_s`, at most a week.
    #[oai(validator(maximum(value = "604800")))]
    window_to_s: u32,
    /// How strongly comments lean to the window's beginning: 1 is evenly, 3 puts half of them into its first eighth.
    #[oai(validator(minimum(value = "1"), maximum(value = "10")))]
    lean: f64,
    /// When nothing is sent.
    quiet: QuietHours,
    /// How many readers' messages under one post are answered.
    #[oai(validator(maximum(value = "1000")))]
    answers_per_post: u16,
    /// How many messages of one reader under one post are answered.
    #[oai(validator(maximum(value = "1000")))]
    answers_per_reader: u16,
}

/// A preset and its numbers.
#[derive(Debug, Object)]
struct PresetNumbers {
    /// The preset.
    preset: CampaignPreset,
    /// Its numbers.
    policy: CampaignPolicy,
}

/// The presets that have numbers of their own.
#[derive(Debug, Object)]
#[oai(example)]
struct Presets {
    /// The presets, the most careful first.
    items: Vec<PresetNumbers>,
}

pub(crate) struct PresetsApi;

#[OpenApi(tag = "Part::Campaigns")]
impl PresetsApi {
    /// List presets
    ///
    /// What a campaign can go by without numbers of its own.
    #[oai(path = "/api/v1/projects/:project_id/presets", method = "get", operation_id = "listPresets")]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
    ) -> Result<Found<Presets>, Failure> {
        caller.project(&gateway, project_id.0, Right::View).await?;
        Ok(Found::Whole(Json(Presets::example())))
    }
}

impl CampaignPolicy {
    /// The numbers, if they do not contradict each other; `pointer` leads to them in the body.
    pub(super) fn checked(self, pointer: &str) -> Result<Policy, Failure> {
        let policy = Policy::from(self);
        let wrong = |error: domain::policy::PolicyError| {
            Failure::invalid(vec![FieldError::at(pointer, error.to_string())])
        };
        policy.check().map_err(wrong)?;
        Ok(policy)
    }
}

impl From<CampaignPolicy> for Policy {
    fn from(policy: CampaignPolicy) -> Self {
        Self {
            opener_share: policy.opener_share,
            window_from_s: policy.window_from_s,
            window_to_s: policy.window_to_s,
            lean: policy.lean,
            quiet: Quiet { from: policy.quiet.from, to: policy.quiet.to },
            answers_per_post: policy.answers_per_post,
            answers_per_reader: policy.answers_per_reader,
        }
    }
}

impl From<Policy> for CampaignPolicy {
    fn from(policy: Policy) -> Self {
        Self {
            opener_share: policy.opener_share,
            window_from_s: policy.window_from_s,
            window_to_s: policy.window_to_s,
            lean: policy.lean,
            quiet: QuietHours { from: policy.quiet.from, to: policy.quiet.to },
            answers_per_post: policy.answers_per_post,
            answers_per_reader: policy.answers_per_reader,
        }
    }
}

impl Example for CampaignPolicy {
    fn example() -> Self {
        Policy::BALANCED.into()
    }
}

impl Example for Presets {
    fn example() -> Self {
        let numbers = |preset: Preset| PresetNumbers {
            preset: preset.into(),
            policy: Policy::of(preset, Policy::BALANCED).into(),
        };
        Self { items: [Preset::Safe, Preset::Balanced, Preset::Boost].map(numbers).into() }
    }
}
