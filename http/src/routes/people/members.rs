//! `/api/v1/projects/{project_id}/members`: who is what in a project.

use domain::access::Right;
use domain::id::UserId;
use persistence::people::{Member as Row, Who};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object, OpenApi};

use super::projects::ProjectRole;
use crate::auth::{Administrator, Reader};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::page::{List, usual};
use crate::problem::{Failure, FieldError};
use crate::routes::catalogue::page;
use crate::routes::{Found, Gone, Made, Part};

/// What somebody can be in a project who does not own it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum GivenRole {
    /// Sees everything.
    Viewer,
    /// Decides about drafts as well.
    Reviewer,
    /// Changes what is written where, by whom and how, as well.
    Editor,
}

/// A member of a project.
#[derive(Debug, Object)]
#[oai(example)]
struct Member {
    /// Who it is, by their id.
    user_id: i64,
    /// Their Telegram username, without `@`.
    #[oai(skip_serializing_if_is_none)]
    username: Option<String>,
    /// Their name as others see it.
    display_name: String,
    /// What they are in the project.
    role: ProjectRole,
}

page! {
    /// Some members, in the order of their users' ids.
    MemberPage of Member
}

/// Somebody to be taken into a project: by their id or by their username.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct NewMember {
    /// Who it is, by their id.
    #[oai(validator(minimum(value = "1")))]
    user_id: Option<i64>,
    /// Who it is, by their Telegram username, with or without `@`.
    #[oai(validator(min_length = 1, max_length = 65))]
    username: Option<String>,
    /// What they are to be.
    role: GivenRole,
}

/// What a member is to be.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct MemberPatch {
    /// Made the owner, they own the project from now on, and whoever did becomes an editor.
    role: ProjectRole,
}

pub(crate) struct MembersApi;

#[OpenApi(tag = "Part::Projects")]
impl MembersApi {
    /// List members
    ///
    /// Everybody who belongs to the project, in the order of their ids.
    #[oai(path = "/api/v1/projects/:project_id/members", method = "get", operation_id = "listMembers")]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// `next` of the page before; left out, the list begins with the first.
        after: Query<Option<String>>,
        /// The most members to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<MemberPage>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let list = List::of("members").by("project", Some(project));
        let behind = list.position::<i64>(after.as_deref())?.map(UserId);
        let found = gateway.store.list_members(project, behind, limit.0 + 1).await?;
        let (items, next) = list.cut(found, limit.0, |member| member.user.get());
        Ok(Found::Whole(Json(MemberPage { items: items.into_iter().map(Member::from).collect(), next })))
    }

    /// Add a member
    ///
    /// Takes a user of the installation into the project.
    #[oai(path = "/api/v1/projects/:project_id/members", method = "post", operation_id = "addMember")]
    async fn add(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        /// The project.
        project_id: Path<i64>,
        body: Body<NewMember>,
    ) -> Result<Made<Member>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Own).await?.id;
        let NewMember { user_id, username, role } = body.0;
        let who = match (user_id, &username) {
            (Some(id), None) => Who::User(UserId(id)),
            (None, Some(name)) => Who::Named(name.strip_prefix('@').unwrap_or(name)),
            (Some(_), Some(_)) | (None, None) => {
                let detail = "name one of user_id and username";
                return Err(Failure::invalid(vec![FieldError::at("/user_id", detail)]));
            }
        };
        let now = gateway.now();
        let member = gateway.store.add_member(project, who, role.into(), caller.user(), now).await?;
        let place = format!("/api/v1/projects/{project}/members/{}", member.user);
        Ok(Made::Whole(Json(member.into()), place))
    }

    /// Get a member
    ///
    /// What somebody is in the project.
    #[oai(path = "/api/v1/projects/:project_id/members/:user_id", method = "get", operation_id = "getMember")]
    async fn get(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The member, by their user's id.
        user_id: Path<i64>,
    ) -> Result<Found<Member>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        Ok(Found::Whole(Json(gateway.store.member(project, UserId(user_id.0)).await?.into())))
    }

    /// Change a member's role
    ///
    /// Counts with their next request. A project has exactly one owner; made the owner, a member takes it over.
    #[oai(
        path = "/api/v1/projects/:project_id/members/:user_id",
        method = "patch",
        operation_id = "updateMember"
    )]
    async fn update(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        /// The project.
        project_id: Path<i64>,
        /// The member, by their user's id.
        user_id: Path<i64>,
        body: Body<MemberPatch>,
    ) -> Result<Found<Member>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Own).await?.id;
        let (user, role, now) = (UserId(user_id.0), body.0.role.into(), gateway.now());
        let member = gateway.store.change_member(project, user, role, caller.user(), now).await?;
        Ok(Found::Whole(Json(member.into())))
    }

    /// Remove a member
    ///
    /// They see nothing of the project any more. Its owner cannot be removed.
    #[oai(
        path = "/api/v1/projects/:project_id/members/:user_id",
        method = "delete",
        operation_id = "removeMember"
    )]
    async fn remove(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        /// The project.
        project_id: Path<i64>,
        /// The member, by their user's id.
        user_id: Path<i64>,
    ) -> Result<Gone, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Own).await?.id;
        gateway.store.remove_member(project, UserId(user_id.0), caller.user(), gateway.now()).await?;
        Ok(Gone::Done)
    }
}

impl From<GivenRole> for domain::access::ProjectRole {
    fn from(role: GivenRole) -> Self {
        match role {
            GivenRole::Viewer => Self::Viewer,
            GivenRole::Reviewer => Self::Reviewer,
            GivenRole::Editor => Self::Editor,
        }
    }
}

impl From<Row> for Member {
    fn from(member: Row) -> Self {
        Self {
            user_id: member.user.get(),
            username: member.username,
            display_name: member.display_name,
            role: member.role.into(),
        }
    }
}

impl Example for Member {
    fn example() -> Self {
        Self {
            user_id: 3,
            username: Some("ann".into()),
            display_name: "Ann".into(),
            role: ProjectRole::Reviewer,
        }
    }
}

impl Example for NewMember {
    fn example() -> Self {
        Self { user_id: None, username: Some("ann".into()), role: GivenRole::Reviewer }
    }
}

impl Example for MemberPatch {
    fn example() -> Self {
        Self { role: ProjectRole::Editor }
    }
}
