//! What the tree does to keep things as they should be: one connection an account, looks once a day, audits, comments whose
//! answer was lost, consents that are proven and end with their proof, and answers for commands beside it. On both databases.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

mod audits;
mod errands;
mod looks;
mod sending;
mod stewards;
mod town;

use std::sync::Arc;
use std::time::Duration;

use beseda_actors::clock::VirtualClock;
use beseda_actors::{ActorError, Client, Drive, NoCourier, Ports, Records, Settings, Stepper, System};
use domain::time::{Clock as _, Timestamp};
use persistence::{Dialect, Store, StoreError};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};
use telegram::Unreached;
use testkit::{Database, Scene, Sketch};
use writing::TemplateWriter;

use town::{Gate, Plot, Town};

/// How long a node's word counts where that matters.
const TENURE: Duration = Duration::from_secs(30);

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A scene with two accounts, its tree, and the town it is connected to.
struct Stage {
    store: Store,
    scene: Scene,
    town: Arc<Town>,
    clock: Arc<VirtualClock>,
    system: System,
}

impl Stage {
    /// A tree whose node need not be heard of for days, so that days pass quickly.
    async fn set(db: &Database) -> Self {
        Self::with(db, DAY * 3).await
    }

    async fn with(db: &Database, tenure: Duration) -> Self {
        let store = db.store().clone();
        let scene = Scene::new(&store, &Sketch { accounts: 2, ..Sketch::default() }).await.unwrap();
        let town = Town::of(&format!("Editor. {}", scene.label.as_str()));
        let clock = Arc::new(VirtualClock::starting(scene.now));
        let system = start("one", &store, &town, &clock, tenure).await.unwrap();
        let stage = Self { store, scene, town, clock, system };
        stage.pass(Duration::ZERO).await;
        stage
    }

    fn client(&self) -> Client {
        Client { project: self.scene.project, user: self.scene.user }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Does everything that is due within the time that passes.
    async fn pass(&self, time: Duration) {
        pass(&[&self.system], &self.clock, time).await;
    }

    /// Lets time pass, from one due thing to the next, until something is so in the town.
    async fn until(&self, what: &str, is_so: impl Fn(&Plot) -> bool) {
        for _ in 0..1_000 {
            self.pass(Duration::ZERO).await;
            if is_so(&self.town.plot()) {
                return;
            }
            let stepper = Stepper::new(&self.system, self.clock.clone());
            let next = stepper.next(None).await.unwrap();
            stepper.advance(next.unwrap_or_else(|| panic!("nothing is due before {what}")));
        }
        panic!("{what} did not come about");
    }

    /// The process ends, and another one begins in its place.
    async fn restart(&mut self) {
        self.system.clone().stop().await.unwrap();
        self.system = start("one", &self.store, &self.town, &self.clock, DAY * 3).await.unwrap();
    }
}

/// Changes the database behind everybody's back.
async fn run_raw(db: &Database, statement: &str) {
    let url = db.config().url.as_str();
    let statement = AssertSqlSafe(statement.to_owned());
    match db.store().dialect() {
        Dialect::Sqlite => SqliteConnection::connect(url).await.unwrap().execute(statement).await.map(drop),
        Dialect::Postgres => PgConnection::connect(url).await.unwrap().execute(statement).await.map(drop),
    }
    .unwrap();
}

/// Lets time pass for trees that share a clock, from one due thing to the next.
async fn pass(systems: &[&System], clock: &Arc<VirtualClock>, time: Duration) {
    let end = clock.now() + time;
    loop {
        for system in systems {
            Stepper::new(system, clock.clone()).settle(|| 0).await.unwrap();
        }
        let Some(system) = systems.first().filter(|_| clock.now() < end) else { return };
        let stepper = Stepper::new(system, clock.clone());
        let next = stepper.next(None).await.unwrap().map_or(end, |next| next.min(end));
        stepper.advance(next);
    }
}

async fn start(
    node: &str,
    store: &Store,
    town: &Arc<Town>,
    clock: &Arc<VirtualClock>,
    tenure: Duration,
) -> Result<System, ActorError> {
    start_driven(Drive::Stepped, node, store, town, clock, tenure).await
}

async fn start_driven(
    drive: Drive,
    node: &str,
    store: &Store,
    town: &Arc<Town>,
    clock: &Arc<VirtualClock>,
    tenure: Duration,
) -> Result<System, ActorError> {
    let ports = Ports {
        records: Records::of(store.clone()),
        telegram: Arc::new(Gate(town.clone())),
        logins: Arc::new(Unreached),
        probes: Arc::new(Unreached),
        writer: Arc::new(TemplateWriter),
        courier: Arc::new(NoCourier),
        clock: clock.clone(),
        probe: None,
    };
    // What these tests are not about happens rarely.
    let settings = Settings {
        node: node.to_owned(),
        drive,
        tenure,
        connect_gap: Duration::ZERO,
        inspect_every: HOUR / 2,
        rescue_every: DAY,
        prune_every: DAY,
        probe_every: DAY,
        audit_every: DAY,
        ..Settings::default()
    };
    System::start(ports, settings).await
}

testkit::on_every_database! {
    async fn two_processes_never_connect_an_account_at_the_same_time(db: &Database) {
        let stage = Stage::with(db, TENURE).await;
        let (town, clock, second) = (&stage.town, &stage.clock, db.open_again().await);
        assert_eq!(town.connected(), 2);
        let twin = start("one", &second, town, clock, TENURE).await;
        assert!(matches!(twin, Err(ActorError::Store(StoreError::Occupied { .. }))), "the same name is taken");
        if second.dialect() == Dialect::Sqlite {
            let other = start("two", &second, town, clock, TENURE).await;
            assert!(matches!(other, Err(ActorError::Store(StoreError::Occupied { .. }))), "and so is the file");
            stage.system.stop().await.unwrap();
            assert_eq!(town.connected(), 0);
            let other = start("two", &second, town, clock, TENURE).await.unwrap();
            pass(&[&other], clock, Duration::ZERO).await;
            assert_eq!((town.connected(), town.most()), (2, 1));
            other.stop().await.unwrap();
            return;
        }
        let other = start("two", &second, town, clock, TENURE).await.unwrap();
        let both = [&stage.system, &other];
        pass(&both, clock, Duration::from_secs(100)).await;
        assert_eq!((town.connected(), town.most()), (2, 1), "the second node waits its turn");
        stage.system.clone().stop().await.unwrap();
        assert_eq!(town.connected(), 0);
        pass(&[&other], clock, Duration::from_secs(15)).await;
        assert_eq!((town.connected(), town.most()), (2, 1), "what the first gave up is taken over");
        other.stop().await.unwrap();
        second.close().await.unwrap();
    }

    async fn a_node_that_cannot_say_it_is_alive_lets_go_before_another_takes_over(db: &Database) {
        let stage = Stage::with(db, TENURE).await;
        let (town, clock, second) = (&stage.town, &stage.clock, db.open_again().await);
        if second.dialect() == Dialect::Sqlite {
            stage.pass(HOUR).await;
            assert_eq!(town.connected(), 2, "who has everything need not say anything");
            return;
        }
        let mut raw = PgConnection::connect(&db.config().url).await.unwrap();
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        raw.execute(cut).await.unwrap();
        let other = start("two", &second, town, clock, TENURE).await.unwrap();
        let both = [&stage.system, &other];
        pass(&both, clock, Duration::from_secs(100)).await;
        assert!(town.plot().attempts > 2, "its word ran out, and somebody connected the accounts anew");
        assert_eq!((town.connected(), town.most()), (2, 1), "and somebody has the accounts in the end");
        stage.system.stop().await.unwrap();
        other.stop().await.unwrap();
        second.close().await.unwrap();
    }

    async fn an_account_logged_in_by_another_process_connects_by_itself(db: &Database) {
        let stage = Stage::set(db).await;
        let account = stage.scene.accounts[0];
        stage.town.plot().closed = Some(telegram::TelegramError::Unauthorized);
        stage.system.clone().stop().await.unwrap();
        let system = start("one", &stage.store, &stage.town, &stage.clock, TENURE).await.unwrap();
        pass(&[&system], &stage.clock, HOUR).await;
        let attempts = stage.town.plot().attempts;
        pass(&[&system], &stage.clock, HOUR).await;
        assert_eq!((stage.town.connected(), stage.town.plot().attempts), (0, attempts), "nobody tries in vain");
        stage.town.plot().closed = None;
        let beside = db.open_again().await;
        beside.account_event(account, domain::account::Event::LogIn, "logged in", stage.now()).await.unwrap();
        pass(&[&system], &stage.clock, Duration::from_secs(10)).await;
        assert_eq!(stage.town.connected(), 1);
        system.stop().await.unwrap();
        beside.close().await.unwrap();
    }
}
