//! Logins and imports through the real adapter, against the simulated Telegram's MTProto door.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;

use actors::clock::SystemClock;
use actors::{
    ImportSession, LoginError, Method, NoCourier, Part, Ports, Records, Settings, StartLogin, System,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::account::{Event, StatusName};
use domain::id::{AccountId, LoginId};
use domain::login::{Failure, State, Welcome};
use domain::seed::Seed;
use domain::time::Clock as _;
use persistence::Store;
use secrecy::ExposeSecret as _;
use simulator::record::Intervention;
use simulator::{MtprotoDoor, Source, World, WorldPlan};
use telegram::grammers::{self, Grammers, Patience};
use telegram::{Session, Unreached, import};
use testkit::{Database, Scene, Sketch};
use writing::TemplateWriter;

/// A world that has a door, and nothing of the product.
struct Outside {
    world: Arc<World>,
    door: MtprotoDoor,
}

impl Outside {
    async fn open(scene: &Scene) -> Self {
        let clock = Arc::new(SystemClock);
        let plan = WorldPlan {
            channels: 1,
            accounts: 4,
            ..WorldPlan::new(Seed(9), clock.now(), scene.label.clone())
        };
        let world = Arc::new(World::build(plan, Source::Generated));
        let anywhere = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0);
        let door = MtprotoDoor::open(world.clone(), clock, anywhere, "shared".into()).await.unwrap();
        Self { world, door }
    }

    /// Somebody scans a QR code with the application in which `account` is logged in.
    fn scan(&self, url: &str, account: u32) {
        let token = url.strip_prefix("tg://login?token=").unwrap();
        let token = URL_SAFE_NO_PAD.decode(token).unwrap();
        assert!(self.world.scan(&token, account, SystemClock.now()), "the code on the screen counts");
    }
}

/// An installation that only takes logins.
struct Inside {
    store: Store,
    scene: Scene,
    system: System,
}

impl Inside {
    async fn start(db: &Database, scene: Scene, outside: &Outside) -> Self {
        let store = db.store().clone();
        let settings = grammers::Settings {
            api_id: 1,
            api_hash: "0123456789abcdef0123456789abcdef".into(),
            servers: Some(vec![outside.door.server()]),
            patience: Patience::default(),
        };
        let records = Records::of(store.clone());
        let ports = Ports {
            records: records.clone(),
            telegram: Arc::new(Unreached),
            logins: Arc::new(Grammers::new(settings, Arc::new(records))),
            probes: Arc::new(Unreached),
            writer: Arc::new(TemplateWriter),
            courier: Arc::new(NoCourier),
            clock: Arc::new(SystemClock),
            probe: None,
        };
        let system =
            System::start(ports, Settings { part: Part::Logins, ..Settings::default() }).await.unwrap();
        Self { store, scene, system }
    }

    async fn qr(&self, for_account: Option<AccountId>) -> LoginId {
        self.begin(Method::Qr, for_account).await
    }

    async fn phone(&self, number: &str) -> LoginId {
        self.begin(Method::Phone(number.into()), None).await
    }

    async fn begin(&self, method: Method, for_account: Option<AccountId>) -> LoginId {
        let (project, by) = (self.scene.project, self.scene.user);
        let request = StartLogin { project, by, method, for_account, proxy: None };
        self.system.start_login(request).await.unwrap()
    }

    /// Logs in by a QR code that the owner of `account` scans.
    async fn scanned(&self, outside: &Outside, account: u32, for_account: Option<AccountId>) -> State {
        let login = self.qr(for_account).await;
        let shown = self.reached(login, "qr_shown").await;
        let State::QrShown { url, .. } = shown else { unreachable!("it was waited for") };
        outside.scan(url.expose_secret(), account);
        self.reached_end(login).await
    }

    async fn import(&self, session: Session) -> Result<Welcome, LoginError> {
        let import = ImportSession {
            project: self.scene.project,
            confirmed_by: self.scene.user,
            session,
            for_account: None,
            proxy: None,
        };
        self.system.import_session(import).await
    }

    async fn reached(&self, login: LoginId, name: &str) -> State {
        self.wait(login, name, |state| state.name() == name).await
    }

    async fn reached_end(&self, login: LoginId) -> State {
        self.wait(login, "the end", State::is_final).await
    }

    async fn wait(&self, login: LoginId, awaited: &str, reached: impl Fn(&State) -> bool) -> State {
        let mut states = self.system.follow_login(login).await.unwrap();
        let mut signal = states.clone();
        testkit::until(
            awaited,
            async || drop(signal.changed().await),
            async || states.borrow_and_update().clone(),
            reached,
        )
        .await
    }
}

/// A project without accounts.
async fn project(db: &Database) -> Scene {
    let sketch = Sketch { accounts: 0, channels: 0, now: SystemClock.now(), ..Sketch::default() };
    Scene::new(db.store(), &sketch).await.unwrap()
}

fn welcome(state: State) -> Welcome {
    let State::Done(welcome) = state else { panic!("the login is {}: {state:?}", state.name()) };
    welcome
}

fn failure(state: State) -> Failure {
    let State::Failed(failure) = state else { panic!("the login is {}: {state:?}", state.name()) };
    failure
}

#[test]
fn a_scanned_qr_code_logs_its_account_in_and_its_session_can_be_taken_out() {
    Database::with_sqlite(async |db| {
        let scene = project(db).await;
        let outside = Outside::open(&scene).await;
        let inside = Inside::start(db, scene, &outside).await;
        let welcome = welcome(inside.scanned(&outside, 0, None).await);
        assert!(welcome.is_new && welcome.missing_label.is_none(), "{welcome:?}");
        let health = inside.store.account_health(welcome.account).await.unwrap();
        assert_eq!(health.telegram_id, Some(WorldPlan::account_peer(0)));

        let (owner, now) = (inside.scene.user, SystemClock.now());
        let session = inside.store.export_session(welcome.account, owner, now).await.unwrap();
        let text = import::to_telethon(&Session::new(session.expose_secret().to_vec())).unwrap();
        let again = inside.import(import::telethon(&text).unwrap()).await.unwrap_err();
        let recognised = LoginError::Failed(Failure::NoLoginNeeded(StatusName::Active));
        assert_eq!(again.to_string(), recognised.to_string(), "Telegram says whose session the string is");
    });
}

#[test]
fn an_account_whose_session_was_revoked_comes_back_with_its_own_login_only() {
    Database::with_sqlite(async |db| {
        let scene = project(db).await;
        let outside = Outside::open(&scene).await;
        let inside = Inside::start(db, scene, &outside).await;
        let text = import::to_telethon(&outside.door.session(2).unwrap()).unwrap();
        let welcome = inside.import(import::telethon(&text).unwrap()).await.unwrap();
        let account = welcome.account;
        assert!(welcome.is_new);

        let (store, now) = (&inside.store, SystemClock.now());
        outside.world.intervene(Intervention::Revoke { account: WorldPlan::account_peer(2) }, now);
        store.account_event(account, Event::Deauthorize, "SESSION_REVOKED", now).await.unwrap();
        let void = inside.import(import::telethon(&text).unwrap()).await.unwrap_err();
        assert_eq!(void.to_string(), Failure::SessionVoid.to_string());

        let stranger = inside.scanned(&outside, 0, Some(account)).await;
        assert_eq!(failure(stranger), Failure::AnotherAccount);
        let status = store.account_health(account).await.unwrap().status.name();
        assert_eq!(status, StatusName::NeedsLogin);
        let back = self::welcome(inside.scanned(&outside, 2, Some(account)).await);
        assert_eq!((back.account, back.is_new), (account, false));
        let status = store.account_health(account).await.unwrap().status.name();
        assert_eq!(status, StatusName::Active);
    });
}

#[test]
fn a_password_is_asked_for_after_a_code_and_a_number_that_cannot_be_is_refused() {
    Database::with_sqlite(async |db| {
        let scene = project(db).await;
        let outside = Outside::open(&scene).await;
        let inside = Inside::start(db, scene, &outside).await;
        let login = inside.phone(&format!("+{}", outside.world.phone(1))).await;
        inside.reached(login, "code_sent").await;
        let wrong = inside.system.submit_code(login, "00000000".into()).await.unwrap();
        assert_eq!(wrong.name(), "code_wrong");
        let code = outside.world.code(1).unwrap();
        let asked = inside.system.submit_code(login, code.into()).await.unwrap();
        assert_eq!(asked.name(), "password_needed");
        let wrong = inside.system.submit_password(login, "not it".into()).await.unwrap();
        assert_eq!(wrong.name(), "password_wrong");
        let password = outside.world.password(1).unwrap();
        let done = inside.system.submit_password(login, password.into()).await.unwrap();
        assert!(welcome(done).is_new);

        let login = inside.phone("12").await;
        assert_eq!(failure(inside.reached_end(login).await), Failure::PhoneInvalid);
    });
}

#[test]
fn without_a_telegram_a_login_ends_and_says_what_to_look_at() {
    Database::with_sqlite(async |db| {
        let scene = project(db).await;
        let outside = Outside::open(&scene).await;
        let inside = Inside::start(db, scene, &outside).await;
        drop(outside);
        let login = inside.qr(None).await;
        assert_eq!(failure(inside.reached_end(login).await), Failure::Unreachable);
    });
}
