//! Audits: what changed while nobody was told.

use std::time::Duration;

use domain::consent::{Evidence, Scope};
use domain::event::EventType;
use domain::id::{EventId, MessageId};
use persistence::consents::Proof;
use persistence::outbox::Actor;
use telegram::{Media, PostSeen};

use crate::{DAY, HOUR, Stage};

/// A post that is published now and has no comments.
pub(crate) fn post(stage: &Stage, id: i64, text: &str) -> PostSeen {
    PostSeen {
        id: MessageId(id),
        grouped: None,
        text: text.to_owned(),
        media: Vec::new(),
        published_at: stage.now(),
        edited_at: None,
        comments_open: false,
        views: 0,
        forwards: 0,
        reactions: 0,
    }
}

fn part(stage: &Stage, id: i64, text: &str) -> PostSeen {
    PostSeen { grouped: Some(77), media: vec![Media::Photo], ..post(stage, id, text) }
}

/// Lets the channel be audited now, and yields the ids that were asked for.
async fn audited(stage: &Stage) -> Vec<Vec<MessageId>> {
    stage.town.plot().asked.clear();
    stage.store.hasten_audits(&stage.scene.channels, stage.now()).await.unwrap();
    stage.pass(HOUR).await;
    std::mem::take(&mut stage.town.plot().asked)
}

/// The archive, oldest first: ids, texts, and whether they are gone.
async fn archive(stage: &Stage) -> Vec<(i64, String, bool)> {
    let mut posts = stage.store.list_posts(stage.scene.project, None, 100).await.unwrap();
    posts.sort_by_key(|post| post.message);
    posts.into_iter().map(|post| (post.message.get(), post.text, post.deleted_at.is_some())).collect()
}

testkit::on_every_database! {
    async fn an_edit_and_a_deletion_during_an_outage_are_noticed_by_the_next_audit(db: &Database) {
        let stage = Stage::set(db).await;
        // Up to 5 the channel was read before anything stood in it.
        let posts = [post(&stage, 6, "Six"), part(&stage, 7, ""), part(&stage, 8, "An album"), post(&stage, 10, "Ten")];
        stage.town.plot().posts.extend(posts.into_iter().map(|post| (post.id, post)));
        let ids = |ids: &[i64]| ids.iter().copied().map(MessageId).collect::<Vec<_>>();
        assert_eq!(audited(&stage).await, [ids(&[6, 7, 8, 9, 10])]);
        let row = |id, text: &str, gone| (id, text.to_owned(), gone);
        assert_eq!(archive(&stage).await, [row(6, "Six", false), row(7, "An album", false), row(10, "Ten", false)]);

        for (id, text) in [(6, "Six, edited"), (8, "An album, edited")] {
            let edited_at = Some(stage.now());
            let mut plot = stage.town.plot();
            let post = plot.posts.get_mut(&MessageId(id)).unwrap();
            *post = PostSeen { text: text.to_owned(), edited_at, ..post.clone() };
        }
        stage.town.plot().posts.remove(&MessageId(10));
        assert_eq!(audited(&stage).await, [ids(&[6, 7, 8, 10])], "an id where nothing stood is not asked for again");
        let now = [row(6, "Six, edited", false), row(7, "An album, edited", false), row(10, "Ten", true)];
        assert_eq!(archive(&stage).await, now);

        assert_eq!(audited(&stage).await, [ids(&[6, 7, 8])], "nor one whose post is gone");
        let told = stage.store.events_after(EventId(0), 1000).await.unwrap();
        let count = |kind| told.iter().filter(|event| event.kind == kind).count();
        assert_eq!((count(EventType::PostEdited), count(EventType::PostDeleted)), (2, 1), "told once");
        stage.pass(DAY * 2).await;
        assert_eq!(audited(&stage).await, Vec::<Vec<MessageId>>::new(), "what is old is left alone");
        stage.system.stop().await.unwrap();
    }

    async fn what_was_published_while_no_process_ran_is_read_as_soon_as_one_does(db: &Database) {
        let mut stage = Stage::set(db).await;
        stage.system.clone().stop().await.unwrap();
        let published = post(&stage, 6, "Published in between");
        stage.town.plot().posts.insert(published.id, published);
        stage.restart().await;
        stage.pass(Duration::from_secs(10)).await;
        assert_eq!(archive(&stage).await, [(6, "Published in between".to_owned(), false)]);
        stage.system.stop().await.unwrap();
    }

    async fn a_channel_whose_reading_is_over_is_not_asked_about_until_it_is_agreed_to_again(db: &Database) {
        let stage = Stage::set(db).await;
        let (store, scene) = (&stage.store, &stage.scene);
        let agreed = Proof {
            channel: scene.channels[0],
            scope: Scope::Read,
            evidence: Evidence::Written,
            detail: "agreed".to_owned(),
            account: None,
            agreed_until: None,
        };
        let consent = store.prove_consent(scene.project, &agreed, scene.user, stage.now()).await.unwrap();
        store.end_consent(scene.project, consent, Actor::User(scene.user), "asked to", stage.now()).await.unwrap();
        let published = post(&stage, 6, "Published in between");
        stage.town.plot().posts.insert(published.id, published);
        assert_eq!(audited(&stage).await, Vec::<Vec<MessageId>>::new());
        assert_eq!(archive(&stage).await, []);
        store.prove_consent(scene.project, &agreed, scene.user, stage.now()).await.unwrap();
        stage.pass(Duration::from_secs(10)).await;
        assert_eq!(archive(&stage).await, [(6, "Published in between".to_owned(), false)]);
        stage.system.stop().await.unwrap();
    }
}
