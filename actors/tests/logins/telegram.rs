//! A Telegram that only knows how to log in, by a script, and remembers what was asked of it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use domain::id::PeerId;
use domain::login::{CodeRoute, CodeSent};
use domain::time::Clock;
use secrecy::{ExposeSecret as _, SecretString};
use telegram::{
    Identity, LoginError, LoginLine, LoginStep, Logins, QrStep, Route, Session, SignedIn, TelegramError,
};
use tokio::sync::Notify;

pub(crate) const CODE: &str = "12345";
pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const NOBODYS: &str = "+100";
/// How long each QR code counts.
pub(crate) const QR_COUNTS: Duration = Duration::from_secs(30);

/// The account behind every login, and what Telegram does about it.
pub(crate) struct Script {
    pub(crate) identity: Mutex<Identity>,
    pub(crate) has_password: AtomicBool,
    /// Answered first, one after the other, whatever is asked.
    pub(crate) refusals: Mutex<VecDeque<LoginError>>,
    /// Somebody scanned the QR code.
    scanned: AtomicBool,
    scan: Notify,
    codes_shown: AtomicUsize,
    pub(crate) open_lines: AtomicUsize,
    pub(crate) taken_back: AtomicUsize,
    /// The hosts of the proxies that lines were opened through.
    pub(crate) routes: Mutex<Vec<String>>,
    clock: Arc<dyn Clock>,
}

impl Script {
    pub(crate) fn new(telegram_id: PeerId, about: &str, clock: Arc<dyn Clock>) -> Arc<Self> {
        let identity = Identity {
            id: telegram_id,
            username: Some("editor".to_owned()),
            display_name: "Editor".to_owned(),
            is_bot: false,
            about: about.to_owned(),
        };
        Arc::new(Self {
            identity: Mutex::new(identity),
            has_password: AtomicBool::new(false),
            refusals: Mutex::default(),
            scanned: AtomicBool::new(false),
            scan: Notify::new(),
            codes_shown: AtomicUsize::new(0),
            open_lines: AtomicUsize::new(0),
            taken_back: AtomicUsize::new(0),
            routes: Mutex::default(),
            clock,
        })
    }

    pub(crate) fn session(&self) -> Vec<u8> {
        format!("session of {}", self.identity.lock().unwrap().id).into_bytes()
    }

    pub(crate) fn refuse(&self, error: LoginError) {
        self.refusals.lock().unwrap().push_back(error);
    }

    pub(crate) fn scan(&self) {
        self.scanned.store(true, Ordering::SeqCst);
        self.scan.notify_one();
    }

    fn answer<T>(&self, answer: T) -> Result<T, LoginError> {
        self.refusals.lock().unwrap().pop_front().map_or(Ok(answer), Err)
    }

    fn signed_in(&self) -> SignedIn {
        SignedIn { session: Session::new(self.session()), identity: self.identity.lock().unwrap().clone() }
    }

    fn step(&self) -> LoginStep {
        if self.has_password.load(Ordering::SeqCst) {
            LoginStep::PasswordNeeded { hint: Some("a horse".to_owned()) }
        } else {
            LoginStep::Done(self.signed_in())
        }
    }
}

/// The way to a script.
pub(crate) struct Scripted(pub(crate) Arc<Script>);

#[async_trait]
impl Logins for Scripted {
    async fn log_in(&self, route: &Route) -> Result<Box<dyn LoginLine>, TelegramError> {
        if let Route::Through(proxy) = route {
            self.0.routes.lock().unwrap().push(proxy.host.clone());
        }
        self.0.open_lines.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(Line(self.0.clone())))
    }

    async fn recognise(&self, session: &Session, _: &Route) -> Result<SignedIn, TelegramError> {
        if session.reveal() == self.0.session() {
            Ok(self.0.signed_in())
        } else {
            Err(TelegramError::Unauthorized)
        }
    }
}

struct Line(Arc<Script>);

impl Drop for Line {
    fn drop(&mut self) {
        self.0.open_lines.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl LoginLine for Line {
    async fn send_code(&mut self, phone: &SecretString) -> Result<CodeSent, LoginError> {
        if phone.expose_secret() == NOBODYS {
            return Err(LoginError::PhoneUnregistered);
        }
        self.0.answer(CodeSent { how: CodeRoute::App, length: Some(5) })
    }

    async fn submit_code(&mut self, code: &SecretString) -> Result<LoginStep, LoginError> {
        if code.expose_secret() != CODE {
            return Err(LoginError::CodeInvalid);
        }
        self.0.answer(self.0.step())
    }

    async fn submit_password(&mut self, password: &SecretString) -> Result<SignedIn, LoginError> {
        if password.expose_secret() != PASSWORD {
            return Err(LoginError::PasswordInvalid);
        }
        self.0.answer(self.0.signed_in())
    }

    async fn qr(&mut self) -> Result<QrStep, LoginError> {
        if self.0.scanned.load(Ordering::SeqCst) {
            return self.0.answer(QrStep::Scanned(self.0.step()));
        }
        let number = self.0.codes_shown.fetch_add(1, Ordering::SeqCst) + 1;
        let url = format!("tg://login?token={number}").into();
        self.0.answer(QrStep::Show { url, expires_at: self.0.clock.now() + QR_COUNTS })
    }

    async fn scanned(&mut self) -> Result<(), LoginError> {
        self.0.scan.notified().await;
        Ok(())
    }

    async fn log_out(&mut self) -> Result<(), LoginError> {
        self.0.taken_back.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}
