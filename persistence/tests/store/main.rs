//! The Store's promises, use case by use case, each held against SQLite and PostgreSQL.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

mod life;

use domain::comment::StateName;
use domain::id::{CommentId, ProjectId};
use persistence::Store;
use persistence::listing::ListedComment;

/// A project's only comment.
async fn only_comment(store: &Store, project: ProjectId) -> ListedComment {
    let comments = store.list_comments(project, None, None, 10).await.unwrap();
    assert_eq!(comments.len(), 1, "one comment is expected: {comments:?}");
    comments.into_iter().next().unwrap()
}

/// The state a comment is in.
async fn state(store: &Store, project: ProjectId, comment: CommentId) -> StateName {
    let comments = store.list_comments(project, None, Some(CommentId(comment.0 + 1)), 1).await.unwrap();
    comments.into_iter().find(|listed| listed.id == comment).map(|listed| listed.state).unwrap()
}
