//! What people decide on one comment.

use domain::access::Right;
use domain::comment::Revision;
use domain::id::{CommentId, ProjectId};
use persistence::StoreError;
use persistence::review::{Decided, Rewrite};
use poem::web::Data;
use poem_openapi::param::{Header, Path};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::record::ReviewedComment;
use crate::auth::Approver;
use crate::body::Body;
use crate::etag;
use crate::gateway::Gateway;
use crate::problem::{Failure, Kind};
use crate::routes::{Found, Part, Versioned};

/// A text of a person's own.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct OwnText {
    /// What the comment is to say, without label.
    #[oai(validator(min_length = 1, max_length = 4096))]
    text: String,
}

/// An approval, which names what was read.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct CommentApproval {
    /// The revision of the text, from 1.
    #[oai(validator(minimum(value = "1")))]
    revision: u32,
    /// The revision of the post, which is 0 until it is edited.
    #[oai(validator(minimum(value = "0")))]
    post_revision: i64,
    /// Why, in the reviewer's words.
    #[oai(validator(max_length = 1000))]
    note: Option<String>,
}

/// A rejection, which names what was read.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct CommentRejection {
    /// The revision of the text, from 1.
    #[oai(validator(minimum(value = "1")))]
    revision: u32,
    /// Why, in the reviewer's words.
    #[oai(validator(max_length = 1000))]
    note: Option<String>,
}

/// That a comment is taken back.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct CommentCancellation {
    /// Why, in the words of whoever takes it back.
    #[oai(validator(max_length = 1000))]
    note: Option<String>,
}

impl Example for OwnText {
    fn example() -> Self {
        Self { text: "Which stop will you use first?".into() }
    }
}

impl Example for CommentApproval {
    fn example() -> Self {
        Self { revision: 1, post_revision: 0, note: Some("to the point".into()) }
    }
}

impl Example for CommentRejection {
    fn example() -> Self {
        Self { revision: 1, note: Some("too early to ask that".into()) }
    }
}

impl Example for CommentCancellation {
    fn example() -> Self {
        Self { note: Some("the line opens later".into()) }
    }
}

pub(crate) struct DecisionsApi;

#[OpenApi(tag = "Part::Comments")]
impl DecisionsApi {
    /// Rewrite a comment
    ///
    /// Puts a text of your own in the place of the latest draft, as a new revision that waits for approval; an approval of the
    /// old one is void. Possible until the comment is being sent.
    #[oai(
        path = "/api/v1/projects/:project_id/comments/:comment_id/draft",
        method = "put",
        operation_id = "rewriteComment"
    )]
    async fn rewrite(
        &self,
        gateway: Data<&Gateway>,
        caller: Approver,
        /// The project.
        project_id: Path<i64>,
        /// The comment.
        comment_id: Path<i64>,
        /// The revision that was read, as its `ETag` named it.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<OwnText>,
    ) -> Result<Versioned<ReviewedComment>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Review).await?.id;
        let base = match etag::seen(if_match.as_deref())? {
            Some(seen) => {
                let seen = u32::try_from(seen).map_err(|_| Failure::of(Kind::Changed, None))?;
                Some(Revision(seen))
            }
            None => None,
        };
        let (comment, by) = (CommentId(comment_id.0), caller.user());
        let rewrite = Rewrite { comment, base, text: &body.0.text, by };
        let written = gateway.store.rewrite(project, rewrite, gateway.now()).await;
        let revision = written.map_err(|error| {
            if let StoreError::NotLatest { .. } = error {
                Failure::of(Kind::Changed, error.to_string())
            } else {
                error.into()
            }
        })?;
        let record = gateway.store.comment(project, comment).await?;
        Ok(Versioned::Whole(Json(record.into()), etag::tag(revision.0.into())))
    }

    /// Approve a comment
    ///
    /// Lets a comment be sent, at the moment promised to it or now if that has passed. The approval names the revisions of the
    /// text and of the post that were read; if either is not the latest any more, or somebody decided first, nothing happens and
    /// the problem says what stands there now, or who decided and when.
    #[oai(
        path = "/api/v1/projects/:project_id/comments/:comment_id/approval",
        method = "post",
        operation_id = "approveComment"
    )]
    async fn approve(
        &self,
        gateway: Data<&Gateway>,
        caller: Approver,
        /// The project.
        project_id: Path<i64>,
        /// The comment.
        comment_id: Path<i64>,
        body: Body<CommentApproval>,
    ) -> Result<Found<ReviewedComment>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Review).await?.id;
        let CommentApproval { revision, post_revision, note } = body.0;
        let comment = CommentId(comment_id.0);
        let (revision, note, by) = (Revision(revision), note.as_deref(), caller.user());
        let decided = Decided { comment, revision, post_revision, by, note };
        gateway.store.approve(project, decided, gateway.system.seed(), gateway.now()).await?;
        read(&gateway, project, comment).await
    }

    /// Reject a comment
    ///
    /// Says that a comment is not sent, for good. It names the revision that was read.
    #[oai(
        path = "/api/v1/projects/:project_id/comments/:comment_id/rejection",
        method = "post",
        operation_id = "rejectComment"
    )]
    async fn reject(
        &self,
        gateway: Data<&Gateway>,
        caller: Approver,
        /// The project.
        project_id: Path<i64>,
        /// The comment.
        comment_id: Path<i64>,
        body: Body<CommentRejection>,
    ) -> Result<Found<ReviewedComment>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Review).await?.id;
        let (comment, revision) = (CommentId(comment_id.0), Revision(body.0.revision));
        let (note, by) = (body.0.note.as_deref(), caller.user());
        let decided = Decided { comment, revision, post_revision: 0, by, note };
        gateway.store.reject(project, decided, gateway.now()).await?;
        read(&gateway, project, comment).await
    }

    /// Cancel a comment
    ///
    /// Takes a comment back, whether it waits for a text, for a decision or for its moment. One that is being sent cannot be
    /// taken back any more.
    #[oai(
        path = "/api/v1/projects/:project_id/comments/:comment_id/cancellation",
        method = "post",
        operation_id = "cancelComment"
    )]
    async fn cancel(
        &self,
        gateway: Data<&Gateway>,
        caller: Approver,
        /// The project.
        project_id: Path<i64>,
        /// The comment.
        comment_id: Path<i64>,
        body: Body<CommentCancellation>,
    ) -> Result<Found<ReviewedComment>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Review).await?.id;
        let (comment, note) = (CommentId(comment_id.0), body.0.note.as_deref());
        gateway.store.withdraw(project, comment, caller.user(), note, gateway.now()).await?;
        read(&gateway, project, comment).await
    }

    /// Retry a comment
    ///
    /// Gives a comment that was refused or whose window closed another chance: a new window from now on, and another review
    /// of its text. The same account says it, or nobody: it is refused while the account is limited, frozen, banned or blocked in
    /// the channel. It is also refused without consent, when the post or the reader's message is gone or older than a week, and
    /// when the comment may have been written although it was refused.
    #[oai(
        path = "/api/v1/projects/:project_id/comments/:comment_id/retry",
        method = "post",
        operation_id = "retryComment"
    )]
    async fn retry(
        &self,
        gateway: Data<&Gateway>,
        caller: Approver,
        /// The project.
        project_id: Path<i64>,
        /// The comment.
        comment_id: Path<i64>,
    ) -> Result<Found<ReviewedComment>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Review).await?.id;
        let comment = CommentId(comment_id.0);
        gateway.store.reopen(project, comment, caller.user(), gateway.now()).await?;
        read(&gateway, project, comment).await
    }
}

async fn read(
    gateway: &Gateway,
    project: ProjectId,
    comment: CommentId,
) -> Result<Found<ReviewedComment>, Failure> {
    Ok(Found::Whole(Json(gateway.store.comment(project, comment).await?.into())))
}
