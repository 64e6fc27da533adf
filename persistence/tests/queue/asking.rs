//! A project's jobs: who sees them, and what may be asked of them.

use domain::job::{JobState, Lane, Unfit, Wish};
use persistence::StoreError;
use persistence::queue::{Failure, JobFilter};
use testkit::{Line, Scene, Sketch};

use super::*;

fn of_kind(kind: JobKind) -> JobFilter {
    JobFilter { kinds: vec![kind], ..JobFilter::default() }
}

/// A scene with two posts to be planned, and its channel's audit.
async fn scene_with_jobs(store: &Store) -> Scene {
    let scene = Scene::new(store, &Sketch::default()).await.unwrap();
    for message in 1..=2 {
        store.record_posts(&[scene.post(0, message, "Text", scene.now)], scene.now).await.unwrap();
    }
    scene
}

/// Lets every planning fail for good.
async fn fail_planning(store: &Store, scene: &Scene) {
    let line = Line::default();
    let claimed = line.claim(store, JobKind::PlanPost, scene.now).await.unwrap();
    let failure =
        |claimed: &ClaimedJob| Failure { lease: claimed.lease, error: "no".to_owned(), retry_at: None };
    let failures: Vec<_> = claimed.iter().map(failure).collect();
    store.fail(&line.node, &failures, scene.now).await.unwrap();
}

testkit::on_every_database! {
    async fn a_project_sees_its_own_jobs_by_kind_state_and_lane(db: &Database) {
        let store = db.store();
        let scene = scene_with_jobs(store).await;
        enqueue(store, &[noop(1)]).await;
        let (project, channel) = (scene.project, scene.channels[0]);
        let planning = store.list_jobs(project, &of_kind(JobKind::PlanPost), None, 10).await.unwrap();
        assert_eq!(planning.len(), 2);
        assert!(planning[0].id > planning[1].id && planning.iter().all(|job| job.state == JobState::Ready));
        assert_eq!(store.list_jobs(project, &of_kind(JobKind::Noop), None, 10).await.unwrap(), [], "it is nobody's");
        let lane = JobFilter { lane: Some(Lane::Channel(channel)), ..JobFilter::default() };
        let audits = store.list_jobs(project, &lane, None, 10).await.unwrap();
        assert_eq!(audits.iter().map(|job| job.job).collect::<Vec<_>>(), [Job::AuditChannel { channel }]);
        let done = JobFilter { states: vec![JobState::Done], ..JobFilter::default() };
        assert_eq!(store.list_jobs(project, &done, None, 10).await.unwrap(), []);
        let below = store.list_jobs(project, &JobFilter::default(), Some(planning[0].id), 1).await.unwrap();
        assert_eq!(below, planning[1..]);

        let other = Scene::new(store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        assert_eq!(store.list_jobs(other.project, &of_kind(JobKind::PlanPost), None, 10).await.unwrap(), []);
        let foreign = [
            store.job(other.project, planning[0].id).await.err(),
            store.ask_of_job(other.project, planning[0].id, Wish::Cancel, other.user, other.now).await.err(),
        ];
        assert!(foreign.iter().all(|error| matches!(error, Some(StoreError::NotFound { what: "job", .. }))));
    }

    async fn what_follows_from_a_comment_belongs_to_its_project(db: &Database) {
        let store = db.store();
        let scene = scene_with_jobs(store).await;
        let mut line = Line::default();
        line.plan(store, &scene, scene.now).await.unwrap();
        line.write(store, scene.now).await.unwrap();
        for kind in [JobKind::WriteDraft, JobKind::SendComment] {
            let listed = store.list_jobs(scene.project, &of_kind(kind), None, 10).await.unwrap();
            assert_eq!(listed.len(), 2, "{kind:?}");
        }
    }

    async fn a_failed_job_is_retried_and_a_waiting_one_cancelled(db: &Database) {
        let store = db.store();
        let scene = scene_with_jobs(store).await;
        let (project, by, now) = (scene.project, scene.user, scene.now);
        fail_planning(store, &scene).await;
        let failed = store.list_jobs(project, &of_kind(JobKind::PlanPost), None, 10).await.unwrap();
        assert_eq!((failed[0].state, failed[0].last_error.as_deref()), (JobState::Failed, Some("no")));
        let refused = store.ask_of_job(project, failed[0].id, Wish::Cancel, by, now).await;
        let expected = Unfit::State(JobState::Failed);
        assert!(matches!(refused, Err(StoreError::Job { source, .. }) if source == expected), "{refused:?}");
        let retried = store.ask_of_job(project, failed[0].id, Wish::Retry, by, now).await.unwrap();
        assert_eq!((retried.state, retried.attempt), (JobState::Ready, 0));
        let cancelled = store.ask_of_job(project, failed[0].id, Wish::Cancel, by, now).await.unwrap();
        assert_eq!((cancelled.state, cancelled.finished_at), (JobState::Cancelled, Some(now)));
        let audit = store.list_jobs(project, &of_kind(JobKind::AuditChannel), None, 1).await.unwrap()[0].id;
        let refused = store.ask_of_job(project, audit, Wish::Cancel, by, now).await;
        assert!(matches!(refused, Err(StoreError::Job { source: Unfit::Audit, .. })), "{refused:?}");
        let audited = store.audit_entries(project, 2).await.unwrap();
        assert_eq!(audited[0].action, "jobs.cancelled");
        assert_eq!(audited[1].subject, format!("job {}", failed[0].id));
    }

    async fn all_jobs_that_match_are_asked_once_they_are_counted(db: &Database) {
        let store = db.store();
        let scene = scene_with_jobs(store).await;
        let (project, by, now) = (scene.project, scene.user, scene.now);
        let (any, planning) = (JobFilter::default(), of_kind(JobKind::PlanPost));
        fail_planning(store, &scene).await;
        assert_eq!(store.count_jobs_for(project, Wish::Retry, &any).await.unwrap(), 2);
        let refused = store.ask_of_jobs(project, Wish::Retry, (&any, 1), by, now).await;
        assert!(matches!(refused, Err(StoreError::Miscounted { count: 2, .. })), "{refused:?}");
        assert_eq!(store.ask_of_jobs(project, Wish::Retry, (&any, 2), by, now).await.unwrap(), 2);
        assert_eq!(store.count_jobs_for(project, Wish::Retry, &any).await.unwrap(), 0);
        assert_eq!(store.ask_of_jobs(project, Wish::Cancel, (&planning, 2), by, now).await.unwrap(), 2);
        let audits = of_kind(JobKind::AuditChannel);
        assert_eq!(store.count_jobs_for(project, Wish::Cancel, &audits).await.unwrap(), 0, "they are no one's to cancel");
    }
}
