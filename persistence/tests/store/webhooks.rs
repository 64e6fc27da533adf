//! Webhooks: who is told what, once and until it was taken; and what people do about it.

use std::collections::HashSet;
use std::time::Duration;

use domain::event::EventType;
use domain::id::{ProjectId, WebhookId};
use domain::time::Timestamp;
use domain::webhook::{DeliveryState, Endpoint, Fault, KEPT_AFTER_ROTATION, Reach, Status, Verdict};
use persistence::maintenance::Retention;
use persistence::outbox::Actor;
use persistence::webhooks::{
    Attempt, ClaimedDelivery, DeliveryFilter, ListedDelivery, NewWebhook, WebhookChange,
};
use persistence::{Store, StoreError};
use testkit::{Scene, Sketch};

const LEASE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

fn endpoint(path: &str) -> Endpoint {
    Endpoint::parse(&format!("https://example.com/{path}"), Reach::Public).unwrap()
}

async fn add(store: &Store, scene: &Scene, types: &[EventType]) -> WebhookId {
    let endpoint = endpoint("hook");
    let new = NewWebhook { endpoint: &endpoint, description: "ours", types };
    store.create_webhook(scene.project, new, Actor::User(scene.user), scene.now).await.unwrap().0.id
}

/// Records posts `from..=to` of the scene's channel; each tells `post.new`.
async fn post(store: &Store, scene: &Scene, from: i64, to: i64) {
    for message in from..=to {
        let post = scene.post(0, message, &format!("post {message}"), scene.now);
        store.record_posts(&[post], scene.now).await.unwrap();
    }
}

async fn spread(store: &Store, now: Timestamp) {
    while store.spread_events(2, now).await.unwrap().is_some() {}
}

async fn claim(store: &Store, busy: &[WebhookId], now: Timestamp) -> Vec<ClaimedDelivery> {
    let busy: HashSet<_> = busy.iter().copied().collect();
    store.claim_deliveries(&busy, 10, LEASE, now).await.unwrap()
}

async fn settle(store: &Store, of: &ClaimedDelivery, answer: Result<u16, Fault>, verdict: Verdict) -> bool {
    let at = of.event.occurred_at + Duration::from_secs(1);
    let latency = Duration::from_millis(40);
    let attempt = Attempt { delivery: of.id, number: of.attempt, at, latency, answer, verdict };
    store.settle_delivery(&attempt).await.unwrap()
}

async fn log(store: &Store, project: ProjectId, webhook: WebhookId) -> Vec<ListedDelivery> {
    store.list_deliveries(project, webhook, DeliveryFilter::default(), None, 100).await.unwrap()
}

testkit::on_every_database! {
    async fn an_endpoint_is_told_what_happens_after_it_was_added_and_only_what_it_asked_for(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let stranger = Scene::new(store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        post(store, &scene, 1, 2).await;
        let posts = add(store, &scene, &[EventType::PostNew]).await;
        let removals = add(store, &scene, &[EventType::CommentRemoved]).await;
        let everything = add(store, &scene, &[]).await;
        let theirs = add(store, &stranger, &[]).await;
        post(store, &scene, 3, 7).await;
        spread(store, scene.now).await;
        spread(store, scene.now).await;
        assert_eq!(log(store, scene.project, posts).await.len(), 5);
        assert_eq!(log(store, scene.project, removals).await.len(), 0);
        assert_eq!(log(store, scene.project, everything).await.len(), 5);
        assert_eq!(log(store, stranger.project, theirs).await.len(), 0, "another project hears nothing of it");
        let of_another = store.list_deliveries(stranger.project, posts, DeliveryFilter::default(), None, 9).await;
        assert!(matches!(of_another, Err(StoreError::NotFound { .. })));
    }

    async fn a_delivery_is_taken_up_once_and_comes_back_if_its_process_dies(db: &Database) {
        let (store, now) = (db.store(), Sketch::default().now);
        let other = db.open_again().await;
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let webhook = add(store, &scene, &[]).await;
        post(store, &scene, 1, 2).await;
        tokio::join!(spread(store, now), spread(&other, now));
        let (here, there) = tokio::join!(claim(store, &[], now), claim(&other, &[], now));
        let mut ids: Vec<_> = here.iter().chain(&there).map(|claimed| claimed.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), here.len() + there.len(), "nobody has what another one has: {here:?} {there:?}");
        claim(store, &[], now).await;
        assert!(claim(store, &[], now).await.is_empty(), "both are taken up");
        assert_eq!(store.next_delivery(&HashSet::new()).await.unwrap(), Some(now + LEASE));

        let again = claim(store, &[], now + LEASE).await;
        assert_eq!((again.len(), again[0].attempt, again[0].turn), (1, 2, 2), "one at a time for an endpoint");
        assert!(claim(store, &[webhook], now + LEASE).await.is_empty(), "it is busy");
        let first = here.iter().chain(&there).find(|claimed| claimed.id == again[0].id);
        if let Some(first) = first {
            assert!(!settle(store, first, Ok(200), Verdict::Delivered).await, "too late: another attempt is on its way");
        }
        assert!(settle(store, &again[0], Ok(204), Verdict::Delivered).await);
        let delivered = log(store, scene.project, webhook).await.into_iter().find(|one| one.id == again[0].id).unwrap();
        assert_eq!(delivered.state, DeliveryState::Delivered);
        assert_eq!((delivered.log[0].status, delivered.log[0].latency_ms, delivered.log[0].number), (Some(204), 40, 2));
        other.close().await.unwrap();
    }

    async fn what_failed_is_kept_with_its_attempts_and_can_be_replayed_by_hand(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let (project, by, now) = (scene.project, Actor::User(scene.user), scene.now);
        let webhook = add(store, &scene, &[]).await;
        post(store, &scene, 1, 1).await;
        spread(store, now).await;
        let first = claim(store, &[], now).await.remove(0);
        assert!(settle(store, &first, Err(Fault::TimedOut), Verdict::Again(now + HOUR)).await);
        assert!(claim(store, &[], now + HOUR / 2).await.is_empty(), "it waits");
        let second = claim(store, &[], now + HOUR).await.remove(0);
        assert_eq!((second.attempt, second.turn), (2, 2));
        assert!(settle(store, &second, Ok(500), Verdict::Failed).await);
        let failed = log(store, project, webhook).await.remove(0);
        assert_eq!((failed.state, failed.next_at, failed.log.len()), (DeliveryState::Failed, None, 2));
        assert_eq!((failed.log[0].fault, failed.log[1].status), (Some(Fault::TimedOut), Some(500)));

        let replayed = store.replay_delivery(project, webhook, failed.id, by, now + HOUR).await.unwrap();
        assert_eq!((replayed.state, replayed.next_at), (DeliveryState::Pending, Some(now + HOUR)));
        let third = claim(store, &[], now + HOUR).await.remove(0);
        assert_eq!((third.event.id, third.attempt, third.turn), (first.event.id, 3, 1), "its waits begin anew");
        settle(store, &third, Ok(500), Verdict::Failed).await;
        assert_eq!(store.replay_failed(project, webhook, by, now + HOUR).await.unwrap(), 1);
        let fourth = claim(store, &[], now + HOUR).await.remove(0);
        settle(store, &fourth, Ok(200), Verdict::Delivered).await;
        assert_eq!(store.replay_failed(project, webhook, by, now + HOUR).await.unwrap(), 0);
        let stranger = Scene::new(store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        let by = Actor::User(stranger.user);
        let foreign = store.replay_delivery(stranger.project, webhook, failed.id, by, now).await;
        assert!(matches!(foreign, Err(StoreError::NotFound { .. })));
    }

    async fn an_endpoint_that_is_gone_or_off_is_told_nothing_and_not_later_either(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let (project, by, now) = (scene.project, Actor::User(scene.user), scene.now);
        let webhook = add(store, &scene, &[]).await;
        post(store, &scene, 1, 3).await;
        spread(store, now).await;
        let first = claim(store, &[], now).await.remove(0);
        settle(store, &first, Ok(410), Verdict::Gone).await;
        assert_eq!(store.webhook(project, webhook).await.unwrap().status, Status::Gone);
        let states: Vec<_> = log(store, project, webhook).await.iter().map(|one| one.state).collect();
        assert_eq!(states, [DeliveryState::Failed; 3]);
        let audited = store.audit_entries(project, 1).await.unwrap().remove(0);
        assert_eq!((audited.actor, audited.action.as_str()), (Actor::System, "webhook.gone"));

        post(store, &scene, 4, 4).await;
        spread(store, now).await;
        let on = |enabled| WebhookChange { enabled: Some(enabled), ..WebhookChange::default() };
        let enabled = store.change_webhook(project, webhook, &on(true), by, now).await.unwrap();
        assert_eq!(enabled.status, Status::Enabled);
        post(store, &scene, 5, 5).await;
        spread(store, now).await;
        assert_eq!(log(store, project, webhook).await.len(), 4, "what happened meanwhile is not told");
        assert_eq!(claim(store, &[], now).await.len(), 1);
        store.change_webhook(project, webhook, &on(false), by, now).await.unwrap();
        assert_eq!(store.next_delivery(&HashSet::new()).await.unwrap(), None);
        assert!(claim(store, &[], now + LEASE).await.is_empty());
    }

    async fn a_secret_is_shown_once_and_after_an_exchange_both_sign_for_a_day(db: &Database) {
        use secrecy::ExposeSecret as _;
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let (project, by, now) = (scene.project, Actor::User(scene.user), scene.now);
        let target = endpoint("hook");
        let new = NewWebhook { endpoint: &target, description: "", types: &[] };
        let (webhook, first) = store.create_webhook(project, new, by, now).await.unwrap();
        let (rotated, second) = store.rotate_webhook_secret(project, webhook.id, by, now).await.unwrap();
        assert_eq!(rotated.old_secret_until, Some(now + KEPT_AFTER_ROTATION));
        assert_ne!(first.bytes(), second.bytes());
        post(store, &scene, 1, 1).await;
        spread(store, now).await;
        let signing = |claimed: &ClaimedDelivery| -> Vec<Vec<u8>> {
            claimed.secrets.iter().map(|secret| secret.bytes().to_vec()).collect()
        };
        let claimed = claim(store, &[], now).await.remove(0);
        assert_eq!(signing(&claimed), [second.bytes().to_vec(), first.bytes().to_vec()]);
        let later = now + KEPT_AFTER_ROTATION;
        assert_eq!(signing(&claim(store, &[], later).await[0]), [second.bytes().to_vec()]);
        assert!(second.reveal().expose_secret().starts_with("whsec_"));
        assert_eq!(store.sealing().await.unwrap().values.iter().map(|(_, amount)| amount).sum::<u64>(), 2);
    }

    async fn endpoints_are_listed_changed_and_removed_and_each_change_is_audited(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let (project, by, now) = (scene.project, Actor::User(scene.user), scene.now);
        let webhooks = [add(store, &scene, &[]).await, add(store, &scene, &[EventType::PostNew]).await];
        let listed = store.list_webhooks(project, None, 1).await.unwrap();
        assert_eq!(listed.iter().map(|webhook| webhook.id).collect::<Vec<_>>(), [webhooks[1]]);
        let rest = store.list_webhooks(project, Some(webhooks[1]), 10).await.unwrap();
        assert_eq!(rest.iter().map(|webhook| webhook.id).collect::<Vec<_>>(), [webhooks[0]]);
        let change = WebhookChange {
            endpoint: Some(endpoint("other")),
            types: Some(vec![EventType::CommentSent]),
            ..WebhookChange::default()
        };
        let changed = store.change_webhook(project, webhooks[0], &change, by, now).await.unwrap();
        assert_eq!((changed.url.as_str(), changed.description.as_str()), ("https://example.com/other", "ours"));
        assert_eq!((changed.types.as_slice(), changed.status), ([EventType::CommentSent].as_slice(), Status::Enabled));
        store.delete_webhook(project, webhooks[0], by, now).await.unwrap();
        let gone = store.webhook(project, webhooks[0]).await;
        assert!(matches!(gone, Err(StoreError::NotFound { what: "webhook", .. })));
        let audited: Vec<_> =
            store.audit_entries(project, 3).await.unwrap().into_iter().map(|entry| entry.action).collect();
        assert_eq!(audited, ["webhook.deleted", "webhook.updated", "webhook.created"]);

        let target = endpoint("hook");
        let new = NewWebhook { endpoint: &target, description: "", types: &[] };
        for _ in 1..20 {
            store.create_webhook(project, new, by, now).await.unwrap();
        }
        let refused = store.create_webhook(project, new, by, now).await;
        assert!(matches!(refused, Err(StoreError::QuotaReached { limit: 20, .. })), "{refused:?}");
    }

    async fn the_log_of_deliveries_is_kept_as_long_as_events_are_and_the_newest_event_stays(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let webhook = add(store, &scene, &[]).await;
        post(store, &scene, 1, 2).await;
        spread(store, scene.now).await;
        let first = claim(store, &[], scene.now).await.remove(0);
        settle(store, &first, Ok(200), Verdict::Delivered).await;
        let newest = store.latest_event().await.unwrap();
        let after = scene.now + HOUR;
        let gone = Retention { events: after, audit: scene.now, readers_text: scene.now };
        store.prune(&gone, 1000).await.unwrap();
        assert_eq!(store.oldest_event().await.unwrap(), Some(newest));
        let left: Vec<_> = log(store, scene.project, webhook).await.iter().map(|one| one.state).collect();
        assert_eq!(left, [DeliveryState::Pending], "what is on its way stays");
    }

    async fn a_proxy_that_goes_down_is_told_of_once(db: &Database) {
        use persistence::proxies::{NewProxy, Probed};
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let new = [NewProxy { name: None, address: "socks5://one.example:1080".parse().unwrap() }];
        let by = Actor::User(scene.user);
        let proxy = store.create_proxies(scene.project, &new, by, scene.now).await.unwrap()[0];
        for _ in 0..5 {
            let probed = [Probed { proxy, answer: Err("it is gone".to_owned()) }];
            store.record_probes(&probed, scene.now).await.unwrap();
        }
        let events = store.events_after(domain::id::EventId(0), 100).await.unwrap();
        let told: Vec<_> = events.iter().filter(|event| event.kind == EventType::ProxyDown).collect();
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].project, told[0].subject.proxy), (Some(scene.project), Some(proxy)));
    }

    async fn whoever_waits_for_events_hears_of_them_from_every_process(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let mut here = store.tells();
        here.mark_unchanged();
        post(store, &scene, 1, 1).await;
        here.changed().await.unwrap();
        if store.dialect() == persistence::Dialect::Postgres {
            let other = db.open_again().await;
            let mut there = other.tells();
            there.changed().await.unwrap(); // it begins to listen
            there.mark_unchanged();
            post(store, &scene, 2, 2).await;
            tokio::time::timeout(Duration::from_secs(20), there.changed()).await.unwrap().unwrap();
            other.close().await.unwrap();
        }
    }
}
