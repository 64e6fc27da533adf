//! What is written where, as people read and change it: each change audited, and never another project's.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

mod campaigns;
mod channels;
mod rehearsal;
mod voices;

use domain::id::ProjectId;
use domain::time::Timestamp;
use persistence::Store;
use persistence::catalogue::Editor;
use persistence::outbox::Actor;
use persistence::review::{CommentFilter, ListedComment};
use testkit::{Line, Scene, Sketch};

/// The owner of a scene at work in it.
fn editor(scene: &Scene) -> Editor {
    Editor { project: scene.project, by: Actor::User(scene.user), now: scene.now }
}

/// Two scenes in one database.
async fn neighbours(store: &Store, sketch: &Sketch) -> (Scene, Scene) {
    let here = Scene::new(store, sketch).await.unwrap();
    let there = Scene::new(store, &Sketch { number: sketch.number + 1, ..sketch.clone() }).await.unwrap();
    (here, there)
}

/// The latest entries of a project's audit log, newest first: what was done to what by a person.
async fn done(store: &Store, scene: &Scene, count: u32) -> Vec<(String, String)> {
    let entries = store.audit_entries(scene.project, count).await.unwrap();
    assert!(entries.iter().all(|entry| entry.actor == Actor::User(scene.user)), "{entries:?}");
    entries.into_iter().map(|entry| (entry.action, entry.subject)).collect()
}

/// A project's comments.
async fn comments(store: &Store, project: ProjectId) -> Vec<ListedComment> {
    store.list_comments(project, &CommentFilter::default(), None, 100).await.unwrap()
}

/// A scene with one post and its comment scheduled, and when that is due.
async fn scene_with_scheduled_comment(store: &Store) -> (Scene, Line, Timestamp) {
    let scene = Scene::new(store, &Sketch::default()).await.unwrap();
    let mut line = Line::default();
    store.record_posts(&[scene.post(0, 1, "Spring is here", scene.now)], scene.now).await.unwrap();
    line.plan(store, &scene, scene.now).await.unwrap();
    line.write(store, scene.now).await.unwrap();
    let due = comments(store, scene.project).await[0].due_at.unwrap();
    (scene, line, due)
}
