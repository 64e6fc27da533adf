//! What the tree does to tell endpoints outside what happened: until they took it, in spite of those that hang, and across
//! restarts. On both databases.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use beseda_actors::clock::VirtualClock;
use beseda_actors::{Courier, Drive, Parcel, Ports, Records, Settings, Stepper, System};
use domain::id::WebhookId;
use domain::time::Clock as _;
use domain::webhook::{ATTEMPTS, Answer, DeliveryState, Endpoint, Fault, Reach, Secret, Status};
use persistence::Store;
use persistence::outbox::Actor;
use persistence::webhooks::{DeliveryFilter, ListedDelivery, NewWebhook};
use telegram::Unreached;
use testkit::{Scene, Sketch};
use tokio::sync::{Notify, Semaphore};
use writing::TemplateWriter;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Answers as the test says, by path, and keeps what it carried.
struct Script {
    answers: Mutex<HashMap<String, Answer>>,
    carried: Mutex<Vec<Parcel>>,
    /// Who is asked at `/hangs` waits for a permit.
    hangs: Semaphore,
    heard: Notify,
}

impl Script {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::default(),
            carried: Mutex::default(),
            hangs: Semaphore::new(0),
            heard: Notify::new(),
        })
    }

    fn answer(&self, path: &str, answer: Answer) {
        self.answers.lock().unwrap().insert(url(path), answer);
    }

    /// How often a path was asked.
    fn asked(&self, path: &str) -> usize {
        self.carried.lock().unwrap().iter().filter(|parcel| parcel.url == url(path)).count()
    }
}

/// The tree's handle to a script.
struct Reader(Arc<Script>);

#[async_trait]
impl Courier for Reader {
    async fn carry(&self, parcel: &Parcel) -> Answer {
        self.0.carried.lock().unwrap().push(parcel.clone());
        self.0.heard.notify_one();
        if parcel.url == url("hangs") {
            drop(self.0.hangs.acquire().await);
            return Err(Fault::TimedOut);
        }
        self.0.answers.lock().unwrap().get(&parcel.url).copied().unwrap_or(Ok(200))
    }

    fn reach(&self) -> Reach {
        Reach::Public
    }
}

fn url(path: &str) -> String {
    format!("https://example.com/{path}")
}

struct Stage {
    store: Store,
    scene: Scene,
    script: Arc<Script>,
    clock: Arc<VirtualClock>,
    system: System,
}

impl Stage {
    async fn set(store: &Store, drive: Drive) -> Self {
        // Without accounts nothing is due but what webhooks are told.
        let scene = Scene::new(store, &Sketch { accounts: 0, ..Sketch::default() }).await.unwrap();
        let (script, clock) = (Script::new(), Arc::new(VirtualClock::starting(scene.now)));
        let system = start(store, &script, &clock, drive).await;
        Self { store: store.clone(), scene, script, clock, system }
    }

    async fn add(&self, path: &str) -> (WebhookId, Secret) {
        let endpoint = Endpoint::parse(&url(path), Reach::Public).unwrap();
        let new = NewWebhook { endpoint: &endpoint, description: "", types: &[] };
        let by = Actor::User(self.scene.user);
        let (webhook, secret) =
            self.store.create_webhook(self.scene.project, new, by, self.scene.now).await.unwrap();
        (webhook.id, secret)
    }

    /// Records a post, which tells `post.new` (and nothing else before somebody plans).
    async fn post(&self, message: i64) {
        let post = self.scene.post(0, message, "news", self.clock.now());
        self.store.record_posts(&[post], self.clock.now()).await.unwrap();
    }

    async fn log(&self, webhook: WebhookId) -> Vec<ListedDelivery> {
        let (project, all) = (self.scene.project, DeliveryFilter::default());
        self.store.list_deliveries(project, webhook, all, None, 100).await.unwrap()
    }

    /// Lets time pass, from one due thing to the next.
    async fn pass(&self, time: Duration) {
        let (stepper, end) = (Stepper::new(&self.system, self.clock.clone()), self.clock.now() + time);
        loop {
            stepper.settle(|| 0).await.unwrap();
            if self.clock.now() >= end {
                return;
            }
            let next = stepper.next(None).await.unwrap().map_or(end, |next| next.min(end));
            stepper.advance(next);
        }
    }
}

async fn start(store: &Store, script: &Arc<Script>, clock: &Arc<VirtualClock>, drive: Drive) -> System {
    let ports = Ports {
        records: Records::of(store.clone()),
        telegram: Arc::new(Unreached),
        logins: Arc::new(Unreached),
        probes: Arc::new(Unreached),
        writer: Arc::new(TemplateWriter),
        courier: Arc::new(Reader(script.clone())),
        clock: clock.clone(),
        probe: None,
    };
    // What these tests are not about happens rarely.
    let settings = Settings {
        drive,
        tenure: DAY * 30,
        inspect_every: DAY * 30,
        rescue_every: DAY * 30,
        prune_every: DAY * 30,
        probe_every: DAY * 30,
        audit_every: DAY * 30,
        ..Settings::default()
    };
    System::start(ports, settings).await.unwrap()
}

testkit::on_every_database! {
    async fn an_endpoint_is_told_what_happened_signed_and_under_the_same_id_with_every_attempt(db: &Database) {
        let stage = Stage::set(db.store(), Drive::Stepped).await;
        let (webhook, secret) = stage.add("hook").await;
        stage.script.answer("hook", Ok(503));
        stage.post(1).await;
        stage.pass(Duration::from_secs(2)).await;
        stage.script.answer("hook", Ok(200));
        stage.pass(Duration::from_secs(10)).await;
        let carried = stage.script.carried.lock().unwrap().clone();
        let news: Vec<_> = carried.iter().filter(|parcel| parcel.payload.contains("post.new")).collect();
        assert_eq!(news.len(), 2, "it was told again after five seconds: {carried:?}");
        assert_eq!((&news[0].id, &news[0].payload), (&news[1].id, &news[1].payload));
        assert!(news[0].at < news[1].at, "each attempt has its own time");
        for parcel in news {
            assert_eq!(parcel.signature, secret.sign(&parcel.id, parcel.at, &parcel.payload));
        }
        let states: Vec<_> = stage.log(webhook).await.iter().map(|delivery| delivery.state).collect();
        assert!(!states.is_empty() && states.iter().all(|state| *state == DeliveryState::Delivered), "{states:?}");
        stage.system.stop().await.unwrap();
    }

    async fn an_endpoint_that_never_answers_is_asked_ten_times_in_three_days_and_then_left_alone(db: &Database) {
        let stage = Stage::set(db.store(), Drive::Stepped).await;
        let (webhook, _) = stage.add("down").await;
        stage.script.answer("down", Err(Fault::Unconnected));
        stage.system.clone().stop().await.unwrap();
        stage.post(1).await;
        let system = start(&stage.store, &stage.script, &stage.clock, Drive::Stepped).await;
        let stage = Stage { system, ..stage };
        stage.pass(DAY * 5).await;
        let log = stage.log(webhook).await;
        for delivery in &log {
            assert_eq!((delivery.state, delivery.log.len()), (DeliveryState::Failed, usize::from(ATTEMPTS)));
        }
        let asked = stage.script.asked("down");
        assert_eq!(asked, log.len() * usize::from(ATTEMPTS));
        let by = Actor::User(stage.scene.user);
        stage.script.answer("down", Ok(204));
        stage.store.replay_failed(stage.scene.project, webhook, by, stage.clock.now()).await.unwrap();
        stage.pass(DAY).await;
        let log = stage.log(webhook).await;
        assert!(log.iter().all(|delivery| delivery.state == DeliveryState::Delivered), "{log:?}");
        stage.system.stop().await.unwrap();
    }

    async fn an_endpoint_that_answers_410_is_told_nothing_more(db: &Database) {
        let stage = Stage::set(db.store(), Drive::Stepped).await;
        let (webhook, _) = stage.add("gone").await;
        stage.script.answer("gone", Ok(410));
        stage.post(1).await;
        stage.pass(Duration::from_secs(1)).await;
        let asked = stage.script.asked("gone");
        assert_eq!(stage.store.webhook(stage.scene.project, webhook).await.unwrap().status, Status::Gone);
        stage.post(2).await;
        stage.pass(DAY).await;
        assert_eq!(stage.script.asked("gone"), asked);
        stage.system.stop().await.unwrap();
    }

    async fn an_endpoint_that_hangs_holds_up_no_other_and_has_one_attempt_at_a_time(db: &Database) {
        let stage = Stage::set(db.store(), Drive::Live).await;
        stage.add("hangs").await;
        let (quick, _) = stage.add("quick").await;
        for message in 1..=20 {
            stage.post(message).await;
        }
        let told = testkit::until(
            "twenty posts to be told to the quick endpoint",
            async || stage.script.heard.notified().await,
            async || stage.script.asked("quick"),
            |asked| *asked >= 20,
        )
        .await;
        assert!(told >= 20);
        assert_eq!(stage.script.asked("hangs"), 1, "it still hangs in its first attempt");
        stage.system.clone().stop().await.unwrap();
        assert!(!stage.log(quick).await.is_empty());

        // What hung when the process ended comes back to the next one.
        stage.clock.advance(stage.clock.now() + Duration::from_secs(61), &beseda_actors::Traffic::new());
        stage.script.hangs.add_permits(1_000);
        let system = start(&stage.store, &stage.script, &stage.clock, Drive::Live).await;
        testkit::until(
            "the attempt that hung to be made again",
            async || stage.script.heard.notified().await,
            async || stage.script.asked("hangs"),
            |asked| *asked >= 2,
        )
        .await;
        system.stop().await.unwrap();
    }
}
