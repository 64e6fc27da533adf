//! A whole installation with a Telegram of its own: the simulated world behind its MTProto door, the adapter, the tree, the
//! gateway. Every secret in it can be recognised.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actors::clock::SystemClock;
use actors::{Kind, Method, NoCourier, Ports, Probe, Records, Settings, StartLogin, System};
use domain::id::{AccountId, MessageId};
use domain::login::State;
use domain::proxy::{Credentials, ProxyAddress, Scheme};
use domain::seed::Seed;
use domain::time::Clock as _;
use persistence::outbox::Actor;
use persistence::proxies::NewProxy;
use persistence::setup::{Assignment, NewChannel};
use secrecy::{ExposeSecret as _, SecretString};
use simulator::{MtprotoDoor, Source, World, WorldPlan};
use telegram::grammers::{self, Grammers, Patience};
use telegram::proxy::Prober;
use testkit::tokio::sync::watch;
use testkit::{Database, Scene, Sketch, until};
use writing::TemplateWriter;

use crate::needle::Needle;

pub(crate) const API_HASH: &str = "5d1c7a90e2b84f6317c0d9ae46f82b35";
pub(crate) const LOGIN_KEY: &str = "login-key-77c01fb3";
const PROXY_PASSWORD: &str = "proxy-password-90ab12";
const WRONG_CODE: &str = "wrong-code-4711";
const WRONG_PASSWORD: &str = "wrong-password-0815";
/// The one account that logs in; it has a password.
const ACCOUNT: u32 = 1;

/// The installation.
pub(crate) struct Installation {
    pub(crate) door: MtprotoDoor,
    pub(crate) system: System,
    pub(crate) account: AccountId,
    pub(crate) scene: Scene,
    pub(crate) needles: Vec<Needle>,
    crash: Arc<Crash>,
}

/// Makes the account's actor panic when it is told to connect.
#[derive(Default)]
struct Crash(AtomicBool);

impl Probe for Crash {
    fn before(&self, kind: Kind, message: &'static str) {
        let strikes = (kind, message) == (Kind::Account, "connect") && self.0.swap(false, Ordering::SeqCst);
        assert!(!strikes, "struck down");
    }
}

impl Installation {
    /// Sets it up and logs its account in, with all the mistakes that an owner can make.
    pub(crate) async fn set_up(database: &Database) -> Self {
        let clock = Arc::new(SystemClock);
        let sketch = Sketch { accounts: 0, channels: 0, now: clock.now(), ..Sketch::default() };
        let scene = Scene::new(database.store(), &sketch).await.unwrap();
        let plan = WorldPlan {
            channels: 1,
            accounts: 2,
            ..WorldPlan::new(Seed(9), clock.now(), scene.label.clone())
        };
        let world = Arc::new(World::build(plan, Source::Generated));
        let anywhere = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0);
        let door = MtprotoDoor::open(world.clone(), clock.clone(), anywhere, LOGIN_KEY.into()).await.unwrap();
        let crash = Arc::new(Crash::default());
        let system = System::start(ports(database, &door, crash.clone()), Settings::default()).await.unwrap();
        let account = log_in(&system, &scene, &world).await;
        let mut needles = needles(&world);
        needles.extend(session_needles(database, account).await);
        Self { door, system, account, scene, needles, crash }
    }

    /// Gives the account a channel to read, and the project a proxy that leads nowhere.
    pub(crate) async fn furnish(&self, database: &Database) {
        let (store, now) = (database.store(), SystemClock.now());
        let channel = NewChannel {
            telegram_id: WorldPlan::channel_peer(0),
            username: None,
            title: "Channel".to_owned(),
            about: String::new(),
            discussion: Some(WorldPlan::group_peer(0)),
            newest: MessageId(0),
            members: None,
        };
        let channels = store.create_channels(self.scene.project, &[channel], now).await.unwrap();
        let reading = Assignment { account: self.account, channel: channels[0] };
        store.assign_channels(self.scene.project, &[reading]).await.unwrap();
        let password = SecretString::from(PROXY_PASSWORD);
        let address = ProxyAddress {
            scheme: Scheme::Socks5,
            host: "127.0.0.1".to_owned(),
            port: 1,
            credentials: Some(Credentials { username: "desk".to_owned(), password }),
        };
        let proxy = NewProxy { name: Some("nowhere".to_owned()), address };
        store.create_proxies(self.scene.project, &[proxy], Actor::System, now).await.unwrap();
        self.system.enrol().await;
        self.system.check_proxies(self.scene.project).await.unwrap();
        self.system.quiet().await;
    }

    /// Makes the account's actor panic once.
    pub(crate) fn strike(&self) {
        self.crash.0.store(true, Ordering::SeqCst);
        self.system.reconnect(self.account);
    }
}

fn ports(database: &Database, door: &MtprotoDoor, crash: Arc<Crash>) -> Ports {
    let settings = grammers::Settings {
        api_id: 1,
        api_hash: API_HASH.into(),
        servers: Some(vec![door.server()]),
        patience: Patience::default(),
    };
    let records = Records::of(database.store().clone());
    let adapter = Arc::new(Grammers::new(settings, Arc::new(records.clone())));
    Ports {
        records,
        telegram: adapter.clone(),
        logins: adapter,
        probes: Arc::new(Prober::new(Arc::new(SystemClock))),
        writer: Arc::new(TemplateWriter),
        courier: Arc::new(NoCourier),
        clock: Arc::new(SystemClock),
        probe: Some(crash),
    }
}

/// Logs the account in by its phone number, after a wrong code and a wrong password.
async fn log_in(system: &System, scene: &Scene, world: &World) -> AccountId {
    let request = StartLogin {
        project: scene.project,
        by: scene.user,
        method: Method::Phone(world.phone(ACCOUNT).into()),
        for_account: None,
        proxy: None,
    };
    let login = system.start_login(request).await.unwrap();
    let states = system.follow_login(login).await.unwrap();
    reach(&states, "the code", |state| matches!(state, State::CodeSent(_))).await;
    system.submit_code(login, WRONG_CODE.into()).await.unwrap();
    reach(&states, "a wrong code", |state| matches!(state, State::CodeWrong { .. })).await;
    system.submit_code(login, world.code(ACCOUNT).unwrap().into()).await.unwrap();
    reach(&states, "the password", |state| matches!(state, State::PasswordNeeded { .. })).await;
    system.submit_password(login, WRONG_PASSWORD.into()).await.unwrap();
    reach(&states, "a wrong password", |state| matches!(state, State::PasswordWrong { .. })).await;
    system.submit_password(login, world.password(ACCOUNT).unwrap().into()).await.unwrap();
    let done = reach(&states, "the end", |state| matches!(state, State::Done(_))).await;
    let State::Done(welcome) = done else { panic!("{done:?}") };
    welcome.account
}

/// Waits until a login is where it should be.
async fn reach(states: &watch::Receiver<State>, awaited: &str, there: impl Fn(&State) -> bool) -> State {
    let mut changes = states.clone();
    let change = async || drop(changes.changed().await);
    until(awaited, change, async || states.borrow().clone(), there).await
}

fn needles(world: &World) -> Vec<Needle> {
    vec![
        Needle::new("phone number", world.phone(ACCOUNT).as_bytes()),
        Needle::new("password", world.password(ACCOUNT).unwrap().as_bytes()),
        Needle::new("wrong code", WRONG_CODE.as_bytes()),
        Needle::new("wrong password", WRONG_PASSWORD.as_bytes()),
        Needle::new("proxy's password", PROXY_PASSWORD.as_bytes()),
        Needle::new("api hash", API_HASH.as_bytes()),
        Needle::new("key of logins", LOGIN_KEY.as_bytes()),
        Needle::new("vault's key", &[7; 32]),
    ]
}

/// The session as it was stored, and the authorization key in it.
async fn session_needles(database: &Database, account: AccountId) -> [Needle; 2] {
    let session = database.store().account_to_run(account).await.unwrap().unwrap().session.opened().unwrap();
    let session = session.expose_secret();
    let written: serde_json::Value = serde_json::from_slice(session).unwrap();
    let key = base64::Engine::decode(
        &base64::engine::general_purpose::STANDARD,
        written["centres"][0]["key"].as_str().unwrap(),
    );
    [Needle::new("session", session), Needle::new("authorization key", &key.unwrap())]
}
