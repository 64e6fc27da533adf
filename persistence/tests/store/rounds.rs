//! Operations that are asked for at the same time: whatever shares a transaction, each caller gets its own answer.

use domain::id::ChannelId;
use domain::job::JobKind;
use persistence::StoreError;
use persistence::watching::{RecordMessages, RecordPosts};
use testkit::{Line, Scene, Sketch, seen_message, seen_post};

testkit::on_every_database! {
    async fn different_operations_asked_for_at_once_are_each_answered(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch { channels: 3, ..Sketch::default() }).await.unwrap();
        let now = scene.now;
        store.record_posts(&[scene.post(0, 1, "The first", now)], now).await.unwrap();
        let reader = domain::id::PeerId(5);
        let question = seen_message(10, 1, reader, "How does that work?", now);
        let said = [RecordMessages { channel: scene.channels[0], messages: vec![question] }];
        let news = [scene.post(1, 1, "The second", now), scene.post(2, 1, "The third", now)];
        let (posts, messages, deleted) = tokio::join!(
            store.record_posts(&news, now),
            store.record_thread_messages(&said, now),
            store.record_deleted_posts(scene.channels[0], &[domain::id::MessageId(99)], now),
        );
        assert_eq!(posts.unwrap().iter().map(|recorded| recorded.new.len()).collect::<Vec<_>>(), [1, 1]);
        assert_eq!(messages.unwrap()[0].new, 1);
        assert_eq!(deleted.unwrap(), 0, "there is no such post");
        let line = Line::default();
        let planned = line.claim(store, JobKind::PlanPost, now).await.unwrap().len();
        let asked = line.claim(store, JobKind::PlanAnswer, now).await.unwrap().len();
        assert_eq!((planned, asked), (3, 1), "each left its job");
    }

    async fn an_operation_that_cannot_be_done_leaves_those_asked_for_beside_it_unharmed(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let (nowhere, now) = (ChannelId(i64::MAX), scene.now);
        let lost = seen_message(10, 1, domain::id::PeerId(5), "How does that work?", now);
        let said = [RecordMessages { channel: nowhere, messages: vec![lost] }];
        let unseen = [RecordPosts { channel: nowhere, posts: vec![seen_post(1, "", now)], empty: Vec::new() }];
        let news = [scene.post(0, 1, "The first", now)];
        let (posts, messages, others) = tokio::join!(
            store.record_posts(&news, now),
            store.record_thread_messages(&said, now),
            store.record_posts(&unseen, now),
        );
        assert_eq!(posts.unwrap()[0].new.len(), 1);
        assert!(matches!(messages, Err(StoreError::NotFound { what: "channel", .. })), "{messages:?}");
        assert!(matches!(others, Err(StoreError::NotFound { what: "channel", .. })), "{others:?}");
        assert_eq!(store.list_posts(scene.project, None, 10).await.unwrap().len(), 1);
    }
}
