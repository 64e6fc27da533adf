//! One change for all comments that match a filter: first counted, then made, if they are still as many.

use domain::access::Right;
use persistence::review::{Action, Sweep};
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;

use super::selection::{CommentCount, CommentCountRequest, CommentSweep, CommentSweepReport};
use crate::auth::Approver;
use crate::body::Body;
use crate::gateway::Gateway;
use crate::moment::{instant, moment};
use crate::problem::Failure;
use crate::routes::{Found, Part};

pub(crate) struct ManyApi;

#[OpenApi(tag = "Part::Comments")]
impl ManyApi {
    /// Count the comments that a change is meant for
    ///
    /// Tells how many comments match a filter, of those that the action fits. Send the answer with the change itself.
    #[oai(
        path = "/api/v1/projects/:project_id/comments/count",
        method = "post",
        operation_id = "countComments"
    )]
    async fn count(
        &self,
        gateway: Data<&Gateway>,
        caller: Approver,
        /// The project.
        project_id: Path<i64>,
        body: Body<CommentCountRequest>,
    ) -> Result<Found<CommentCount>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Review).await?.id;
        let counted_at = moment(gateway.now());
        let CommentCountRequest { action, filter } = body.0;
        let count = gateway.store.count_for(project, action.into(), &filter.filter()).await?;
        Ok(Found::Whole(Json(CommentCount { count, counted_at })))
    }

    /// Approve all comments that match
    ///
    /// Approves the latest revision of every comment that matches the filter and waits for a decision. If they are not as many
    /// as expected any more, nothing happens and the problem says how many there are. One whose text or post changed after they
    /// were counted is left alone.
    #[oai(
        path = "/api/v1/projects/:project_id/comments/approvals",
        method = "post",
        operation_id = "approveComments"
    )]
    async fn approve(
        &self,
        gateway: Data<&Gateway>,
        caller: Approver,
        /// The project.
        project_id: Path<i64>,
        body: Body<CommentSweep>,
    ) -> Result<Found<CommentSweepReport>, Failure> {
        sweep(&gateway, &caller, project_id.0, Action::Approve, body.0).await
    }

    /// Reject all comments that match
    ///
    /// Rejects the latest revision of every comment that matches the filter and waits for a decision. If they are not as many
    /// as expected any more, nothing happens and the problem says how many there are. One whose text or post changed after they
    /// were counted is left alone.
    #[oai(
        path = "/api/v1/projects/:project_id/comments/rejections",
        method = "post",
        operation_id = "rejectComments"
    )]
    async fn reject(
        &self,
        gateway: Data<&Gateway>,
        caller: Approver,
        /// The project.
        project_id: Path<i64>,
        body: Body<CommentSweep>,
    ) -> Result<Found<CommentSweepReport>, Failure> {
        sweep(&gateway, &caller, project_id.0, Action::Reject, body.0).await
    }

    /// Cancel all comments that match
    ///
    /// Takes back every comment that matches the filter and has not left yet. If they are not as many as expected any more,
    /// nothing happens and the problem says how many there are.
    #[oai(
        path = "/api/v1/projects/:project_id/comments/cancellations",
        method = "post",
        operation_id = "cancelComments"
    )]
    async fn cancel(
        &self,
        gateway: Data<&Gateway>,
        caller: Approver,
        /// The project.
        project_id: Path<i64>,
        body: Body<CommentSweep>,
    ) -> Result<Found<CommentSweepReport>, Failure> {
        sweep(&gateway, &caller, project_id.0, Action::Cancel, body.0).await
    }

    /// Retry all comments that match
    ///
    /// Gives every comment that matches the filter and was refused or expired another chance, where the rules that
    /// `retryComment` names allow it. If they are not as many as expected any more, nothing happens and the problem says how
    /// many there are.
    #[oai(
        path = "/api/v1/projects/:project_id/comments/retries",
        method = "post",
        operation_id = "retryComments"
    )]
    async fn retry(
        &self,
        gateway: Data<&Gateway>,
        caller: Approver,
        /// The project.
        project_id: Path<i64>,
        body: Body<CommentSweep>,
    ) -> Result<Found<CommentSweepReport>, Failure> {
        sweep(&gateway, &caller, project_id.0, Action::Retry, body.0).await
    }
}

async fn sweep(
    gateway: &Gateway,
    caller: &Approver,
    project: i64,
    action: Action,
    wish: CommentSweep,
) -> Result<Found<CommentSweepReport>, Failure> {
    let project = caller.project(gateway, project, Right::Review).await?.id;
    let sweep = Sweep {
        action,
        filter: &wish.filter.filter(),
        expected: wish.expected.into(),
        counted_at: instant(wish.counted_at),
        by: caller.user(),
        note: wish.note.as_deref(),
    };
    let swept = gateway.store.sweep(project, &sweep, gateway.system.seed(), gateway.now()).await?;
    Ok(Found::Whole(Json(swept.into())))
}
