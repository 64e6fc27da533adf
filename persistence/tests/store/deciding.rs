//! Plans, drafts and what people decide on them.

use domain::comment::{Revision, SkipReason, StateName};
use domain::id::{CommentId, UserId};
use domain::job::JobKind;
use domain::planning::Decision;
use domain::policy::Approval;
use domain::seed::Seed;
use persistence::StoreError;
use persistence::drafting::{DraftAuthor, DraftOutcome, DraftResult};
use persistence::planning::{PlanOutcome, PlanSubject};
use persistence::review::{CommentFilter, Decided, Rewrite};
use testkit::{Line, Scene, Sketch};

use super::{manual, only_comment};

const SEED: Seed = Seed(3);

/// A decision on the first draft under the post as it was first seen.
fn first(comment: CommentId, by: UserId) -> Decided<'static> {
    Decided { comment, revision: Revision(1), post_revision: 0, by, note: None }
}

fn own_words(comment: CommentId, by: UserId) -> Rewrite<'static> {
    Rewrite { comment, base: Some(Revision(1)), text: "My own words", by }
}

testkit::on_every_database! {
    async fn a_plan_on_a_lost_lease_writes_nothing(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let mut line = Line::default();
        store.record_posts(&[scene.post(0, 1, "Text", scene.now)], scene.now).await.unwrap();
        let claimed = line.claim(store, JobKind::PlanPost, scene.now).await.unwrap();
        let outcomes = line.decide(store, &scene, &claimed, scene.now).await.unwrap();
        let planned = store.apply_plans("another node", scene.project, &outcomes, scene.now).await.unwrap();
        assert_eq!(planned, [None]);
        assert!(store.list_comments(scene.project, &CommentFilter::default(), None, 10).await.unwrap().is_empty());
        let planned = store.apply_plans(&line.node, scene.project, &outcomes, scene.now).await.unwrap();
        assert!(planned[0].is_some());
        let again = store.apply_plans(&line.node, scene.project, &outcomes, scene.now).await.unwrap();
        assert_eq!(again, [None], "a finished job is not finished twice");
    }

    async fn a_post_gets_one_opener_however_often_it_is_planned(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let mut line = Line::default();
        let recorded = store.record_posts(&[scene.post(0, 1, "Text", scene.now)], scene.now).await.unwrap();
        line.plan(store, &scene, scene.now).await.unwrap();
        let job = domain::job::Job::PlanPost { project: scene.project, post: recorded[0].new[0] };
        store.enqueue(&[persistence::queue::NewJob::at(job, scene.now)]).await.unwrap();
        assert_eq!(line.plan(store, &scene, scene.now).await.unwrap(), []);
        assert_eq!(store.list_comments(scene.project, &CommentFilter::default(), None, 10).await.unwrap().len(), 1);
    }

    async fn a_skip_is_a_row_with_its_reason(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let mut line = Line::default();
        store.record_posts(&[scene.post(0, 1, "", scene.now)], scene.now).await.unwrap();
        line.plan(store, &scene, scene.now).await.unwrap();
        let comment = only_comment(store, scene.project).await;
        assert_eq!((comment.state, comment.reason), (StateName::Skipped, Some(SkipReason::NothingToSay)));
        let counts = store.comment_counts(scene.project).await.unwrap();
        assert_eq!((counts.len(), counts[0].reason, counts[0].count), (1, Some(SkipReason::NothingToSay), 1));
    }

    async fn planning_sees_no_other_project(db: &Database) {
        let store = db.store();
        let ours = Scene::new(store, &Sketch::default()).await.unwrap();
        let theirs = Scene::new(store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        let line = Line::default();
        let recorded = store.record_posts(&[theirs.post(0, 1, "Text", theirs.now)], theirs.now).await.unwrap();
        let post = recorded[0].new[0];
        let snapshot = store.planning_snapshot(ours.project, &[post], &[], ours.now).await.unwrap();
        assert!(snapshot.posts.is_empty() && snapshot.desk.accounts.is_empty() && snapshot.desk.campaigns.is_empty());

        let claimed = line.claim(store, JobKind::PlanPost, ours.now).await.unwrap();
        let decision = Decision::Skip(SkipReason::NotChosen);
        let outcome = PlanOutcome { lease: claimed[0].lease, subject: PlanSubject::Opener(post), decision };
        assert_eq!(store.apply_plans(&line.node, ours.project, &[outcome], ours.now).await.unwrap(), [None]);
        assert!(store.list_comments(theirs.project, &CommentFilter::default(), None, 10).await.unwrap().is_empty());
        assert!(store.list_posts(ours.project, None, 10).await.unwrap().is_empty());
    }

    async fn an_account_that_is_blocked_in_a_channel_does_not_speak_there(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let (account, channel, now) = (scene.accounts[0], scene.channels[0], scene.now);
        let until = now + std::time::Duration::from_secs(60);
        assert_eq!(store.block_account(account, channel, "CHAT_RESTRICTED", Some(until), now).await.unwrap(), 1);
        let recorded = store.record_posts(&[scene.post(0, 1, "Text", now)], now).await.unwrap();
        let posts = [recorded[0].new[0]];
        let blocked = store.planning_snapshot(scene.project, &posts, &[], now).await.unwrap();
        assert_eq!(blocked.desk.campaigns.len(), 1, "the campaign still covers the channel");
        assert!(blocked.desk.campaigns[0].speakers[&channel].is_empty());
        let later = store.planning_snapshot(scene.project, &posts, &[], until).await.unwrap();
        assert_eq!(later.desk.campaigns[0].speakers[&channel], [account]);
    }

    async fn a_manual_draft_waits_for_a_person_and_leaves_only_as_approved(db: &Database) {
        let store = db.store();
        let (scene, mut line, now) = manual(store).await;
        let comment = only_comment(store, scene.project).await;
        assert_eq!(comment.state, StateName::Drafted);
        assert_eq!(line.send(store, now).await.unwrap().len(), 0);
        let revision = store.rewrite(scene.project, own_words(comment.id, scene.user), now).await.unwrap();
        assert_eq!(revision, Revision(2));
        let decided = first(comment.id, scene.user);
        let refused = store.approve(scene.project, decided, SEED, now).await;
        let latest = matches!(refused, Err(StoreError::NotLatest { latest: Revision(2), .. }));
        assert!(latest, "an approval is for the text that was read: {refused:?}");
        let decided = Decided { revision, note: Some("good"), ..decided };
        assert_eq!(store.approve(scene.project, decided, SEED, now).await.unwrap(), StateName::Scheduled);
        let due = only_comment(store, scene.project).await.due_at.unwrap();
        let tickets = line.send(store, due).await.unwrap();
        assert!(tickets[0].signed.as_str().starts_with("My own words\n\n"));
    }

    async fn a_rejected_draft_is_never_sent(db: &Database) {
        let store = db.store();
        let (scene, mut line, now) = manual(store).await;
        let comment = only_comment(store, scene.project).await.id;
        let decided = Decided { note: Some("no"), ..first(comment, scene.user) };
        store.reject(scene.project, decided, now).await.unwrap();
        assert!(matches!(store.approve(scene.project, decided, SEED, now).await, Err(StoreError::Decided { .. })));
        assert_eq!(only_comment(store, scene.project).await.state, StateName::Rejected);
        assert_eq!(line.send(store, now + std::time::Duration::from_secs(3599)).await.unwrap().len(), 0);
    }

    async fn nobody_decides_on_another_projects_comment(db: &Database) {
        let store = db.store();
        let (scene, _, now) = manual(store).await;
        let other = Scene::new(store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        let comment = only_comment(store, scene.project).await.id;
        let decided = first(comment, other.user);
        let refused = [
            store.approve(other.project, decided, SEED, now).await.err(),
            store.reject(other.project, decided, now).await.err(),
            store.rewrite(other.project, own_words(comment, other.user), now).await.err(),
            store.withdraw(other.project, comment, other.user, None, now).await.err(),
            store.reopen(other.project, comment, other.user, now).await.err(),
            store.comment(other.project, comment).await.err(),
        ];
        assert!(refused.iter().all(|error| matches!(error, Some(StoreError::NotFound { what: "comment", .. }))));
    }

    async fn a_text_that_does_not_fit_a_message_is_not_taken(db: &Database) {
        let store = db.store();
        let (scene, _, now) = manual(store).await;
        let comment = only_comment(store, scene.project).await.id;
        for text in ["👍".repeat(2048), " ".to_owned()] {
            let rewrite = Rewrite { text: &text, ..own_words(comment, scene.user) };
            let refused = store.rewrite(scene.project, rewrite, now).await;
            assert!(matches!(refused, Err(StoreError::Unsignable { .. })), "{refused:?}");
        }
        assert_eq!(only_comment(store, scene.project).await.revision, Revision(1));
    }

    async fn a_remark_of_moderation_keeps_the_rule_from_approving(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch { approval: Approval::ByRule, ..Sketch::default() }).await.unwrap();
        let mut line = Line::default();
        store.record_posts(&[scene.post(0, 1, "Text", scene.now)], scene.now).await.unwrap();
        let comment = line.plan(store, &scene, scene.now).await.unwrap()[0];
        let claimed = line.claim(store, JobKind::WriteDraft, scene.now).await.unwrap();
        let remarks = vec!["rude".to_owned()];
        let result = DraftResult::Written { text: "Text".to_owned(), author: DraftAuthor::Model, remarks };
        let outcome = DraftOutcome { lease: claimed[0].lease, comment, result };
        let stale = store.apply_drafts("another node", std::slice::from_ref(&outcome), SEED, scene.now).await.unwrap();
        assert_eq!(stale, [None]);
        assert_eq!(only_comment(store, scene.project).await.state, StateName::Planned);
        let states = store.apply_drafts(&line.node, &[outcome], SEED, scene.now).await.unwrap();
        assert_eq!(states, [Some(StateName::Drafted)]);
    }

    async fn a_writer_with_nothing_to_say_ends_the_comment(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let mut line = Line::default();
        store.record_posts(&[scene.post(0, 1, "Text", scene.now)], scene.now).await.unwrap();
        let comment = line.plan(store, &scene, scene.now).await.unwrap()[0];
        let claimed = line.claim(store, JobKind::WriteDraft, scene.now).await.unwrap();
        let outcome = DraftOutcome { lease: claimed[0].lease, comment, result: DraftResult::Nothing };
        store.apply_drafts(&line.node, &[outcome], SEED, scene.now).await.unwrap();
        assert_eq!(only_comment(store, scene.project).await.reason, Some(SkipReason::NothingWritten));
        assert!(store.drafting_snapshot(&[comment]).await.unwrap().is_empty());
    }
}
