//! Consents from the proof to the end, with all that stood on them.

use std::time::Duration;

use domain::comment::{SkipReason, StateName};
use domain::consent::{Evidence, LOOK_AGAIN, Scope};
use domain::event::EventType;
use domain::id::{ChannelId, PeerId};
use domain::job::JobKind;
use domain::time::Timestamp;
use persistence::consents::Proof;
use persistence::drafting::{DraftAuthor, DraftOutcome, DraftResult};
use persistence::outbox::Actor;
use persistence::setup::NewChannel;
use persistence::watching::RecordMessages;
use persistence::{Store, StoreError};
use testkit::{Line, Scene, Sketch, seen_message, seen_post};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn proof(scene: &Scene, scope: Scope, evidence: Evidence) -> Proof {
    Proof {
        channel: scene.channels[0],
        scope,
        evidence,
        detail: "seen in a test".to_owned(),
        account: Some(scene.accounts[0]),
        agreed_until: None,
    }
}

async fn ends_at(store: &Store, scene: &Scene, scope: Scope, now: Timestamp) -> Option<Option<Timestamp>> {
    let standing = store.standing_consents(scene.project, now).await.unwrap();
    standing.iter().find(|consent| consent.scope == scope).map(|consent| consent.expires_at)
}

fn new_channel(peer: i64) -> NewChannel {
    NewChannel {
        telegram_id: PeerId(peer),
        username: Some("tram_news".to_owned()),
        title: "Tram news".to_owned(),
        about: String::new(),
        discussion: None,
        newest: domain::id::MessageId(12),
        members: Some(3),
    }
}

testkit::on_every_database! {
    async fn an_added_channel_is_read_from_where_it_stands_by_an_account_with_room(db: &Database) {
        let store = db.store();
        let sketch = Sketch { channels: 50, accounts: 2, ..Sketch::default() };
        let scene = Scene::new(store, &sketch).await.unwrap();
        assert_eq!(store.accounts_with_room(scene.project).await.unwrap(), scene.accounts);
        let add = |number: i64, reader| {
            let new = new_channel(number);
            async move { store.add_channel(scene.project, &new, reader, scene.user, scene.now).await }
        };
        let id = add(7_000, scene.accounts[1]).await.unwrap();
        let kept = store.channel(scene.project, id).await.unwrap();
        assert_eq!((kept.telegram_id, kept.username.as_deref()), (PeerId(7_000), Some("tram_news")));
        assert_eq!(store.channel_by_peer(scene.project, PeerId(7_000)).await.unwrap(), Some(kept));
        assert_eq!(store.accounts_near(scene.project, id, 10).await.unwrap()[0], scene.accounts[1]);
        assert!(matches!(add(7_000, scene.accounts[0]).await, Err(StoreError::Taken { .. })));
        for number in 0..25 {
            add(8_000 + number, scene.accounts[0]).await.unwrap();
        }
        assert_eq!(store.accounts_with_room(scene.project).await.unwrap(), [scene.accounts[1]]);
        let refused = add(9_000, scene.accounts[0]).await;
        assert!(matches!(refused, Err(StoreError::NotFound { .. })), "{refused:?}");
        assert_eq!(store.channel_by_peer(scene.project, PeerId(9_000)).await.unwrap(), None, "nothing was created");
        let other = Scene::new(store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        assert!(matches!(store.channel(other.project, id).await, Err(StoreError::NotFound { .. })));
    }

    async fn a_code_is_awaited_for_a_day_and_used_once(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let (project, channel, now) = (scene.project, scene.channels[0], scene.now);
        let code = domain::consent::ConsentCode::of_random(1);
        let newer = domain::consent::ConsentCode::of_random(2);
        let awaited = async |scope, at| store.awaited_code(project, channel, scope, at).await.unwrap();
        assert_eq!(awaited(Scope::Index, now).await, None);
        for code in [&code, &newer] {
            store.await_code(project, channel, Scope::Index, &code.hash(), scene.user, now + DAY).await.unwrap();
        }
        assert_eq!(awaited(Scope::Index, now).await, Some(newer.hash()), "the latest counts");
        assert_eq!((awaited(Scope::Read, now).await, awaited(Scope::Index, now + DAY).await), (None, None));
        store.prove_consent(project, &proof(&scene, Scope::Index, Evidence::DescriptionCode), scene.user, now).await.unwrap();
        assert_eq!(awaited(Scope::Index, now).await, None);
        let stranger = store.await_code(project, ChannelId(999), Scope::Read, &code.hash(), scene.user, now).await;
        assert!(matches!(stranger, Err(StoreError::NotFound { what: "channel", .. })));
    }

    async fn a_proof_given_anew_takes_the_place_of_the_one_before_without_a_gap(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let (later, user) = (scene.now + DAY, scene.user);
        let anew = proof(&scene, Scope::Comment, Evidence::TelegramAdmin);
        let consent = store.prove_consent(scene.project, &anew, user, later).await.unwrap();
        assert_ne!(consent, scene.consents[0]);
        let standing = store.standing_consents(scene.project, later).await.unwrap();
        assert_eq!(standing.len(), 1);
        assert_eq!((standing[0].consent, standing[0].expires_at), (consent, Some(later + DAY * 7)));
        let told = store.audit_entries(scene.project, 1).await.unwrap();
        assert_eq!((told[0].actor, told[0].detail.as_str()), (Actor::User(user), "comment by telegram_admin: seen in a test"));
    }

    async fn rights_that_are_seen_again_carry_a_consent_on_but_not_beyond_what_was_agreed(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let now = scene.now;
        let agreed = Proof { agreed_until: Some(now + DAY * 9), ..proof(&scene, Scope::Read, Evidence::TelegramAdmin) };
        let consent = store.prove_consent(scene.project, &agreed, scene.user, now).await.unwrap();
        assert_eq!(store.consents_to_check(now - LOOK_AGAIN, 10).await.unwrap(), [], "it was just seen");
        let due = store.consents_to_check(now, 10).await.unwrap();
        assert_eq!(due.len(), 1, "what is written needs no look");
        assert_eq!((due[0].consent, due[0].account, due[0].channel_peer), (consent, scene.accounts[0], scene.channel_peer(0)));
        store.confirm_consent(consent, now + DAY).await.unwrap();
        assert_eq!(ends_at(store, &scene, Scope::Read, now + DAY).await, Some(Some(now + DAY * 8)));
        store.confirm_consent(consent, now + DAY * 5).await.unwrap();
        assert_eq!(ends_at(store, &scene, Scope::Read, now + DAY * 5).await, Some(Some(now + DAY * 9)));
        assert_eq!(store.end_consents_that_ran_out(now + DAY * 9, 10).await.unwrap(), 1);
        store.confirm_consent(consent, now + DAY * 9).await.unwrap();
        assert_eq!(ends_at(store, &scene, Scope::Read, now + DAY * 9).await, None, "what ended does not come back");
    }

    async fn a_consent_that_ran_out_takes_what_stood_on_it_along(db: &Database) {
        let store = db.store();
        let sketch = Sketch::default();
        let (scene, mut line, due) = crate::scene_with_scheduled_comment(store, &sketch).await;
        let brief = Proof { agreed_until: Some(due), ..proof(&scene, Scope::Comment, Evidence::TelegramAdmin) };
        store.prove_consent(scene.project, &brief, scene.user, scene.now).await.unwrap();
        let before = store.latest_event().await.unwrap();
        assert_eq!(store.end_consents_that_ran_out(due, 10).await.unwrap(), 1);
        assert_eq!(store.end_consents_that_ran_out(due, 10).await.unwrap(), 0);
        let comment = crate::only_comment(store, scene.project).await;
        assert_eq!((comment.state, comment.reason), (StateName::Skipped, Some(SkipReason::ConsentRevoked)));
        assert_eq!((comment.signed_text, line.send(store, due).await.unwrap().len()), (None, 0));
        let told = store.events_after(before, 10).await.unwrap();
        assert!(told.iter().any(|event| event.kind == EventType::ConsentRevoked), "{told:?}");
        let anew = proof(&scene, Scope::Comment, Evidence::TelegramAdmin);
        store.prove_consent(scene.project, &anew, scene.user, due).await.unwrap();
    }

    async fn taking_back_the_reading_purges_what_was_kept_and_leaves_the_figures(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch { channels: 2, ..Sketch::default() }).await.unwrap();
        let (now, later) = (scene.now, scene.now + DAY);
        let kept = store.prove_consent(scene.project, &proof(&scene, Scope::Read, Evidence::Written), scene.user, now).await.unwrap();
        for index in [0, 1] {
            store.record_posts(&[scene.post(index, 1, "A secret", now)], now).await.unwrap();
        }
        let mut edited = scene.post(0, 1, "", now);
        edited.posts = vec![persistence::watching::SeenPost { edited_at: Some(later), ..seen_post(1, "Another secret", now) }];
        store.record_posts(&[edited], later).await.unwrap();
        let question = seen_message(10, 1, PeerId(5), "Whose secret?", now);
        let messages = RecordMessages { channel: scene.channels[0], messages: vec![question] };
        store.record_thread_messages(&[messages], now).await.unwrap();
        store.end_consent(scene.project, kept, Actor::User(scene.user), "asked to", later).await.unwrap();
        let posts = store.list_posts(scene.project, None, 10).await.unwrap();
        let mut texts: Vec<_> = posts.iter().map(|post| (post.channel, post.text.as_str(), post.views)).collect();
        texts.sort_unstable();
        assert_eq!(texts, [(scene.channels[0], "", 1), (scene.channels[1], "A secret", 1)]);
        let again = store.record_posts(&[scene.post(0, 1, "A secret", now)], later).await.unwrap();
        assert!(again[0].new.is_empty() && again[0].edited.is_empty(), "what is known is not read again");
    }

    async fn once_the_reading_was_taken_back_nothing_is_recorded_until_it_is_agreed_to_again(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch { channels: 2, ..Sketch::default() }).await.unwrap();
        let (channel, now, later) = (scene.channels[0], scene.now, scene.now + DAY);
        let agreed = proof(&scene, Scope::Read, Evidence::Written);
        let consent = store.prove_consent(scene.project, &agreed, scene.user, now).await.unwrap();
        store.record_posts(&[scene.post(0, 1, "Before", now)], now).await.unwrap();
        store.end_consent(scene.project, consent, Actor::User(scene.user), "asked to", later).await.unwrap();
        assert!(store.channel_cursor(channel, later).await.unwrap().closed);

        let edited = persistence::watching::SeenPost { edited_at: Some(later), ..seen_post(1, "Edited", now) };
        let seen = [
            persistence::watching::RecordPosts { channel, posts: vec![edited], empty: Vec::new() },
            scene.post(0, 3, "While it was over", later),
            scene.post(1, 1, "Another channel", later),
        ];
        let recorded = store.record_posts(&seen, later).await.unwrap();
        let told: Vec<_> = recorded.iter().map(|told| (told.new.len(), told.edited.len(), told.gaps)).collect();
        assert_eq!(told, [(0, 0, 0), (0, 0, 0), (1, 0, 0)]);
        let message = seen_message(10, 1, PeerId(5), "Who is still here?", later);
        let unheard = RecordMessages { channel, messages: vec![message.clone()] };
        let heard = store.record_thread_messages(std::slice::from_ref(&unheard), later).await.unwrap();
        assert_eq!((heard[0].new, heard[0].unknown_posts.len()), (0, 0));
        let posts = store.list_posts(scene.project, None, 10).await.unwrap();
        let mut texts: Vec<_> = posts.iter().map(|post| post.text.as_str()).collect();
        texts.sort_unstable();
        assert_eq!(texts, ["", "Another channel"]);

        store.prove_consent(scene.project, &agreed, scene.user, later).await.unwrap();
        let due = Line::default().claim(store, JobKind::AuditChannel, later).await.unwrap();
        assert!(due.iter().any(|claimed| claimed.job == domain::job::Job::AuditChannel { channel }), "it is audited at once");
        let cursor = store.channel_cursor(channel, later).await.unwrap();
        assert_eq!((cursor.closed, cursor.newest), (false, domain::id::MessageId(1)), "and read from where it was left");
        assert_eq!(store.record_posts(&seen[1..2], later).await.unwrap()[0].new.len(), 1);
        assert_eq!(store.record_thread_messages(&[unheard], later).await.unwrap()[0].new, 1);
    }

    async fn taking_back_the_index_purges_what_a_model_wrote(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let (line, now) = (&mut Line::default(), scene.now);
        let index = store.prove_consent(scene.project, &proof(&scene, Scope::Index, Evidence::Written), scene.user, now).await.unwrap();
        let mut comments = Vec::new();
        for (message, author) in [(1, DraftAuthor::Model), (2, DraftAuthor::Template)] {
            store.record_posts(&[scene.post(0, message, "Text", now)], now).await.unwrap();
            let comment = line.plan(store, &scene, now).await.unwrap()[0];
            let lease = line.claim(store, JobKind::WriteDraft, now).await.unwrap()[0].lease;
            let result = DraftResult::Written { text: "Well said".to_owned(), author, remarks: Vec::new() };
            store.apply_drafts(&line.node, &[DraftOutcome { lease, comment, result }], line.seed, now).await.unwrap();
            comments.push(comment);
        }
        assert_eq!(store.end_consent(scene.project, index, Actor::System, "rights are gone", now).await.unwrap(), 1);
        let state = |listed: &[persistence::review::ListedComment], id| {
            listed.iter().find(|comment| comment.id == id).map(|comment| comment.state)
        };
        let listed = store.list_comments(scene.project, &persistence::review::CommentFilter::default(), None, 10).await.unwrap();
        assert_eq!(state(&listed, comments[0]), Some(StateName::Skipped));
        assert_eq!(state(&listed, comments[1]), Some(StateName::Scheduled));
    }
}
