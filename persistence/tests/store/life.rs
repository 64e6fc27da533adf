//! A comment's whole life, and what every step of it leaves behind.

use std::time::Duration;

use domain::comment::{Intent, LOOKS, StateName};
use domain::event::EventType;
use domain::id::EventId;
use persistence::observing::Seen;
use testkit::{Line, Scene, Sketch};

use super::only_comment;

testkit::on_every_database! {
    async fn a_post_is_seen_planned_drafted_approved_sent_and_observed_for_seven_days(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let mut line = Line::default();
        let mut now = scene.now;
        let seen = store.record_posts(&[scene.post(0, 1, "Spring is here", now)], now).await.unwrap();
        assert_eq!(seen[0].new.len(), 1);

        let planned = line.plan(store, &scene, now).await.unwrap();
        assert_eq!(planned.len(), 1);
        let comment = only_comment(store, scene.project).await;
        assert_eq!((comment.intent, comment.state), (Intent::Opener, StateName::Planned));

        assert_eq!(line.write(store, now).await.unwrap(), [Some(StateName::Scheduled)]);
        now = only_comment(store, scene.project).await.due_at.unwrap();
        let tickets = line.send(store, now).await.unwrap();
        assert_eq!(tickets.len(), 1);
        assert!(scene.label.is_on(tickets[0].signed.as_str()));
        assert_eq!(only_comment(store, scene.project).await.state, StateName::Sent);

        for look in LOOKS {
            let seen = Seen::Visible { reactions: 2, replies: 1 };
            assert_eq!(line.look(store, &seen, now + look).await.unwrap(), [Some(StateName::Visible)]);
        }
        let comment = only_comment(store, scene.project).await;
        assert_eq!((comment.state, comment.reactions, comment.replies), (StateName::Visible, 2, 1));
        let later = now + Duration::from_secs(365 * 24 * 3600);
        assert_eq!(line.look(store, &Seen::Removed, later).await.unwrap(), [], "four looks and no more");

        let told: Vec<_> = store.events_after(EventId(0), 100).await.unwrap().iter().map(|event| event.kind).collect();
        let expected = [
            EventType::ConsentGranted,
            EventType::PostNew,
            EventType::CommentPlanned,
            EventType::CommentDrafted,
            EventType::CommentApproved,
            EventType::CommentSent,
        ];
        assert_eq!(told, expected);
    }
}
