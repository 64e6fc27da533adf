//! One connection, from its first packet to its end: calls with time-outs, and what Telegram pushes.
//!
//! grammers' pool connects by itself, again and again, at the next call or whenever its stream is polled; it has no
//! time-outs, and a server that refuses gives thousands of errors a second. A line takes one life of it: the first sign that
//! the connection is gone ends the line and aborts the pool's task, which also frees one that hangs in a connect that nobody
//! answers. From then on every call is answered with why it ended, and nothing is written any more.
//!
//! Three tasks stand behind a line and die with it: the pool's runner, the forwarder, which only moves updates on so that the
//! pool's channel never fills, and the watchdog, which pings: a connection that is silent for too long is as good as gone.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use grammers_mtsender::{ConnectionParams, NoRetries, SenderPool, SenderPoolHandle};
use grammers_session::storages::MemorySession;
use grammers_session::updates::UpdatesLike;
use grammers_session::{Session as _, SessionData};
use grammers_tl_types::{self as tl, Deserializable as _, RemoteCall};
use secrecy::ExposeSecret as _;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

use super::refusal::{self, Lost};
use super::{Patience, Settings};
use crate::proxy::Bridge;
use crate::{Route, TelegramError};

/// How many updates may wait to be moved on, and to be read. Beyond it the newest are dropped; the boxes see the hole.
const HELD: usize = 10_000;

/// How long the explanation of a 406 may take to arrive after it.
const EXPLANATION: Duration = Duration::from_secs(1);

/// A connection to Telegram.
pub(super) struct Line {
    handle: SenderPoolHandle,
    session: Arc<MemorySession>,
    patience: Patience,
    ends: Arc<Ends>,
    _tasks: JoinSet<()>,
    _bridge: Option<Bridge>,
}

/// What a line and its tasks share.
#[derive(Default)]
struct Ends {
    ended: watch::Sender<Option<TelegramError>>,
    runner: OnceLock<AbortHandle>,
    reader: Mutex<Option<mpsc::Sender<UpdatesLike>>>,
    explained: watch::Sender<Option<String>>,
    scanned: Notify,
}

/// What a call does, and so what a lost answer to it means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    /// It asks, or does what does no harm when done twice.
    Asks,
    /// It changes something: once it may have been written, a lost answer is an `UnknownOutcome`.
    Changes,
}

impl Line {
    /// A line with this session. The connection is opened by the first call.
    ///
    /// # Errors
    /// `Disconnected` when there is no bridge to the proxy.
    pub(super) async fn new(
        settings: &Settings,
        session: SessionData,
        route: &Route,
    ) -> Result<Self, TelegramError> {
        let bridge = match route {
            Route::Direct => None,
            Route::Through(proxy) => Some(Bridge::open(proxy.clone()).await.map_err(|error| {
                tracing::warn!(%error, "no bridge to a proxy");
                TelegramError::Disconnected
            })?),
        };
        let url = bridge.as_ref().map(|bridge| bridge.url().expose_secret().to_owned());
        let session = Arc::new(MemorySession::from(session));
        let pool = SenderPool::with_configuration(session.clone(), settings.api_id, introduction(url));
        let handle = pool.handle.thin;
        let ends = Arc::new(Ends::default());
        let mut tasks = JoinSet::new();
        let runner = tasks.spawn(pool.runner.run());
        drop(ends.runner.set(runner));
        tasks.spawn(forward(pool.updates, ends.clone()));
        tasks.spawn(watch(handle.clone(), session.clone(), settings.patience, ends.clone()));
        Ok(Self { handle, session, patience: settings.patience, ends, _tasks: tasks, _bridge: bridge })
    }

    /// Asks something. A lost answer does no harm.
    ///
    /// # Errors
    /// What Telegram refuses; `UnknownOutcome` when no answer comes in time, why the line ended when it did.
    pub(super) async fn ask<R: RemoteCall>(&self, request: &R) -> Result<R::Return, TelegramError> {
        self.call(request, Call::Asks).await.map_err(Lost::into_error)
    }

    /// The same for those who read Telegram's own name of a refusal.
    pub(super) async fn ask_closely<R: RemoteCall>(&self, request: &R) -> Result<R::Return, Lost> {
        self.call(request, Call::Asks).await
    }

    /// Makes a call, and ends the line if it turns out to be over.
    pub(super) async fn call<R: RemoteCall>(&self, request: &R, call: Call) -> Result<R::Return, Lost> {
        if let Some(why) = self.ended() {
            return Err(Lost::Ended(why));
        }
        let mut ended = self.ends.ended.subscribe();
        let mut explained = self.ends.explained.subscribe();
        let dc = self.session.home_dc_id().unwrap_or_default();
        let answer = self.handle.raw_invoke_in_dc(dc, request.to_bytes());
        let lost = tokio::select! {
            biased; // an answer that came counts, even if the connection closed right after it
            answer = timeout(self.patience.answer, answer) => match answer {
                Ok(Ok(body)) => match R::Return::from_bytes(&body) {
                    Ok(answer) => return Ok(answer),
                    Err(error) => Lost::Unreadable(error.to_string()),
                },
                Ok(Err(error)) => Lost::from(error),
                Err(_) => Lost::Silence,
            },
            why = ended.wait_for(Option::is_some) => {
                Lost::Ended(why.ok().and_then(|why| why.clone()).unwrap_or(TelegramError::Disconnected))
            }
        };
        if let Some(end) = lost.ends_the_line() {
            self.end(end);
        }
        if call == Call::Changes && lost.leaves_open() {
            return Err(Lost::Open);
        }
        if let Lost::Refused(refused) = &lost
            && refusal::is_explained_later(refused)
        {
            let came = timeout(EXPLANATION, explained.changed()).await.is_ok();
            let text = explained.borrow().clone().filter(|_| came);
            return Err(Lost::Explained(text.unwrap_or_else(|| refused.name.clone())));
        }
        Err(lost)
    }

    /// Begins to hand out what Telegram pushes, in place of whom it was handed to before: that one's channel closes.
    pub(super) fn listen(&self) -> mpsc::Receiver<UpdatesLike> {
        let (sender, receiver) = mpsc::channel(HELD);
        let mut reader = self.ends.reader.lock().unwrap_or_else(PoisonError::into_inner);
        *reader = self.ended().is_none().then_some(sender);
        receiver
    }

    /// Waits until `updateLoginToken` came, since the last time this was waited for.
    ///
    /// # Errors
    /// Why the line ended.
    pub(super) async fn scanned(&self) -> Result<(), TelegramError> {
        let mut ended = self.ends.ended.subscribe();
        tokio::select! {
            () = self.ends.scanned.notified() => Ok(()),
            why = ended.wait_for(Option::is_some) => {
                Err(why.ok().and_then(|why| why.clone()).unwrap_or(TelegramError::Disconnected))
            }
        }
    }

    /// Leaves for another data centre, during a login: Telegram said that the account lives there.
    pub(super) async fn move_to(&self, dc: i32) {
        let old = self.session.home_dc_id().unwrap_or_default();
        self.handle.disconnect_from_dc(old);
        drop(self.session.set_home_dc_id(dc).await);
    }

    /// What grammers keeps of the session.
    pub(super) fn session(&self) -> &MemorySession {
        &self.session
    }

    /// Why the line ended, if it did.
    pub(super) fn ended(&self) -> Option<TelegramError> {
        self.ends.ended.borrow().clone()
    }

    /// Ends it. The first reason stands.
    pub(super) fn end(&self, why: TelegramError) {
        self.ends.end(why);
    }
}

impl Ends {
    fn end(&self, why: TelegramError) {
        self.ended.send_if_modified(|ended| {
            let first = ended.is_none();
            ended.get_or_insert(why);
            first
        });
        if let Some(runner) = self.runner.get() {
            runner.abort();
        }
        *self.reader.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Looks at what Telegram pushed for what concerns the line itself, and hands it on.
    fn pushed(&self, pushed: UpdatesLike) {
        for update in super::updates::inside(&pushed) {
            if let tl::enums::Update::ServiceNotification(notice) = update {
                self.explained.send_replace(Some(notice.message.clone()));
            } else if matches!(update, tl::enums::Update::LoginToken) {
                self.scanned.notify_one();
            }
        }
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reader) = &*reader
            && let Err(mpsc::error::TrySendError::Full(_)) = reader.try_send(pushed)
        {
            tracing::warn!("an update was dropped: {HELD} wait to be read");
        }
    }
}

/// Moves updates on until the connection closes.
async fn forward(mut updates: mpsc::Receiver<UpdatesLike>, ends: Arc<Ends>) {
    while let Some(pushed) = updates.recv().await {
        if matches!(pushed, UpdatesLike::ConnectionClosed) {
            break;
        }
        ends.pushed(pushed);
    }
    ends.end(TelegramError::Disconnected);
}

/// Pings, and ends a line that does not answer. It begins with a wait: who opens a line calls at once.
async fn watch(handle: SenderPoolHandle, session: Arc<MemorySession>, patience: Patience, ends: Arc<Ends>) {
    for ping_id in 1.. {
        tokio::time::sleep(patience.ping).await;
        let dc = session.home_dc_id().unwrap_or_default();
        let ping = tl::functions::Ping { ping_id };
        if !matches!(timeout(patience.answer, handle.invoke_in_dc(dc, &ping)).await, Ok(Ok(_))) {
            ends.end(TelegramError::Disconnected);
            return;
        }
    }
}

/// How the application introduces itself. Its default would ask the operating system for 8 ms, for every connection.
fn introduction(proxy_url: Option<String>) -> ConnectionParams {
    ConnectionParams {
        device_model: "Beseda".into(),
        system_version: std::env::consts::OS.into(),
        app_version: env!("CARGO_PKG_VERSION").into(),
        system_lang_code: "en".into(),
        lang_code: "en".into(),
        proxy_url,
        use_ipv6: false,
        retry_policy: Box::new(NoRetries),
        updates_channel_capacity: NonZeroUsize::new(HELD).unwrap_or(NonZeroUsize::MIN),
        __non_exhaustive: (),
    }
}
