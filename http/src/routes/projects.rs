//! `/api/v1/projects/{project_id}`: what a project has seen and said.

use domain::access::Right;
use domain::id::PostId;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;

use super::posts::{Post, PostPage};
use super::{Found, Part};
use crate::auth::Reader;
use crate::gateway::Gateway;
use crate::page::{self, List};
use crate::problem::Failure;

pub(crate) struct ProjectsApi;

#[OpenApi(tag = "Part::Projects")]
impl ProjectsApi {
    /// List the posts of a project
    ///
    /// Every post that was recorded in the project's channels, the newest record first. An album is one post.
    #[oai(path = "/api/v1/projects/:project_id/posts", method = "get", operation_id = "listPosts")]
    async fn posts(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// `next` of the page before; left out, the list begins with the newest.
        after: Query<Option<String>>,
        /// The most posts to return, 1 to 200.
        #[oai(default = "page::usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<PostPage>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let list = List::of("posts").by("project", Some(project));
        let after = list.position(after.as_deref())?.map(PostId);
        let posts = gateway.store.list_posts(project, after, limit.0 + 1).await?;
        let (items, next) = list.cut(posts, limit.0, |post| post.id.get());
        Ok(Found::Whole(Json(PostPage { items: items.into_iter().map(Post::from).collect(), next })))
    }
}
