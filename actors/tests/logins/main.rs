//! Logins against a scripted Telegram, on both databases: what succeeds, and that whatever fails says why and changes nothing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

mod stage;
mod telegram;

use std::sync::atomic::Ordering;
use std::time::Duration;

use ::telegram::{TelegramError, WaitScope};
use beseda_actors::{ActorError, LoginError, Method, Part, SessionForm, Settings};
use domain::account::StatusName;
use domain::id::{PeerId, ProxyId};
use domain::login::{Failure, LIFETIME, State, Welcome};
use persistence::StoreError;
use persistence::outbox::Actor;
use persistence::proxies::NewProxy;
use secrecy::ExposeSecret as _;
use testkit::{Scene, Sketch};

use stage::{STRANGER, Stage};
use telegram::{NOBODYS, PASSWORD, QR_COUNTS};

fn welcome(state: State) -> Welcome {
    let State::Done(welcome) = state else { panic!("the login is {}", state.name()) };
    welcome
}

fn failure(state: State) -> Failure {
    let State::Failed(failure) = state else { panic!("the login is {}", state.name()) };
    failure
}

fn qr_code(state: &State) -> String {
    let State::QrShown { url, .. } = state else { panic!("the login is {}", state.name()) };
    url.expose_secret().to_owned()
}

#[test]
fn what_is_no_session_string_is_refused_and_not_shown() {
    let refused = beseda_actors::read_session(SessionForm::Telethon, &"1secret-rubbish".into()).unwrap_err();
    assert!(!refused.to_string().contains("secret"), "{refused}");
    assert!(matches!(refused, LoginError::Session(_)), "{refused:?}");
}

testkit::on_every_database! {
    async fn a_login_by_phone_connects_an_account_and_keeps_its_session(db: &Database) {
        let stage = Stage::set(db, Part::Logins).await;
        let (_, state) = stage.phone_and_code().await;
        let welcome = welcome(state);
        assert!(welcome.is_new && welcome.missing_label.is_none(), "{welcome:?}");
        let health = stage.store.account_health(welcome.account).await.unwrap();
        assert_eq!((health.project, health.telegram_id), (stage.scene.project, Some(STRANGER)));
        assert_eq!((health.status.name(), health.label_verified_at), (StatusName::Active, Some(stage.now())));
        let kept = stage.store.account_to_run(welcome.account).await.unwrap().unwrap().session.opened().unwrap();
        assert_eq!(kept.expose_secret(), stage.script.session());
        let entry = &stage.audit().await[0];
        assert_eq!((entry.action.as_str(), entry.detail.as_str()), ("account.login", "by phone, for the first time"));
        assert_eq!(stage.script.open_lines.load(Ordering::SeqCst), 0, "the login's own line is closed");
        assert_eq!(stage.script.taken_back.load(Ordering::SeqCst), 0);
    }

    async fn a_profile_without_the_label_is_asked_for_it_and_the_account_does_not_write(db: &Database) {
        let stage = Stage::set(db, Part::Logins).await;
        "Photographer".clone_into(&mut stage.script.identity.lock().unwrap().about);
        let welcome = welcome(stage.phone_and_code().await.1);
        assert_eq!(welcome.missing_label, Some(stage.scene.label.clone()));
        assert_eq!(stage.store.account_health(welcome.account).await.unwrap().label_verified_at, None);
    }

    async fn a_bot_needs_no_label_in_its_profile(db: &Database) {
        let stage = Stage::set(db, Part::Logins).await;
        {
            let mut identity = stage.script.identity.lock().unwrap();
            identity.is_bot = true;
            identity.about.clear();
        }
        let welcome = stage.system.import_session(stage.import(stage.script.session())).await.unwrap();
        assert_eq!(welcome.missing_label, None);
    }

    async fn a_wrong_code_can_be_typed_again_but_not_for_ever(db: &Database) {
        let stage = Stage::set(db, Part::Logins).await;
        let login = stage.phone().await;
        let wrong = stage.system.submit_code(login, "54321".into()).await.unwrap();
        assert!(matches!(wrong, State::CodeWrong { tries_left: 2, .. }), "{wrong:?}");
        stage.system.submit_code(login, "54321".into()).await.unwrap();
        let end = stage.system.submit_code(login, "54321".into()).await.unwrap();
        assert_eq!(failure(end), Failure::TooManyCodes);
        let late = stage.system.submit_code(login, telegram::CODE.into()).await;
        assert!(matches!(late, Err(LoginError::OutOfTurn(_))), "{late:?}");
        stage.assert_nothing_changed().await;
    }

    async fn a_wrong_password_can_be_typed_again_but_not_for_ever(db: &Database) {
        let stage = Stage::set(db, Part::Logins).await;
        stage.script.has_password.store(true, Ordering::SeqCst);
        let (login, state) = stage.phone_and_code().await;
        assert!(matches!(state, State::PasswordNeeded { hint: Some(_) }), "{state:?}");
        let wrong = stage.system.submit_password(login, "battery".into()).await.unwrap();
        assert!(matches!(wrong, State::PasswordWrong { tries_left: 2, .. }), "{wrong:?}");
        welcome(stage.system.submit_password(login, PASSWORD.into()).await.unwrap());

        stage.script.identity.lock().unwrap().id = PeerId(78);
        let (login, _) = stage.phone_and_code().await;
        for _ in 0..2 {
            stage.system.submit_password(login, "battery".into()).await.unwrap();
        }
        let end = stage.system.submit_password(login, "battery".into()).await.unwrap();
        assert_eq!(failure(end), Failure::TooManyPasswords);
    }

    async fn a_qr_code_that_expired_is_followed_by_another_until_one_is_scanned(db: &Database) {
        let stage = Stage::set(db, Part::Logins).await;
        let login = stage.system.start_login(stage.request(Method::Qr)).await.unwrap();
        let first = qr_code(&stage.reached(login, "qr_shown").await);
        stage.system.quiet().await;
        let mut states = stage.system.follow_login(login).await.unwrap();
        states.mark_unchanged();
        stage.pass(QR_COUNTS);
        states.changed().await.unwrap();
        while qr_code(&states.borrow_and_update().clone()) == first {
            states.changed().await.unwrap();
        }
        stage.script.scan();
        let welcome = welcome(stage.reached(login, "done").await);
        assert!(welcome.is_new);
        assert_eq!(stage.audit().await[0].detail, "by a QR code, for the first time");
    }

    async fn an_account_that_needs_a_login_comes_back_with_its_own_and_no_other(db: &Database) {
        let stage = Stage::set(db, Part::Logins).await;
        let account = stage.lose_login().await;
        let mut request = stage.request(Method::Phone("+49123".into()));
        request.for_account = Some(account);
        let login = stage.system.start_login(request.clone()).await.unwrap();
        stage.reached(login, "code_sent").await;
        let end = stage.system.submit_code(login, telegram::CODE.into()).await.unwrap();
        assert_eq!(failure(end), Failure::AnotherAccount);
        assert_eq!(stage.script.taken_back.load(Ordering::SeqCst), 1, "the stranger is logged out again");
        stage.assert_nothing_changed().await;
        assert_eq!(stage.store.account_health(account).await.unwrap().status.name(), StatusName::NeedsLogin);

        stage.script.identity.lock().unwrap().id = stage.scene.account_peer(0);
        let login = stage.system.start_login(request.clone()).await.unwrap();
        stage.reached(login, "code_sent").await;
        let welcome = welcome(stage.system.submit_code(login, telegram::CODE.into()).await.unwrap());
        assert_eq!((welcome.account, welcome.is_new), (account, false));
        assert_eq!(stage.store.account_health(account).await.unwrap().status.name(), StatusName::Active);
        let again = stage.system.start_login(request).await;
        let needless = LoginError::Failed(Failure::NoLoginNeeded(StatusName::Active)).to_string();
        assert_eq!(again.unwrap_err().to_string(), needless);
    }

    async fn an_account_of_another_project_or_one_that_works_is_refused(db: &Database) {
        let stage = Stage::set(db, Part::Logins).await;
        let other = Scene::new(&stage.store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        stage.script.identity.lock().unwrap().id = other.account_peer(0);
        assert_eq!(failure(stage.phone_and_code().await.1), Failure::AnotherProject);
        stage.script.identity.lock().unwrap().id = stage.scene.account_peer(0);
        let (_, end) = stage.phone_and_code().await;
        assert_eq!(failure(end), Failure::NoLoginNeeded(StatusName::Active));
        assert_eq!(stage.script.taken_back.load(Ordering::SeqCst), 2);
        let kept = stage.store.account_to_run(stage.scene.accounts[0]).await.unwrap().unwrap().session.opened();
        assert!(kept.is_none(), "the session that was there stays");
    }

    async fn a_phone_number_without_an_account_ends_the_login_and_registers_nobody(db: &Database) {
        let stage = Stage::set(db, Part::Logins).await;
        let request = stage.request(Method::Phone(NOBODYS.into()));
        let login = stage.system.start_login(request).await.unwrap();
        assert_eq!(failure(stage.reached(login, "failed").await), Failure::PhoneUnregistered);
        stage.assert_nothing_changed().await;
    }

    async fn a_flood_wait_is_shown_and_the_login_goes_on_after_it(db: &Database) {
        let stage = Stage::set(db, Part::Logins).await;
        let wait = Duration::from_secs(120);
        stage.script.refuse(TelegramError::Wait { scope: WaitScope::Account, wait }.into());
        let request = stage.request(Method::Phone("+49123".into()));
        let login = stage.system.start_login(request).await.unwrap();
        let waiting = stage.reached(login, "waiting").await;
        assert!(matches!(waiting, State::Waiting { until, .. } if until == stage.now() + wait), "{waiting:?}");
        stage.system.quiet().await;
        stage.pass(wait);
        stage.reached(login, "code_sent").await;
        welcome(stage.system.submit_code(login, telegram::CODE.into()).await.unwrap());
    }

    async fn a_login_expires_after_ten_minutes_and_frees_its_place(db: &Database) {
        let stage = Stage::set(db, Part::Logins).await;
        let logins = [stage.phone().await, stage.phone().await];
        let third = stage.system.start_login(stage.request(Method::Qr)).await;
        assert!(matches!(third, Err(LoginError::Busy)), "{third:?}");
        stage.pass(LIFETIME);
        for login in logins {
            stage.reached(login, "expired").await;
        }
        stage.hung_up().await;
        stage.assert_nothing_changed().await;
        let login = stage.phone().await;
        stage.system.cancel_login(login).await.unwrap();
        let gone = stage.system.login_state(logins[0]).await;
        assert!(matches!(gone, Err(LoginError::Unknown)) || gone.unwrap().name() == "expired");
    }

    async fn a_login_that_is_given_up_lets_go_of_its_line(db: &Database) {
        let stage = Stage::set(db, Part::Logins).await;
        let login = stage.system.start_login(stage.request(Method::Qr)).await.unwrap();
        stage.reached(login, "qr_shown").await;
        let end = stage.system.cancel_login(login).await.unwrap();
        assert_eq!(end.name(), "cancelled");
        stage.hung_up().await;
        stage.assert_nothing_changed().await;
    }

    async fn a_login_is_known_in_its_project_alone_and_shows_nothing_that_was_typed(db: &Database) {
        let stage = Stage::set(db, Part::Logins).await;
        let other = Scene::new(&stage.store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        let login = stage.phone().await;
        let found = stage.system.login(stage.scene.project, login).await.unwrap();
        assert_eq!((found.id, found.state.name(), found.by_qr), (login, "code_sent", false));
        assert_eq!(found.expires_at, stage.now() + LIFETIME);
        assert!(!format!("{found:?}").contains("49123"), "{found:?}");
        let foreign = stage.system.login(other.project, login).await;
        assert!(matches!(foreign, Err(LoginError::Unknown)), "{foreign:?}");
        stage.system.cancel_login(login).await.unwrap();
        let ended = stage.system.login(stage.scene.project, login).await.unwrap();
        assert_eq!(ended.state.name(), "cancelled", "one that ended can be looked at until its place is taken");
    }

    async fn an_imported_session_is_recognised_before_it_is_kept(db: &Database) {
        let stage = Stage::set(db, Part::Logins).await;
        let void = stage.system.import_session(stage.import(b"somebody's".to_vec())).await;
        assert_eq!(void.unwrap_err().to_string(), Failure::SessionVoid.to_string());
        stage.assert_nothing_changed().await;
        let welcome = stage.system.import_session(stage.import(stage.script.session())).await.unwrap();
        assert!(welcome.is_new);
        let entry = &stage.audit().await[0];
        assert_eq!(entry.action, "account.import");
        assert_eq!(entry.detail, "confirmed to be theirs or their team's, for the first time");
        let twice = stage.system.import_session(stage.import(stage.script.session())).await;
        assert!(matches!(twice, Err(LoginError::Failed(Failure::NoLoginNeeded(_)))), "{twice:?}");
    }

    async fn a_session_is_given_to_the_owner_alone_and_that_is_written_down(db: &Database) {
        let stage = Stage::set(db, Part::Logins).await;
        let other = Scene::new(&stage.store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        let welcome = welcome(stage.phone_and_code().await.1);
        let refused = stage.store.export_session(welcome.account, other.user, stage.now()).await;
        assert!(refused.unwrap_err().to_string().contains("that this user owns"));
        let session = stage.store.export_session(welcome.account, stage.scene.user, stage.now()).await.unwrap();
        assert_eq!(session.expose_secret(), stage.script.session());
        assert_eq!(stage.audit().await[0].action, "account.export");
    }

    async fn an_account_goes_through_the_proxy_that_it_logged_in_through(db: &Database) {
        let stage = Stage::set(db, Part::Logins).await;
        let address = "socks5://proxy.example:1080".parse().unwrap();
        let proxy = NewProxy { name: Some("near".to_owned()), address };
        let by = Actor::User(stage.scene.user);
        let proxies = stage.store.create_proxies(stage.scene.project, &[proxy], by, stage.now()).await.unwrap();
        let mut request = stage.request(Method::Phone("+49123".into()));
        request.proxy = Some(proxies[0]);
        for stranger in 100..103 {
            stage.script.identity.lock().unwrap().id = PeerId(stranger);
            let login = stage.system.start_login(request.clone()).await.unwrap();
            stage.reached(login, "code_sent").await;
            let welcome = welcome(stage.system.submit_code(login, telegram::CODE.into()).await.unwrap());
            let account = stage.store.account_to_run(welcome.account).await.unwrap().unwrap();
            assert_eq!(account.proxy.unwrap().host, "proxy.example");
        }
        let fourth = stage.system.start_login(request.clone()).await;
        assert!(matches!(fourth, Err(LoginError::Tree(ActorError::Store(StoreError::NoSeat { .. })))), "{fourth:?}");
        let routes = stage.script.routes.lock().unwrap().clone();
        assert_eq!(routes, ["proxy.example"; 3]);
        request.proxy = Some(ProxyId(99));
        assert!(stage.system.start_login(request).await.is_err(), "a proxy that the project does not have");
    }

    async fn an_account_that_logged_in_begins_to_work(db: &Database) {
        let stage = Stage::set(db, Part::Whole).await;
        let welcome = welcome(stage.phone_and_code().await.1);
        let name = format!("account:{}", welcome.account);
        // Among several nodes, one of them takes it with its next heartbeat.
        stage.pass_settled(Settings::default().tenure).await;
        let tree = stage.system.tree().await;
        assert!(tree.walk().any(|node| node.name == name), "{tree:#?}");
        stage.system.stop().await.unwrap();
    }
}
