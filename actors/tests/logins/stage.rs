//! A project, a tree of logins alone, and a scripted Telegram behind them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use beseda_actors::clock::VirtualClock;
use beseda_actors::{
    Drive, ImportSession, Method, NoCourier, Part, Ports, Records, Settings, StartLogin, Stepper, System,
};
use domain::account::Event;
use domain::id::{AccountId, LoginId, PeerId};
use domain::login::State;
use domain::time::{Clock as _, Timestamp};
use persistence::Store;
use persistence::outbox::AuditEntry;
use telegram::{Session, Unreached};
use testkit::{Database, Scene, Sketch};
use writing::TemplateWriter;

use crate::telegram::{CODE, Script, Scripted};

/// A Telegram id that no scene has.
pub(crate) const STRANGER: PeerId = PeerId(77);

pub(crate) struct Stage {
    pub(crate) store: Store,
    pub(crate) scene: Scene,
    pub(crate) script: Arc<Script>,
    pub(crate) system: System,
    clock: Arc<VirtualClock>,
}

impl Stage {
    /// Waits until no login holds a line.
    pub(crate) async fn hung_up(&self) {
        testkit::until(
            "the lines to be closed",
            tokio::task::yield_now,
            async || self.script.open_lines.load(Ordering::SeqCst),
            |open| *open == 0,
        )
        .await;
    }

    /// A scene with one account, and a stranger who logs in with a profile that tells the label.
    pub(crate) async fn set(db: &Database, part: Part) -> Self {
        let store = db.store().clone();
        let scene = Scene::new(&store, &Sketch::default()).await.unwrap();
        let clock = Arc::new(VirtualClock::starting(scene.now));
        let script = Script::new(STRANGER, &format!("Editor. {}", scene.label.as_str()), clock.clone());
        let ports = Ports {
            records: Records::of(store.clone()),
            telegram: Arc::new(Unreached),
            logins: Arc::new(Scripted(script.clone())),
            probes: Arc::new(Unreached),
            writer: Arc::new(TemplateWriter),
            courier: Arc::new(NoCourier),
            clock: clock.clone(),
            probe: None,
        };
        let settings = Settings { part, drive: Drive::Stepped, logins: 2, ..Settings::default() };
        let system = System::start(ports, settings).await.unwrap();
        Self { store, scene, script, system, clock }
    }

    pub(crate) fn request(&self, method: Method) -> StartLogin {
        StartLogin {
            project: self.scene.project,
            by: self.scene.user,
            method,
            for_account: None,
            proxy: None,
        }
    }

    pub(crate) fn import(&self, session: Vec<u8>) -> ImportSession {
        ImportSession {
            project: self.scene.project,
            confirmed_by: self.scene.user,
            session: Session::new(session),
            for_account: None,
            proxy: None,
        }
    }

    /// Begins a login by phone and waits until its code is asked for.
    pub(crate) async fn phone(&self) -> LoginId {
        let login = self.system.start_login(self.request(Method::Phone("+49123".into()))).await.unwrap();
        self.reached(login, "code_sent").await;
        login
    }

    /// Begins a login by phone and types the right code.
    pub(crate) async fn phone_and_code(&self) -> (LoginId, State) {
        let login = self.phone().await;
        (login, self.system.submit_code(login, CODE.into()).await.unwrap())
    }

    /// Waits until a login is in the state of this name.
    pub(crate) async fn reached(&self, login: LoginId, name: &str) -> State {
        let mut states = self.system.follow_login(login).await.unwrap();
        let mut signal = states.clone();
        testkit::until(
            name,
            async || drop(signal.changed().await),
            async || states.borrow_and_update().clone(),
            |state| state.name() == name,
        )
        .await
    }

    pub(crate) fn pass(&self, time: Duration) {
        Stepper::new(&self.system, self.clock.clone()).advance(self.clock.now() + time);
    }

    /// Does what is due now, and again when that time has passed.
    pub(crate) async fn pass_settled(&self, time: Duration) {
        let stepper = Stepper::new(&self.system, self.clock.clone());
        stepper.settle(|| 0).await.unwrap();
        stepper.advance(self.clock.now() + time);
        stepper.settle(|| 0).await.unwrap();
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The scene's account lost its authorization.
    pub(crate) async fn lose_login(&self) -> AccountId {
        let account = self.scene.accounts[0];
        let lost = Event::Deauthorize;
        self.store.account_event(account, lost, "AUTH_KEY_UNREGISTERED", self.now()).await.unwrap();
        account
    }

    /// Asserts that nothing came of a login: the scene's account is still the only one, and no line is open.
    pub(crate) async fn assert_nothing_changed(&self) {
        let accounts = self.store.accounts_to_run(None, 10).await.unwrap();
        assert_eq!(accounts.iter().map(|it| it.account).collect::<Vec<_>>(), self.scene.accounts);
        let logged = self.audit().await.into_iter().any(|entry| entry.action == "account.login");
        assert!(!logged, "a login that failed is in the audit log as one");
    }

    pub(crate) async fn audit(&self) -> Vec<AuditEntry> {
        self.store.audit_entries(self.scene.project, 20).await.unwrap()
    }
}
