//! Posts, albums, edits, gaps and threads.

use std::time::Duration;

use domain::comment::{SkipReason, StateName};
use domain::id::{ChannelId, MessageId};
use domain::job::{Job, JobKind};
use domain::policy::Approval;
use persistence::StoreError;
use persistence::queue::Claim;
use persistence::review::CommentFilter;
use persistence::watching::{AuditDone, Gap, GapEnd, Media, RecordMessages, RecordPosts, SeenPost};
use testkit::{Line, Scene, Sketch, seen_message, seen_post};

use super::{only_comment, scene_with_scheduled_comment};

fn part(message: i64, text: &str, at: domain::time::Timestamp) -> SeenPost {
    SeenPost { grouped: Some(77), media: vec![Media::Photo], ..seen_post(message, text, at) }
}

fn record(channel: ChannelId, posts: Vec<SeenPost>) -> RecordPosts {
    RecordPosts { channel, posts, empty: Vec::new() }
}

testkit::on_every_database! {
    async fn an_album_is_one_post_even_when_a_part_comes_late_or_twice(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let (channel, now) = (scene.channels[0], scene.now);
        let first = record(channel, vec![part(2, "Caption", now), part(3, "", now)]);
        assert_eq!(store.record_posts(std::slice::from_ref(&first), now).await.unwrap()[0].new.len(), 1);
        let late = record(channel, vec![part(1, "", now), part(3, "", now)]);
        let recorded = store.record_posts(&[late, first], now).await.unwrap();
        assert!(recorded.iter().all(|recorded| recorded.new.is_empty() && recorded.edited.is_empty()));
        let posts = store.list_posts(scene.project, None, 10).await.unwrap();
        assert_eq!(posts.len(), 1);
        assert_eq!((posts[0].message, posts[0].text.as_str(), posts[0].media.len()), (MessageId(1), "Caption", 3));
    }

    async fn a_post_of_a_hundred_photos_without_a_word_is_kept(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let photos = (1..=100).map(|message| part(message, "", scene.now)).collect();
        store.record_posts(&[record(scene.channels[0], photos)], scene.now).await.unwrap();
        let posts = store.list_posts(scene.project, None, 10).await.unwrap();
        assert_eq!((posts.len(), posts[0].media.len(), posts[0].text.as_str()), (1, 100, ""));
    }

    async fn text_in_any_script_is_kept_as_it_is(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let texts = ["שלום עולם", "Привет 👨‍👩‍👧‍👦", "a\u{0}b", "\"quoted\" \\u0041 'x'; --", &"я".repeat(4096)];
        for (text, message) in texts.iter().zip(1..) {
            store.record_posts(&[scene.post(0, message, text, scene.now)], scene.now).await.unwrap();
        }
        let posts = store.list_posts(scene.project, None, 10).await.unwrap();
        let kept: Vec<_> = posts.iter().rev().map(|post| post.text.replace('\u{fffd}', "\0")).collect();
        assert_eq!(kept, texts);
    }

    async fn seeing_a_post_again_changes_nothing(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let seen = scene.post(0, 1, "Text", scene.now);
        store.record_posts(&[seen.clone(), seen.clone()], scene.now).await.unwrap();
        let again = store.record_posts(&[seen], scene.now).await.unwrap();
        assert_eq!(again[0], persistence::watching::Recorded::default());
        let plans = Line::default().claim(store, JobKind::PlanPost, scene.now).await.unwrap();
        assert_eq!(plans.len(), 1, "one post is planned once");
    }

    async fn an_edit_voids_what_was_approved_on_the_old_text_and_asks_for_another_draft(db: &Database) {
        let store = db.store();
        let (scene, mut line, _) = scene_with_scheduled_comment(store, &Sketch::default()).await;
        let later = scene.now + Duration::from_secs(5);
        let edited = SeenPost { edited_at: Some(later), ..seen_post(1, "Another text", scene.now) };
        let recorded = store.record_posts(&[record(scene.channels[0], vec![edited])], later).await.unwrap();
        assert_eq!(recorded[0].edited.len(), 1);
        assert_eq!(only_comment(store, scene.project).await.state, StateName::Void);
        assert_eq!(line.write(store, later).await.unwrap(), [Some(StateName::Scheduled)]);
        let due = only_comment(store, scene.project).await.due_at.unwrap();
        assert_eq!(line.send(store, due).await.unwrap().len(), 1, "sent once, on the new approval");
        assert_eq!(line.send(store, due).await.unwrap().len(), 0);

        let late = scene.post(0, 1, "Spring is here", scene.now);
        let recorded = store.record_posts(&[late], later).await.unwrap();
        assert_eq!(recorded[0].edited.len(), 0, "an older version that comes late does not win");
        assert_eq!(store.list_posts(scene.project, None, 1).await.unwrap()[0].text, "Another text");
    }

    async fn ids_that_were_jumped_over_are_gaps_until_they_are_closed(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let channel = scene.channels[0];
        let mut seen = scene.post(0, 3, "Text", scene.now);
        seen.posts.push(seen_post(9, "Text", scene.now));
        seen.empty = vec![MessageId(5), MessageId(6), MessageId(7)];
        assert_eq!(store.record_posts(std::slice::from_ref(&seen), scene.now).await.unwrap()[0].gaps, 3);
        let cursor = store.channel_cursor(channel, scene.now).await.unwrap();
        let gap = |from, to| Gap { from: MessageId(from), to: MessageId(to) };
        assert_eq!((cursor.newest, cursor.gaps.as_slice()), (MessageId(9), &[gap(1, 2), gap(4, 4), gap(8, 8)][..]));
        assert_eq!(store.record_posts(&[seen], scene.now).await.unwrap()[0].gaps, 0);
        let later = scene.now + Duration::from_secs(24 * 3600);
        for up_to in [9, 3].map(MessageId) {
            let kinds = &[JobKind::AuditChannel];
            let claim = Claim { node: "watcher", limit: 100, kinds, lease: Duration::from_secs(60) };
            let claimed = store.claim(&claim, later).await.unwrap();
            let job = claimed.iter().find(|claimed| claimed.job == Job::AuditChannel { channel }).unwrap();
            let closed = vec![(gap(1, 2), GapEnd::Filled), (gap(8, 8), GapEnd::Confirmed)];
            let done = AuditDone { lease: job.lease, channel, up_to, closed, next_at: later };
            assert!(store.finish_audit("watcher", done.clone(), later).await.unwrap());
            assert_eq!(store.channel_cursor(channel, scene.now).await.unwrap().gaps, [gap(4, 4)]);
            let stale = AuditDone { closed: vec![(gap(4, 4), GapEnd::Filled)], ..done };
            assert!(!store.finish_audit("watcher", stale, later).await.unwrap());
            assert_eq!(store.channel_cursor(channel, scene.now).await.unwrap().gaps, [gap(4, 4)], "a stale lease notes nothing");
            store.release("watcher").await.unwrap();
        }
        assert_eq!(store.channel_cursor(channel, scene.now).await.unwrap().audited_up_to, MessageId(9), "the mark never moves back");
    }

    async fn the_newest_posts_of_two_days_that_still_stand_are_recent(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch { channels: 2, ..Sketch::default() }).await.unwrap();
        let (channel, now) = (scene.channels[0], scene.now);
        let recent = async |at| {
            let cursor = store.channel_cursor(channel, at).await.unwrap();
            cursor.recent.iter().map(|recent| recent.message.get()).collect::<Vec<_>>()
        };
        assert_eq!(recent(now).await, [0; 0]);
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        let mut posts: Vec<_> = (1..=20).map(|id| seen_post(id, "Text", now)).collect();
        store.record_posts(&[record(channel, posts.clone()), scene.post(1, 400, "Text", now)], now).await.unwrap();
        assert_eq!(recent(now).await, (1..=20).rev().collect::<Vec<_>>());
        posts = vec![part(300, "Caption", now + hours(1)), part(301, "", now + hours(1))];
        store.record_posts(&[record(channel, posts)], now).await.unwrap();
        let newest: Vec<_> = [300, 301].into_iter().chain((3..=20).rev()).collect();
        assert_eq!(recent(now + hours(47)).await, newest, "a gap does not count, each part of an album does");
        assert_eq!(recent(now + hours(48)).await, [300, 301]);
        store.record_deleted_posts(channel, &[MessageId(300)], now).await.unwrap();
        assert_eq!(recent(now).await, (2..=20).rev().collect::<Vec<_>>());
    }

    async fn a_deleted_post_takes_its_waiting_comment_with_it(db: &Database) {
        let store = db.store();
        let (scene, mut line, due) = scene_with_scheduled_comment(store, &Sketch::default()).await;
        let channel = scene.channels[0];
        assert_eq!(store.record_deleted_posts(channel, &[MessageId(1), MessageId(2)], due).await.unwrap(), 1);
        assert_eq!(store.record_deleted_posts(channel, &[MessageId(1)], due).await.unwrap(), 0);
        let comment = only_comment(store, scene.project).await;
        assert_eq!((comment.state, comment.reason), (StateName::Skipped, Some(SkipReason::PostDeleted)));
        assert_eq!(line.send(store, due).await.unwrap().len(), 0, "its job finds nothing to do");
    }

    async fn only_readers_questions_are_answered_and_each_message_once(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let mut line = Line::default();
        let (channel, now) = (scene.channels[0], scene.now);
        store.record_posts(&[scene.post(0, 1, "Text", now)], now).await.unwrap();
        let by = |message, author| seen_message(message, 1, author, "How does that work?", now);
        let reader = domain::id::PeerId(5);
        let messages = vec![
            by(10, reader),
            by(11, scene.account_peer(0)),
            by(12, scene.channel_peer(0)),
            seen_message(13, 99, reader, "Where?", now),
            seen_message(14, 1, reader, "Thank you!", now),
        ];
        let seen = RecordMessages { channel, messages };
        let recorded = store.record_thread_messages(std::slice::from_ref(&seen), now).await.unwrap();
        assert_eq!((recorded[0].new, recorded[0].unknown_posts.as_slice()), (4, &[MessageId(99)][..]));
        assert_eq!(store.record_thread_messages(&[seen], now).await.unwrap()[0].new, 0);
        let plans = line.claim(store, JobKind::PlanAnswer, now).await.unwrap();
        assert_eq!(plans.len(), 1, "ours, the channel's own and what asks nothing are not planned");
        assert!(matches!(plans[0].job, Job::PlanAnswer { project, .. } if project == scene.project));
        let outcomes = line.decide(store, &scene, &plans, now).await.unwrap();
        let planned = store.apply_plans(&line.node, scene.project, &outcomes, now).await.unwrap();
        assert!(planned[0].is_some());
    }

    async fn an_answer_to_a_deleted_message_goes_back_to_the_reviewer(db: &Database) {
        let store = db.store();
        let sketch = Sketch { approval: Approval::ByRule, ..Sketch::default() };
        let scene = Scene::new(store, &sketch).await.unwrap();
        let mut line = Line::default();
        let (channel, now) = (scene.channels[0], scene.now);
        store.record_posts(&[scene.post(0, 1, "", now)], now).await.unwrap();
        let question = seen_message(10, 1, domain::id::PeerId(5), "How does that work?", now);
        store.record_thread_messages(&[RecordMessages { channel, messages: vec![question] }], now).await.unwrap();
        line.plan(store, &scene, now).await.unwrap();
        assert_eq!(line.write(store, now).await.unwrap(), [Some(StateName::Scheduled)]);
        assert_eq!(store.record_deleted_thread_messages(channel, &[MessageId(10)], now).await.unwrap(), 1);
        let void = CommentFilter { states: vec![StateName::Void], ..CommentFilter::default() };
        let states: Vec<_> = store.list_comments(scene.project, &void, None, 10).await.unwrap();
        assert_eq!(states.len(), 1);
    }

    async fn a_channel_that_does_not_exist_is_named(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let seen = record(ChannelId(999), vec![seen_post(1, "Text", scene.now)]);
        let refused = store.record_posts(&[seen], scene.now).await;
        assert!(matches!(refused, Err(StoreError::NotFound { what: "channel", .. })));
    }

    async fn what_cannot_be_written_harms_only_its_own_caller(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let callers = (1..=40_i64).map(|number| {
            let (store, scene) = (store.clone(), scene.clone());
            async move {
                let mut seen = scene.post(0, number, "Text", scene.now);
                if number % 4 == 0 {
                    seen.channel = ChannelId(999);
                }
                (number, store.record_posts(&[seen], scene.now).await.is_ok())
            }
        });
        let tasks: Vec<_> = callers.map(tokio::spawn).collect();
        for task in tasks {
            let (number, written) = task.await.unwrap();
            assert_eq!(written, number % 4 != 0, "caller {number}");
        }
        assert_eq!(store.post_count(scene.project).await.unwrap(), 30);
    }
}
