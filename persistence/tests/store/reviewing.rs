//! Reviewers: what they find, what they decide, who wins when two decide at once, and what is never decided for them.

use std::time::Duration;

use domain::comment::retry::NoRetry;
use domain::comment::{Revision, SkipReason, StateName};
use domain::id::{CommentId, MessageId, UserId};
use domain::policy::Approval;
use domain::seed::Seed;
use domain::time::{Timestamp, Zone};
use persistence::drafting::DraftAuthor;
use persistence::review::{Action, CommentFilter, Decided, Left, Rewrite, Ruling, Sweep, Swept, WhyLeft};
use persistence::sending::{Begun, Block, SendOutcome, SendResult};
use persistence::setup::{Locale, NewUser, Role};
use persistence::watching::{RecordPosts, SeenPost};
use persistence::{Store, StoreError};
use testkit::{Line, Scene, Sketch, seen_post};

use super::{manual, only_comment, scene_with_scheduled_comment};

const SEED: Seed = Seed(3);
const HOUR: Duration = Duration::from_secs(3600);

fn states(states: &[StateName]) -> CommentFilter {
    CommentFilter { states: states.to_vec(), ..CommentFilter::default() }
}

fn approval(comment: CommentId, by: UserId) -> Decided<'static> {
    Decided { comment, revision: Revision(1), post_revision: 0, by, note: None }
}

/// A second person.
async fn colleague(store: &Store, now: Timestamp) -> UserId {
    let user = NewUser {
        telegram_id: None,
        username: Some("colleague".to_owned()),
        display_name: "Colleague".to_owned(),
        role: Role::Member,
        locale: Locale::En,
        zone: Zone::UTC,
    };
    store.create_user(&user, now).await.unwrap()
}

/// A scene with as many drafts that wait for a person as posts.
async fn drafts(store: &Store, posts: i64) -> (Scene, Line) {
    let sketch = Sketch { approval: Approval::Manual, ..Sketch::default() };
    let scene = Scene::new(store, &sketch).await.unwrap();
    let mut line = Line::new("node", 1000);
    let posts = (1..=posts).map(|number| seen_post(number, "Spring is here", scene.now)).collect();
    let record = RecordPosts { channel: scene.channels[0], posts, empty: Vec::new() };
    store.record_posts(&[record], scene.now).await.unwrap();
    line.plan(store, &scene, scene.now).await.unwrap();
    line.write(store, scene.now).await.unwrap();
    (scene, line)
}

/// Lets the channel edit its first post.
async fn edit_post(store: &Store, scene: &Scene, at: Timestamp) {
    let edited = SeenPost { edited_at: Some(at), ..seen_post(1, "Summer is here", scene.now) };
    let record = RecordPosts { channel: scene.channels[0], posts: vec![edited], empty: Vec::new() };
    store.record_posts(&[record], at).await.unwrap();
}

/// Lets Telegram refuse what is due.
async fn refuse(store: &Store, line: &Line, code: &str, block: Option<Block>, now: Timestamp) {
    let begun = line.begin(store, now).await.unwrap();
    let (lease, comment, Begun::Send(_)) = &begun[0] else { panic!("nothing is sent: {begun:?}") };
    let result = SendResult::Refused { code: code.to_owned() };
    let outcome = SendOutcome { lease: *lease, comment: *comment, result, block };
    store.finish_sends(&line.node, &[outcome], now).await.unwrap();
}

testkit::on_every_database! {
    async fn an_edit_is_a_persons_revision_and_voids_the_approval_of_the_one_before(db: &Database) {
        let store = db.store();
        let (scene, mut line, due) = scene_with_scheduled_comment(store, &Sketch::default()).await;
        let (comment, by) = (only_comment(store, scene.project).await.id, scene.user);
        let edit = Rewrite { comment, base: Some(Revision(1)), text: "My own words", by };
        assert_eq!(store.rewrite(scene.project, edit, scene.now).await.unwrap(), Revision(2));
        let record = store.comment(scene.project, comment).await.unwrap();
        assert_eq!((record.comment.state, record.comment.revision), (StateName::Drafted, Revision(2)));
        let authors: Vec<_> = record.drafts.iter().map(|draft| draft.author).collect();
        assert_eq!(authors, [DraftAuthor::Template, DraftAuthor::Person]);
        let ruled: Vec<_> = record.decisions.iter().map(|made| (made.revision, made.ruling, made.by.as_ref().map(|by| by.0))).collect();
        assert_eq!(ruled, [(Revision(1), Ruling::Approved, None), (Revision(1), Ruling::Void, Some(by))]);
        assert_eq!(line.send(store, due).await.unwrap().len(), 0, "nobody approved the new text");

        let late = store.rewrite(scene.project, edit, scene.now).await;
        assert!(matches!(late, Err(StoreError::NotLatest { latest: Revision(2), .. })), "{late:?}");
        let decided = Decided { revision: Revision(2), ..approval(comment, by) };
        store.approve(scene.project, decided, SEED, due).await.unwrap();
        let sent = line.send(store, due).await.unwrap();
        assert!(sent[0].signed.as_str().starts_with("My own words"), "{sent:?}");
        let late = store.rewrite(scene.project, Rewrite { base: Some(Revision(2)), ..edit }, due).await;
        assert!(matches!(late, Err(StoreError::Decided { state: StateName::Sent, .. })), "{late:?}");
    }

    async fn of_two_reviewers_at_once_one_wins_and_the_other_learns_who_and_when(db: &Database) {
        let store = db.store();
        let (scene, _, now) = manual(store).await;
        let comment = only_comment(store, scene.project).await.id;
        let colleague = colleague(store, now).await;
        let (mine, theirs) = tokio::join!(
            store.approve(scene.project, approval(comment, scene.user), SEED, now),
            store.reject(scene.project, approval(comment, colleague), now),
        );
        let (winner, lost) = match (mine, theirs) {
            (Ok(StateName::Scheduled), Err(lost)) => ((scene.user, Ruling::Approved, "Owner"), lost),
            (Err(lost), Ok(StateName::Rejected)) => ((colleague, Ruling::Rejected, "Colleague"), lost),
            both => panic!("exactly one wins: {both:?}"),
        };
        let StoreError::Decided { decision, .. } = lost else { panic!("{lost:?}") };
        assert_eq!(decision.by, Some((winner.0, winner.2.to_owned())));
        assert_eq!((decision.ruling, decision.at), (winner.1, now));
        assert_eq!(store.comment(scene.project, comment).await.unwrap().decisions.len(), 1);
    }

    async fn an_approval_names_the_text_and_the_post_that_were_read(db: &Database) {
        let store = db.store();
        let (scene, mut line, now) = manual(store).await;
        let comment = only_comment(store, scene.project).await.id;
        edit_post(store, &scene, now).await;
        let stale = store.approve(scene.project, approval(comment, scene.user), SEED, now).await;
        assert!(matches!(stale, Err(StoreError::PostChanged { revision: 1, .. })), "{stale:?}");
        assert_eq!(only_comment(store, scene.project).await.state, StateName::Drafted);
        let record = store.comment(scene.project, comment).await.unwrap();
        assert_eq!((record.post.text.as_str(), record.post.revision), ("Summer is here", 1));
        let read = Decided { post_revision: 1, ..approval(comment, scene.user) };
        store.approve(scene.project, read, SEED, now).await.unwrap();
        let due = only_comment(store, scene.project).await.due_at.unwrap();
        assert_eq!(line.send(store, due).await.unwrap().len(), 1);
    }

    async fn a_comment_is_taken_back_until_it_is_being_sent(db: &Database) {
        let store = db.store();
        let (scene, line, due) = scene_with_scheduled_comment(store, &Sketch::default()).await;
        let comment = only_comment(store, scene.project).await.id;
        let taken = store.withdraw(scene.project, comment, scene.user, Some("not now"), due).await.unwrap();
        assert_eq!(taken, StateName::Skipped);
        assert_eq!(only_comment(store, scene.project).await.reason, Some(SkipReason::Cancelled));
        let begun = line.begin(store, due).await.unwrap();
        assert!(matches!(begun[..], [(_, _, Begun::Settled)]), "{begun:?}");

        let sketch = Sketch { number: 2, ..Sketch::default() };
        let (scene, line, due) = scene_with_scheduled_comment(store, &sketch).await;
        let comment = only_comment(store, scene.project).await.id;
        assert_eq!(line.begin(store, due).await.unwrap().len(), 1);
        let late = store.withdraw(scene.project, comment, scene.user, None, due).await;
        assert!(matches!(late, Err(StoreError::Decided { state: StateName::Sending, .. })), "{late:?}");
    }

    async fn an_expired_comment_gets_another_window_and_another_review(db: &Database) {
        let store = db.store();
        let (scene, mut line, _) = scene_with_scheduled_comment(store, &Sketch::default()).await;
        let (comment, later) = (only_comment(store, scene.project).await.id, scene.now + HOUR * 2);
        assert_eq!(store.expire_comments(later, 10).await.unwrap(), 1);
        assert_eq!(store.reopen(scene.project, comment, scene.user, later).await.unwrap(), StateName::Drafted);
        let reopened = only_comment(store, scene.project).await;
        assert_eq!(reopened.window_from, Some(later));
        assert!(reopened.window_to > Some(later));
        assert_eq!(line.send(store, later).await.unwrap().len(), 0, "the old approval does not count");
        store.approve(scene.project, approval(comment, scene.user), SEED, later).await.unwrap();
        let sent = line.send(store, later).await.unwrap();
        assert_eq!((sent.len(), sent[0].account), (1, scene.accounts[0]));
        let again = store.reopen(scene.project, comment, scene.user, later).await;
        assert!(matches!(again, Err(StoreError::Decided { state: StateName::Sent, .. })), "{again:?}");
    }

    async fn a_comment_that_expired_without_a_text_goes_back_to_the_writer(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let mut line = Line::default();
        store.record_posts(&[scene.post(0, 1, "Text", scene.now)], scene.now).await.unwrap();
        line.plan(store, &scene, scene.now).await.unwrap();
        let later = scene.now + HOUR * 2;
        assert_eq!(store.expire_comments(later, 10).await.unwrap(), 1);
        let comment = only_comment(store, scene.project).await.id;
        assert_eq!(store.reopen(scene.project, comment, scene.user, later).await.unwrap(), StateName::Planned);
        assert!(line.write(store, later).await.unwrap().contains(&Some(StateName::Scheduled)));
    }

    async fn a_refused_comment_is_tried_again_only_where_its_account_may_write(db: &Database) {
        let store = db.store();
        let (scene, line, due) = scene_with_scheduled_comment(store, &Sketch::default()).await;
        let comment = only_comment(store, scene.project).await.id;
        let block = Block { reason: "CHAT_WRITE_FORBIDDEN".to_owned(), until: Some(due + HOUR) };
        refuse(store, &line, "CHAT_WRITE_FORBIDDEN", Some(block), due).await;
        let refused = store.reopen(scene.project, comment, scene.user, due).await;
        assert!(matches!(refused, Err(StoreError::NoRetry { source: NoRetry::Blocked, .. })), "{refused:?}");
        let reopened = store.reopen(scene.project, comment, scene.user, due + HOUR).await.unwrap();
        assert_eq!(reopened, StateName::Drafted);
        assert_eq!(only_comment(store, scene.project).await.error_code, None);

        let sketch = Sketch { number: 2, ..Sketch::default() };
        let (scene, line, due) = scene_with_scheduled_comment(store, &sketch).await;
        let comment = only_comment(store, scene.project).await.id;
        refuse(store, &line, "REMOVED_BEFORE_SEEN", None, due).await;
        let refused = store.reopen(scene.project, comment, scene.user, due).await;
        assert!(matches!(refused, Err(StoreError::NoRetry { source: NoRetry::MaybeWritten, .. })), "{refused:?}");
    }

    async fn all_that_match_are_approved_but_what_changed_after_it_was_counted(db: &Database) {
        let store = db.store();
        let (scene, _) = drafts(store, 4).await;
        let (filter, now) = (states(&[StateName::Drafted, StateName::Scheduled]), scene.now);
        let later = now + Duration::from_secs(5);
        assert_eq!(store.count_for(scene.project, Action::Approve, &filter).await.unwrap(), 4);
        let listed = store.list_comments(scene.project, &filter, None, 10).await.unwrap();
        let posts = store.list_posts(scene.project, None, 10).await.unwrap();
        let first = posts.iter().find(|post| post.message == MessageId(1)).unwrap().id;
        let under_first = listed.iter().find(|comment| comment.post == first).unwrap().id;
        let rewritten = listed.iter().find(|comment| comment.post != first).unwrap().id;
        let all = Sweep { action: Action::Approve, filter: &filter, expected: 3, counted_at: now, by: scene.user, note: None };
        let refused = store.sweep(scene.project, &all, SEED, later).await;
        assert!(matches!(refused, Err(StoreError::Miscounted { count: 4, .. })), "{refused:?}");

        edit_post(store, &scene, later).await;
        let edit = Rewrite { comment: rewritten, base: Some(Revision(1)), text: "My own words", by: scene.user };
        store.rewrite(scene.project, edit, later).await.unwrap();
        let swept = store.sweep(scene.project, &Sweep { expected: 4, ..all }, SEED, later).await.unwrap();
        let (lower, higher) = (under_first.min(rewritten), under_first.max(rewritten));
        let changed = |comment| Left { comment, why: WhyLeft::Changed };
        assert_eq!(swept, Swept { applied: 2, left: vec![changed(lower), changed(higher)] });
        let scheduled = store.list_comments(scene.project, &states(&[StateName::Scheduled]), None, 10).await.unwrap();
        assert_eq!(scheduled.len(), 2);
        let none = states(&[StateName::Sent]);
        assert_eq!(store.count_for(scene.project, Action::Approve, &none).await.unwrap(), 0);
    }

    async fn many_comments_are_rejected_in_bounded_batches_and_each_decision_is_kept(db: &Database) {
        let store = db.store();
        let (scene, _) = drafts(store, 450).await;
        let other = Scene::new(store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        let filter = CommentFilter { channel: Some(scene.channels[0]), ..CommentFilter::default() };
        let note = Some("not this week");
        let all = Sweep { action: Action::Reject, filter: &filter, expected: 450, counted_at: scene.now, by: scene.user, note };
        let refused = store.sweep(other.project, &all, SEED, scene.now).await;
        assert!(matches!(refused, Err(StoreError::Miscounted { count: 0, .. })), "{refused:?}");
        let swept = store.sweep(scene.project, &all, SEED, scene.now).await.unwrap();
        assert_eq!(swept, Swept { applied: 450, left: Vec::new() });
        let one = store.list_comments(scene.project, &states(&[StateName::Rejected]), None, 1).await.unwrap();
        let record = store.comment(scene.project, one[0].id).await.unwrap();
        assert_eq!(record.decisions[0].note.as_deref(), note);
        let audited = store.audit_entries(scene.project, 10).await.unwrap();
        let batches: Vec<_> = audited.iter().filter(|entry| entry.action == "comments.rejected").collect();
        assert_eq!(batches.len(), 3);
        assert_eq!(batches[0].detail, r#"{"count":50,"note":"not this week"}"#);
    }

    async fn all_that_match_are_taken_back_or_tried_again(db: &Database) {
        let store = db.store();
        let (scene, _) = drafts(store, 3).await;
        let later = scene.now + HOUR * 2;
        store.expire_comments(later, 2).await.unwrap();
        let any = CommentFilter::default();
        let sweep = |action, expected| Sweep { action, filter: &any, expected, counted_at: later, by: scene.user, note: None };
        let retried = store.sweep(scene.project, &sweep(Action::Retry, 2), SEED, later).await.unwrap();
        assert_eq!(retried, Swept { applied: 2, left: Vec::new() });
        let cancelled = store.sweep(scene.project, &sweep(Action::Cancel, 3), SEED, later).await.unwrap();
        assert_eq!(cancelled.applied, 3);
        let skipped = store.list_comments(scene.project, &states(&[StateName::Skipped]), None, 10).await.unwrap();
        assert!(skipped.iter().all(|comment| comment.reason == Some(SkipReason::Cancelled)));
    }

    async fn comments_are_found_by_what_they_are_and_never_in_another_project(db: &Database) {
        let store = db.store();
        let (scene, _) = drafts(store, 3).await;
        let found = async |filter: CommentFilter| {
            let listed = store.list_comments(scene.project, &filter, None, 10).await.unwrap();
            listed.into_iter().map(|comment| comment.id).collect::<Vec<_>>()
        };
        let all = found(CommentFilter::default()).await;
        assert_eq!(all.len(), 3);
        assert!(all.is_sorted_by(|a, b| a > b), "the latest come first: {all:?}");
        let any = CommentFilter::default;
        assert_eq!(found(states(&[StateName::Drafted])).await, all);
        assert_eq!(found(states(&[StateName::Drafted, StateName::Sent])).await, all);
        assert_eq!(found(states(&[StateName::Sent])).await, []);
        assert_eq!(found(CommentFilter { campaign: Some(scene.campaign), ..any() }).await, all);
        assert_eq!(found(CommentFilter { account: Some(scene.accounts[0]), ..any() }).await, all);
        assert_eq!(found(CommentFilter { channel: Some(scene.channels[0]), ..any() }).await, all);
        let post = store.list_posts(scene.project, None, 1).await.unwrap()[0].id;
        assert_eq!(found(CommentFilter { post: Some(post), ..any() }).await.len(), 1);
        assert_eq!(found(CommentFilter { intent: Some(domain::comment::Intent::Answer), ..any() }).await, []);
        let second = Duration::from_secs(1);
        assert_eq!(found(CommentFilter { from: Some(scene.now), to: Some(scene.now + second), ..any() }).await, all);
        assert_eq!(found(CommentFilter { to: Some(scene.now), ..any() }).await, []);
        let below = store.list_comments(scene.project, &states(&[StateName::Drafted]), Some(all[1]), 10).await.unwrap();
        assert_eq!(below.len(), 1);
        assert_eq!(below[0].draft.as_deref(), Some("What do you think?"));
        let other = Scene::new(store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        assert!(store.list_comments(other.project, &any(), None, 10).await.unwrap().is_empty());
    }

    async fn every_decision_of_a_person_is_in_the_audit_log(db: &Database) {
        let store = db.store();
        let (scene, _, now) = manual(store).await;
        let (comment, by) = (only_comment(store, scene.project).await.id, scene.user);
        let edit = Rewrite { comment, base: Some(Revision(1)), text: "My own words", by };
        store.rewrite(scene.project, edit, now).await.unwrap();
        let decided = Decided { revision: Revision(2), note: Some("good"), ..approval(comment, by) };
        store.approve(scene.project, decided, SEED, now).await.unwrap();
        store.withdraw(scene.project, comment, by, None, now).await.unwrap();
        let audited = store.audit_entries(scene.project, 3).await.unwrap();
        let told: Vec<_> = audited.iter().map(|entry| (entry.action.as_str(), entry.detail.as_str())).collect();
        assert_eq!(told, [
            ("comment.cancelled", r#"{"state":"skipped"}"#),
            ("comment.approved", r#"{"revision":2,"state":"scheduled","note":"good"}"#),
            ("comment.rewritten", r#"{"revision":2,"state":"drafted"}"#),
        ]);
        assert!(audited.iter().all(|entry| entry.subject == format!("comment {comment}")));
    }
}
