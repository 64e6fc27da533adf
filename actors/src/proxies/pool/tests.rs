//! The pool among accounts: proxies fail and come back as a test says, on a clock that it moves.

use std::collections::{HashMap, HashSet};
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use domain::account::Event;
use domain::id::{AccountId, MessageId, PeerId, ProxyId};
use domain::link::ChatLink;
use domain::proxy::Status;
use domain::time::{Clock as _, Timestamp};
use persistence::outbox::Actor;
use persistence::proxies::{ListedProxy, NewProxy, Way};
use persistence::{Store, StoreError};
use telegram::{
    Connection, Found, HistorySlot, Identity, LoginLine, Logins, Look, Outgoing, Probe, ProbeError, Probes,
    Rights, Route, SentMessage, Session, SignedIn, Telegram, TelegramError, Thread, Update, Updates,
};
use testkit::{Database, Scene, Sketch};

use crate::clock::VirtualClock;
use crate::error::ActorError;
use crate::{Drive, NoCourier, Ports, Records, Settings, Stepper, System};

const HERE: &str = "socks5://here.example:1080";
const THERE: &str = "http://there.example:8080";

/// Telegram, and every proxy to it, as a test wants them.
#[derive(Default)]
struct Outside {
    /// The proxies that fail, and how.
    broken: Mutex<HashMap<String, ProbeError>>,
    /// Which way each connection was opened.
    ways: Mutex<Vec<(AccountId, String)>>,
    /// The accounts whose connection is open.
    open: Arc<Mutex<HashSet<AccountId>>>,
}

impl Outside {
    fn break_down(&self, proxy: &str, error: ProbeError) {
        self.broken.lock().unwrap().insert(proxy.to_owned(), error);
    }

    /// The ways taken since this was last asked.
    fn taken(&self) -> Vec<(AccountId, String)> {
        let mut ways = std::mem::take(&mut *self.ways.lock().unwrap());
        ways.sort();
        ways
    }
}

fn shown(route: &Route) -> String {
    match route {
        Route::Direct => "direct".to_owned(),
        Route::Through(proxy) => proxy.to_string(),
    }
}

#[async_trait]
impl Probes for Outside {
    async fn probe(&self, route: &Route) -> Result<Probe, ProbeError> {
        let broken = self.broken.lock().unwrap().get(&shown(route)).cloned();
        broken.map_or(Ok(Probe { latency: Duration::from_millis(70) }), Err)
    }
}

#[async_trait]
impl Logins for Outside {
    async fn log_in(&self, _: &Route) -> Result<Box<dyn LoginLine>, TelegramError> {
        Err(TelegramError::Disconnected)
    }

    async fn recognise(&self, _: &Session, _: &Route) -> Result<SignedIn, TelegramError> {
        Err(TelegramError::Disconnected)
    }
}

#[async_trait]
impl Telegram for Outside {
    async fn connect(
        &self,
        account: AccountId,
        _: &Session,
        route: &Route,
    ) -> Result<Box<dyn Connection>, TelegramError> {
        assert!(self.open.lock().unwrap().insert(account), "account {account} has a connection already");
        self.ways.lock().unwrap().push((account, shown(route)));
        Ok(Box::new(Line { account, open: self.open.clone() }))
    }
}

/// A connection on which nothing happens.
struct Line {
    account: AccountId,
    open: Arc<Mutex<HashSet<AccountId>>>,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.open.lock().unwrap().remove(&self.account);
    }
}

/// The stream of a line on which nothing happens.
struct Nothing;

#[async_trait]
impl Updates for Nothing {
    async fn next(&mut self) -> Result<Update, TelegramError> {
        pending().await
    }
}

#[async_trait]
impl Connection for Line {
    async fn identify(&self) -> Result<Identity, TelegramError> {
        Ok(Identity {
            id: PeerId(self.account.get()),
            username: None,
            display_name: "Account".to_owned(),
            is_bot: false,
            about: String::new(),
        })
    }
    async fn resolve(&self, _: &ChatLink) -> Result<Found, TelegramError> {
        Err(TelegramError::Disconnected)
    }
    async fn rights(&self, _: PeerId) -> Result<Rights, TelegramError> {
        Err(TelegramError::Disconnected)
    }
    async fn join(&self, _: PeerId) -> Result<(), TelegramError> {
        Err(TelegramError::Disconnected)
    }
    async fn newest(&self, _: &[PeerId]) -> Result<Vec<MessageId>, TelegramError> {
        Err(TelegramError::Disconnected)
    }
    async fn history(&self, _: PeerId, _: &[MessageId]) -> Result<Vec<HistorySlot>, TelegramError> {
        Err(TelegramError::Disconnected)
    }
    async fn thread(&self, _: PeerId, _: MessageId) -> Result<Thread, TelegramError> {
        Err(TelegramError::Disconnected)
    }
    async fn comment(&self, _: &Outgoing) -> Result<SentMessage, TelegramError> {
        Err(TelegramError::Disconnected)
    }
    async fn find_sent(&self, _: &Outgoing) -> Result<Option<SentMessage>, TelegramError> {
        Err(TelegramError::Disconnected)
    }
    async fn look(&self, _: PeerId, _: &[MessageId]) -> Result<Vec<Look>, TelegramError> {
        Err(TelegramError::Disconnected)
    }
    async fn updates(&self) -> Result<Box<dyn Updates>, TelegramError> {
        Ok(Box::new(Nothing))
    }
}

/// A project with accounts and two proxies, and the tree at work on it.
struct Stage {
    store: Store,
    scene: Scene,
    proxies: Vec<ProxyId>,
    outside: Arc<Outside>,
    clock: Arc<VirtualClock>,
    system: System,
}

impl Stage {
    /// `through` says which way each account goes at first.
    async fn set(store: &Store, through: &[Way<'_>]) -> Self {
        let accounts = i64::try_from(through.len()).unwrap();
        let scene = Scene::new(store, &Sketch { accounts, channels: 0, ..Sketch::default() }).await.unwrap();
        let new = [HERE, THERE].map(|text| NewProxy { name: None, address: text.parse().unwrap() });
        let proxies = store.create_proxies(scene.project, &new, Actor::System, scene.now).await.unwrap();
        for (account, way) in scene.accounts.iter().zip(through) {
            store.send_account(scene.project, *account, *way, Actor::System, scene.now).await.unwrap();
        }
        let outside = Arc::new(Outside::default());
        let clock = Arc::new(VirtualClock::starting(scene.now));
        let ports = Ports {
            records: Records::of(store.clone()),
            telegram: outside.clone(),
            logins: outside.clone(),
            probes: outside.clone(),
            writer: Arc::new(writing::TemplateWriter),
            courier: Arc::new(NoCourier),
            clock: clock.clone(),
            probe: None,
        };
        let settings = Settings { drive: Drive::Stepped, ..Settings::default() };
        let system = System::start(ports, settings).await.unwrap();
        let stage = Self { store: store.clone(), scene, proxies, outside, clock, system };
        stage.pass(A_MOMENT).await;
        stage
    }

    /// Lets time pass and everything happen that is due in it.
    async fn pass(&self, span: Duration) {
        let until: Timestamp = self.clock.now() + span;
        let stepper = Stepper::new(&self.system, self.clock.clone());
        loop {
            stepper.settle(|| 0).await.unwrap();
            match stepper.next(None).await.unwrap() {
                Some(next) if next <= until => stepper.advance(next),
                Some(_) | None => break,
            }
        }
        stepper.advance(until);
    }

    async fn listed(&self) -> Vec<ListedProxy> {
        self.store.list_proxies(self.scene.project).await.unwrap()
    }

    async fn statuses(&self) -> Vec<Status> {
        self.listed().await.iter().map(|proxy| proxy.health.status).collect()
    }

    /// Ways as [`Outside::taken`] tells them, by the account's place in the scene.
    fn ways(&self, ways: &[(usize, &str)]) -> Vec<(AccountId, String)> {
        ways.iter().map(|(account, way)| (self.scene.accounts[*account], (*way).to_owned())).collect()
    }
}

/// Connections are opened one by one.
const A_MOMENT: Duration = Duration::from_secs(1);

const MINUTES: fn(u64) -> Duration = |minutes| Duration::from_secs(minutes * 60);

#[test]
fn an_account_whose_proxy_goes_down_reconnects_through_one_that_works() {
    Database::with_sqlite(async |db| {
        let through = [Way::Through(HERE), Way::Through(HERE), Way::Direct];
        let stage = Stage::set(db.store(), &through).await;
        assert_eq!(stage.outside.taken(), stage.ways(&[(0, HERE), (1, HERE), (2, "direct")]));
        assert_eq!(stage.statuses().await, [Status::Up, Status::Up]);
        assert_eq!(stage.listed().await[0].latency, Some(Duration::from_millis(70)));
        let limited = stage.scene.accounts[1];
        stage.store.account_event(limited, Event::Limit, "PEER_FLOOD", stage.clock.now()).await.unwrap();

        stage.outside.break_down(HERE, ProbeError::Silent(Duration::from_secs(10)));
        stage.pass(MINUTES(6)).await;
        assert_eq!(stage.statuses().await, [Status::Up, Status::Up], "one failure is a doubt");
        assert_eq!(stage.outside.taken(), []);
        stage.pass(MINUTES(4)).await;
        assert_eq!(stage.statuses().await, [Status::Down, Status::Up]);
        let error = stage.listed().await[0].last_error.clone();
        assert_eq!(error.as_deref(), Some("the proxy did not answer within 10 s"));
        assert_eq!(stage.outside.taken(), stage.ways(&[(0, THERE)]), "the limited one stays");

        stage.outside.broken.lock().unwrap().clear();
        stage.pass(MINUTES(10)).await;
        assert_eq!(stage.statuses().await, [Status::Up, Status::Up]);
        assert_eq!(stage.outside.taken(), [], "nobody moves back");
        stage.system.stop().await.unwrap();
    });
}

#[test]
fn when_no_proxy_works_nobody_moves_and_nobody_goes_straight() {
    Database::with_sqlite(async |db| {
        let stage = Stage::set(db.store(), &[Way::Through(HERE), Way::Through(THERE)]).await;
        assert_eq!(stage.outside.taken(), stage.ways(&[(0, HERE), (1, THERE)]));
        for proxy in [HERE, THERE] {
            stage.outside.break_down(proxy, ProbeError::NoTelegram("no answer within 10 s".to_owned()));
        }
        stage.pass(MINUTES(30)).await;
        assert_eq!(stage.statuses().await, [Status::Down, Status::Down]);
        stage.outside.broken.lock().unwrap().clear();
        stage.pass(MINUTES(30)).await;
        assert_eq!(stage.outside.taken(), [], "what was down for all comes back for all");
        stage.system.stop().await.unwrap();
    });
}

#[test]
fn proxies_are_looked_at_when_somebody_asks() {
    Database::with_sqlite(async |db| {
        let stage = Stage::set(db.store(), &[Way::Through(HERE)]).await;
        stage.outside.taken();
        stage.outside.break_down(HERE, ProbeError::Denied);
        let project = stage.scene.project;
        for (failures, status) in [(1, Status::Up), (2, Status::Up), (3, Status::Down)] {
            let reports = stage.system.check_proxies(project).await.unwrap();
            let (here, there) = (&reports[0], &reports[1]);
            assert_eq!((here.proxy, there.proxy), (stage.proxies[0], stage.proxies[1]));
            assert_eq!(here.answer, Err("the proxy refuses the name or the password".to_owned()));
            assert_eq!((here.health.failures, here.health.status), (failures, status));
            assert_eq!(there.answer, Ok(Duration::from_millis(70)));
        }
        let alone = stage.system.check_proxy(project, stage.proxies[1]).await.unwrap().unwrap();
        assert_eq!((alone.proxy, alone.answer), (stage.proxies[1], Ok(Duration::from_millis(70))));
        assert_eq!(stage.system.check_proxy(project, ProxyId(999)).await.unwrap(), None);
        let shown = stage.store.proxy(project, stage.proxies[0]).await.unwrap();
        assert_eq!(shown.health.failures, 3, "the other one was left alone");
        stage.pass(A_MOMENT).await;
        assert_eq!(stage.outside.taken(), stage.ways(&[(0, THERE)]));
        stage.system.stop().await.unwrap();
    });
}

#[test]
fn an_account_goes_the_way_a_person_wants_at_once() {
    Database::with_sqlite(async |db| {
        let stage = Stage::set(db.store(), &[Way::Direct]).await;
        let (project, account) = (stage.scene.project, stage.scene.accounts[0]);
        for (way, shown) in [(Way::AnyProxy, HERE), (Way::Through(THERE), THERE), (Way::Direct, "direct")] {
            stage.outside.taken();
            stage.system.send_account(project, account, way, Actor::System).await.unwrap();
            stage.pass(A_MOMENT).await;
            assert_eq!(stage.outside.taken(), stage.ways(&[(0, shown)]));
        }
        let nowhere = Way::Through("nowhere");
        let refused = stage.system.send_account(project, account, nowhere, Actor::System).await;
        assert!(matches!(refused, Err(ActorError::Store(StoreError::NotFound { what: "proxy", .. }))));
        stage.system.stop().await.unwrap();
    });
}
