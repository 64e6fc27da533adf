//! The Store's promises, use case by use case, each held against SQLite and PostgreSQL.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

mod access;
mod accounts;
mod consents;
mod deciding;
mod deletion;
mod errands;
mod health;
mod labels;
mod life;
mod nodes;
mod opening;
mod peers;
mod people;
mod proxies;
mod reading;
mod reviewing;
mod rounds;
mod schema;
mod sending;
mod settings;
mod starting;
mod vault;
mod watching;
mod webhooks;

use domain::id::ProjectId;
use domain::policy::Approval;
use domain::time::Timestamp;
use persistence::Store;
use persistence::review::{CommentFilter, ListedComment};
use testkit::{Line, Scene, Sketch};

/// A project's only comment.
async fn only_comment(store: &Store, project: ProjectId) -> ListedComment {
    let comments = store.list_comments(project, &CommentFilter::default(), None, 10).await.unwrap();
    assert_eq!(comments.len(), 1, "one comment is expected: {comments:?}");
    comments.into_iter().next().unwrap()
}

/// A scene with one post and its comment scheduled, and when that is due.
async fn scene_with_scheduled_comment(store: &Store, sketch: &Sketch) -> (Scene, Line, Timestamp) {
    let (scene, line) = scene_with_draft(store, sketch).await;
    let due = only_comment(store, scene.project).await.due_at.unwrap();
    (scene, line, due)
}

/// A scene whose only comment waits for a person.
async fn manual(store: &Store) -> (Scene, Line, Timestamp) {
    let sketch = Sketch { approval: Approval::Manual, ..Sketch::default() };
    let (scene, line) = scene_with_draft(store, &sketch).await;
    let now = scene.now;
    (scene, line, now)
}

async fn scene_with_draft(store: &Store, sketch: &Sketch) -> (Scene, Line) {
    let scene = Scene::new(store, sketch).await.unwrap();
    let mut line = Line::default();
    store.record_posts(&[scene.post(0, 1, "Spring is here", scene.now)], scene.now).await.unwrap();
    line.plan(store, &scene, scene.now).await.unwrap();
    line.write(store, scene.now).await.unwrap();
    (scene, line)
}
