//! `/api/v1/settings`: the numbers that an administrator sets while the product runs, overall and for a project.

use domain::access::Right;
use domain::id::ProjectId;
use domain::setting::Setting;
use persistence::settings::{SetFor, SettingInForce};
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::{Example, MaybeUndefined};
use poem_openapi::{Enum, Object, OpenApi};

use crate::auth::{Administrator, Reader};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::problem::{Failure, FieldError};
use crate::routes::{Found, Part};

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::setting::Setting", rename_all = "snake_case")]
enum SettingKey {
    /// How many projects a user may own who has no number of their own.
    ProjectsPerUser,
    /// How many accounts a project may connect.
    AccountsPerProject,
    /// How many channels a project may watch.
    ChannelsPerProject,
    /// For how many days events, finished jobs and the audit log are kept.
    RecordsDays,
    /// For how many days readers' texts are kept.
    ReadersTextDays,
}

/// Who has set a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum SettingOrigin {
    /// Nobody: the product's own number, or the one that the service was configured with.
    Default,
    /// An administrator, for the whole installation.
    Installation,
    /// An administrator, for this project.
    Project,
}

/// A setting and what it is at.
#[derive(Debug, Object)]
#[oai(example)]
struct SettingValue {
    /// Which setting.
    key: SettingKey,
    /// Its number.
    value: u32,
    /// Who has set it.
    origin: SettingOrigin,
    /// The smallest number that it can have.
    minimum: u32,
    /// The greatest number that it can have.
    maximum: u32,
}

/// All settings there are.
#[derive(Debug, Object)]
#[oai(example)]
struct SettingList {
    /// The settings, in a fixed order.
    items: Vec<SettingValue>,
}

/// Numbers to be set for the whole installation; what is left out stays, and null sets a number back.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct SettingsPatch {
    /// How many projects a user may own who has no number of their own.
    projects_per_user: MaybeUndefined<u32>,
    /// How many accounts a project may connect that has no number of its own.
    accounts_per_project: MaybeUndefined<u32>,
    /// How many channels a project may watch that has no number of its own.
    channels_per_project: MaybeUndefined<u32>,
    /// For how many days events, finished jobs and the audit log are kept.
    records_days: MaybeUndefined<u32>,
    /// For how many days readers' texts are kept.
    readers_text_days: MaybeUndefined<u32>,
}

/// Numbers to be set for a project; what is left out stays, and null sets a number back to the installation's.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct ProjectSettingsPatch {
    /// How many accounts it may connect.
    accounts_per_project: MaybeUndefined<u32>,
    /// How many channels it may watch.
    channels_per_project: MaybeUndefined<u32>,
}

pub(crate) struct SettingsApi;

#[OpenApi(tag = "Part::Settings")]
impl SettingsApi {
    /// List settings
    ///
    /// The numbers of the whole installation. For administrators of the installation.
    #[oai(path = "/api/v1/settings", method = "get", operation_id = "listSettings")]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
    ) -> Result<Found<SettingList>, Failure> {
        caller.installation()?;
        Ok(Found::Whole(Json(all(&gateway, None).await?)))
    }

    /// Change settings
    ///
    /// Numbers of the whole installation, from now on. For administrators of the installation.
    #[oai(path = "/api/v1/settings", method = "patch", operation_id = "updateSettings")]
    async fn update(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        body: Body<SettingsPatch>,
    ) -> Result<Found<SettingList>, Failure> {
        caller.installation()?;
        let patch = body.0;
        let wanted = [
            (Setting::ProjectsPerUser, patch.projects_per_user),
            (Setting::AccountsPerProject, patch.accounts_per_project),
            (Setting::ChannelsPerProject, patch.channels_per_project),
            (Setting::RecordsDays, patch.records_days),
            (Setting::ReadersTextDays, patch.readers_text_days),
        ];
        gateway.store.change_settings(None, &checked(wanted)?, caller.actor(), gateway.now()).await?;
        Ok(Found::Whole(Json(all(&gateway, None).await?)))
    }

    /// List a project's settings
    ///
    /// The numbers that count for the project and can be its own.
    #[oai(
        path = "/api/v1/projects/:project_id/settings",
        method = "get",
        operation_id = "listProjectSettings"
    )]
    async fn list_of_project(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
    ) -> Result<Found<SettingList>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        Ok(Found::Whole(Json(all(&gateway, Some(project)).await?)))
    }

    /// Change a project's settings
    ///
    /// Its quotas, from now on. For administrators of the installation.
    #[oai(
        path = "/api/v1/projects/:project_id/settings",
        method = "patch",
        operation_id = "updateProjectSettings"
    )]
    async fn update_of_project(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        /// The project.
        project_id: Path<i64>,
        body: Body<ProjectSettingsPatch>,
    ) -> Result<Found<SettingList>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Own).await?.id;
        caller.installation()?;
        let wanted = [
            (Setting::AccountsPerProject, body.0.accounts_per_project),
            (Setting::ChannelsPerProject, body.0.channels_per_project),
        ];
        let changes = checked(wanted)?;
        gateway.store.change_settings(Some(project), &changes, caller.actor(), gateway.now()).await?;
        Ok(Found::Whole(Json(all(&gateway, Some(project)).await?)))
    }
}

/// What is named, as long as every number is one that its setting can have.
fn checked(
    wanted: impl IntoIterator<Item = (Setting, MaybeUndefined<u32>)>,
) -> Result<Vec<(Setting, Option<u32>)>, Failure> {
    let (mut changes, mut errors) = (Vec::new(), Vec::new());
    for (setting, value) in wanted {
        match value {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => changes.push((setting, None)),
            MaybeUndefined::Value(value) => match setting.check(value) {
                Ok(value) => changes.push((setting, Some(value))),
                Err(wrong) => {
                    let pointer = format!("/{}", setting.as_str());
                    errors.push(FieldError::at(pointer, wrong.to_string()));
                }
            },
        }
    }
    if errors.is_empty() { Ok(changes) } else { Err(Failure::invalid(errors)) }
}

async fn all(gateway: &Gateway, project: Option<ProjectId>) -> Result<SettingList, Failure> {
    let found = gateway.store.settings(project).await?;
    Ok(SettingList { items: found.into_iter().map(|found| shown(gateway, found)).collect() })
}

/// A number that nobody has set and that has no default is what the service was configured with.
fn shown(gateway: &Gateway, found: SettingInForce) -> SettingValue {
    let range = found.setting.range();
    SettingValue {
        key: found.setting.into(),
        value: found.value.unwrap_or_else(|| gateway.system.configured(found.setting)),
        origin: match found.set_for {
            SetFor::Nobody => SettingOrigin::Default,
            SetFor::Installation => SettingOrigin::Installation,
            SetFor::Project => SettingOrigin::Project,
        },
        minimum: *range.start(),
        maximum: *range.end(),
    }
}

impl Example for SettingValue {
    fn example() -> Self {
        Self {
            key: SettingKey::AccountsPerProject,
            value: 40,
            origin: SettingOrigin::Project,
            minimum: 0,
            maximum: 1_000_000,
        }
    }
}

impl Example for SettingList {
    fn example() -> Self {
        Self { items: vec![SettingValue::example()] }
    }
}

impl Example for SettingsPatch {
    fn example() -> Self {
        Self {
            projects_per_user: MaybeUndefined::Value(5),
            accounts_per_project: MaybeUndefined::Undefined,
            channels_per_project: MaybeUndefined::Undefined,
            records_days: MaybeUndefined::Value(30),
            readers_text_days: MaybeUndefined::Null,
        }
    }
}

impl Example for ProjectSettingsPatch {
    fn example() -> Self {
        Self {
            accounts_per_project: MaybeUndefined::Value(40),
            channels_per_project: MaybeUndefined::Undefined,
        }
    }
}
