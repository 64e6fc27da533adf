//! `/api/v1/projects`: the projects that somebody may see, and what an owner does to one.

use chrono::{DateTime, Utc};
use domain::access::Right;
use domain::id::{ProjectId, UserId};
use domain::time::Timestamp;
use persistence::people::{Project as Row, ProjectChange};
use persistence::setup::{NewProject, Role};
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};

use super::{label, trimmed, zone};
use crate::auth::{Administrator, Reader, Writer};
use crate::body::Body;
use crate::etag;
use crate::gateway::Gateway;
use crate::moment::moment;
use crate::page::{List, usual};
use crate::problem::{Failure, FieldError};
use crate::routes::accounts::refused;
use crate::routes::catalogue::page;
use crate::routes::{Found, Gone, Part, Versioned};

/// Whether a project works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::policy::ProjectStatus", rename_all = "snake_case")]
enum ProjectStatus {
    /// It works.
    Active,
    /// Nothing is planned or sent.
    Paused,
    /// It is only kept.
    Archived,
}

/// Who approves drafts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::policy::Approval", rename_all = "snake_case")]
enum ApprovalMode {
    /// A person, each draft.
    Manual,
    /// A rule: drafts without remarks are approved.
    ByRule,
}

/// What somebody is in a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::access::ProjectRole", rename_all = "snake_case")]
pub(super) enum ProjectRole {
    /// Sees everything.
    Viewer,
    /// Decides about drafts as well.
    Reviewer,
    /// Changes what is written where, by whom and how, as well.
    Editor,
    /// Decides about members and the project itself as well; there is exactly one.
    Owner,
}

/// A project, as whoever asks sees it.
#[derive(Debug, Object)]
#[oai(example)]
struct Project {
    /// Its id.
    id: i64,
    /// The user who owns it.
    owner_id: i64,
    /// Its name, unique for its owner.
    name: String,
    /// Whether it works.
    status: ProjectStatus,
    /// The time zone of its days and quiet hours, by its IANA name.
    timezone: String,
    /// Who approves its drafts.
    approval: ApprovalMode,
    /// The label of accounts and voices that have none of their own.
    label: String,
    /// What whoever asks is in it; missing for an administrator who is no member.
    #[oai(skip_serializing_if_is_none)]
    role: Option<ProjectRole>,
    /// Since when there is one.
    created_at: DateTime<Utc>,
}

page! {
    /// Some projects, the latest first.
    ProjectPage of Project
}

/// A project to be made.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct NewProjectRequest {
    /// Its name, unique for its owner.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    /// The time zone of its days and quiet hours, by its IANA name.
    #[oai(validator(min_length = 1, max_length = 64))]
    timezone: String,
    /// Who approves its drafts.
    approval: ApprovalMode,
    /// The label of accounts and voices that have none of their own: who speaks, in one line.
    #[oai(validator(min_length = 1, max_length = 200))]
    label: String,
    /// Who is to own it, if not you; for administrators of the installation.
    #[oai(validator(minimum(value = "1")))]
    owner_id: Option<i64>,
}

/// What is to be different about a project; what is left out stays.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct ProjectPatch {
    /// Its name, unique for its owner.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: Option<String>,
    /// Whether it works; a pause takes effect before the next send.
    status: Option<ProjectStatus>,
    /// The time zone of its days and quiet hours, by its IANA name.
    #[oai(validator(min_length = 1, max_length = 64))]
    timezone: Option<String>,
    /// Who approves its drafts.
    approval: Option<ApprovalMode>,
    /// The label of accounts and voices that come later and have none of their own.
    #[oai(validator(min_length = 1, max_length = 200))]
    label: Option<String>,
}

#[derive(ApiResponse)]
enum MadeProject {
    /// The project.
    #[oai(status = 201)]
    Whole(
        Json<Project>,
        /// Where it is from now on.
        #[oai(header = "Location")]
        String,
        /// Its version, to be sent back as `If-Match` by whoever changes it.
        #[oai(header = "ETag")]
        String,
    ),
}

pub(crate) struct ProjectsApi;

#[OpenApi(tag = "Part::Projects")]
impl ProjectsApi {
    /// List projects
    ///
    /// Those that you are a member of, and for an administrator of the installation all there are; the latest first. A token
    /// of a single project shows that one.
    #[oai(path = "/api/v1/projects", method = "get", operation_id = "listProjects")]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// `next` of the page before; left out, the list begins with the latest.
        after: Query<Option<String>>,
        /// The most projects to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<ProjectPage>, Failure> {
        let (user, all) = (caller.user(), caller.grant().role == Role::Admin);
        let only = caller.grant().project;
        let list = List::of("projects").by("user", Some(user)).by("only", only);
        let before = list.position::<i64>(after.as_deref())?.map(ProjectId);
        let found = match only {
            Some(only) if before.is_none() => {
                let only = caller.project(&gateway, only.get(), Right::View).await?.id;
                vec![gateway.store.project(user, only).await?]
            }
            Some(_) => Vec::new(),
            None => gateway.store.list_projects(user, all, before, limit.0 + 1).await?,
        };
        let (items, next) = list.cut(found, limit.0, |project| project.id.get());
        Ok(Found::Whole(Json(ProjectPage { items: items.into_iter().map(Project::from).collect(), next })))
    }

    /// Create a project
    ///
    /// An active one, which you own. How many one may own is a quota.
    #[oai(path = "/api/v1/projects", method = "post", operation_id = "createProject")]
    async fn create(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        body: Body<NewProjectRequest>,
    ) -> Result<MadeProject, Failure> {
        if caller.grant().project.is_some() {
            return Err(Failure::forbidden("the token is good for one project only"));
        }
        let owner = body.0.owner_id.map_or(caller.user(), UserId);
        if owner != caller.user() {
            caller.installation()?;
        }
        let new = NewProject {
            owner,
            name: trimmed("/name", &body.0.name)?,
            zone: zone(&body.0.timezone)?,
            approval: body.0.approval.into(),
            label: label(&body.0.label)?,
        };
        let project = gateway.store.add_project(&new, caller.actor(), gateway.now()).await?;
        let (place, tag) = (format!("/api/v1/projects/{}", project.id), etag::tag(project.version));
        Ok(MadeProject::Whole(Json(project.into()), place, tag))
    }

    /// Get a project
    ///
    /// One project, and what you are in it.
    #[oai(path = "/api/v1/projects/:project_id", method = "get", operation_id = "getProject")]
    async fn get(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
    ) -> Result<Versioned<Project>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        Ok(versioned(gateway.store.project(caller.user(), project).await?))
    }

    /// Change a project
    ///
    /// Its name, its time zone, its label, who approves and whether it works.
    #[oai(path = "/api/v1/projects/:project_id", method = "patch", operation_id = "updateProject")]
    async fn update(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        /// The project.
        project_id: Path<i64>,
        /// The version that was read.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<ProjectPatch>,
    ) -> Result<Versioned<Project>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Own).await?.id;
        let seen = etag::seen(if_match.as_deref())?;
        let patch = body.0;
        let change = ProjectChange {
            name: patch.name.map(|name| trimmed("/name", &name)).transpose()?,
            status: patch.status.map(Into::into),
            zone: patch.timezone.map(|name| zone(&name)).transpose()?,
            approval: patch.approval.map(Into::into),
            label: patch.label.map(|text| label(&text)).transpose()?,
        };
        let now = gateway.now();
        Ok(versioned(gateway.store.update_project(project, seen, &change, caller.user(), now).await?))
    }

    /// Delete a project
    ///
    /// Confirmed by repeating its name. From this moment it is gone for everybody, its accounts' sessions and phone numbers are
    /// forgotten and all its work ends; everything else that it has is removed within minutes. Nothing brings it back.
    #[oai(path = "/api/v1/projects/:project_id", method = "delete", operation_id = "deleteProject")]
    async fn delete(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        /// The project.
        project_id: Path<i64>,
        /// The project's name, letter by letter.
        #[oai(example = "example_name", validator(min_length = 1, max_length = 100))]
        confirm: Query<String>,
    ) -> Result<Gone, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Own).await?.id;
        match gateway.system.delete_project(project, &confirm, caller.user()).await {
            Ok(()) => Ok(Gone::Done),
            Err(actors::ActorError::Store(persistence::StoreError::NotConfirmed { .. })) => {
                let error =
                    FieldError { pointer: "confirm".into(), detail: "it is not the project's name".into() };
                Err(Failure::invalid(vec![error]))
            }
            Err(error) => Err(refused(error)),
        }
    }
}

fn example_name() -> String {
    "trams".to_owned()
}

fn versioned(project: Row) -> Versioned<Project> {
    let tag = etag::tag(project.version);
    Versioned::Whole(Json(project.into()), tag)
}

impl From<Row> for Project {
    fn from(project: Row) -> Self {
        Self {
            id: project.id.get(),
            owner_id: project.owner.get(),
            name: project.name,
            status: project.status.into(),
            timezone: project.zone.name().to_owned(),
            approval: project.approval.into(),
            label: project.label.as_str().to_owned(),
            role: project.role.map(Into::into),
            created_at: moment(project.created_at),
        }
    }
}

impl Example for Project {
    fn example() -> Self {
        Self {
            id: 1,
            owner_id: 3,
            name: "Tram news".into(),
            status: ProjectStatus::Active,
            timezone: "Europe/Moscow".into(),
            approval: ApprovalMode::Manual,
            label: "from the editors' assistant".into(),
            role: Some(ProjectRole::Owner),
            created_at: moment(Timestamp::from_secs(1_772_442_000)),
        }
    }
}

impl Example for NewProjectRequest {
    fn example() -> Self {
        Self {
            name: "Tram news".into(),
            timezone: "Europe/Moscow".into(),
            approval: ApprovalMode::Manual,
            label: "from the editors' assistant".into(),
            owner_id: None,
        }
    }
}

impl Example for ProjectPatch {
    fn example() -> Self {
        Self { name: None, status: Some(ProjectStatus::Paused), timezone: None, approval: None, label: None }
    }
}
