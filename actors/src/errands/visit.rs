//! A short visit to Telegram by a command, while no service runs: it holds a project's accounts, connects those it asks, and
//! lets go of them at the end.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::account::Event;
use domain::id::{AccountId, PeerId, ProjectId};
use domain::link::ChatLink;
use domain::time::Clock;
use persistence::health::Checkup;
use persistence::nodes::Hold;
use persistence::start::KeptSession;
use persistence::{Store, StoreError};
use secrecy::ExposeSecret as _;
use telegram::reaction::{AccountReaction, react};
use telegram::{Connection, Found, Rights, Route, Session, Telegram, TelegramError};
use tokio::sync::Mutex;

use super::{Client, Envoy, Errand, ErrandError, Outcome, run};
use crate::accounts::{Records, SPOILT_SESSION};
use crate::tenure::Tenure;

/// No visit takes longer: on a shared database the accounts are held for so long, and no one renews that.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// A visit.
pub struct Visit {
    store: Store,
    telegram: Arc<dyn Telegram>,
    clock: Arc<dyn Clock>,
    tenure: Arc<Tenure>,
    holds: HashMap<AccountId, Hold>,
    lines: Mutex<HashMap<AccountId, Arc<dyn Connection>>>,
}

impl Visit {
    /// Begins a visit, if nobody else holds the project's accounts: `None` says that a service does. `telegram` keeps what it
    /// learns in these `records`.
    ///
    /// # Errors
    /// The Store's own.
    pub async fn begin(
        records: Records,
        telegram: Arc<dyn Telegram>,
        clock: Arc<dyn Clock>,
        project: ProjectId,
    ) -> Result<Option<Self>, StoreError> {
        let (tenure, store, now) = (records.tenure(), records.into_store(), clock.now());
        let presence = match store.enter("visit", now, now + LONGEST).await {
            Ok(presence) => presence,
            Err(StoreError::Occupied { .. }) => return Ok(None),
            Err(other) => return Err(other),
        };
        let (mut holds, mut others, mut last) = (HashMap::new(), false, None);
        loop {
            let page = store.accounts_health(project, last, 500).await?;
            for health in page.iter().filter(|health| health.status.connects()) {
                let taken = store.take_accounts(&presence, Some(health.account), now).await?;
                match presence.sole(health.account).or_else(|| taken.first().copied()) {
                    Some(hold) => drop(holds.insert(health.account, hold)),
                    None => others = true,
                }
            }
            last = page.last().map(|health| health.account);
            if last.is_none() {
                break;
            }
        }
        if holds.is_empty() && others {
            store.leave(presence).await?;
            return Ok(None);
        }
        tenure.begin(presence, holds.values().copied().collect(), now + LONGEST);
        Ok(Some(Self { store, telegram, clock, tenure, holds, lines: Mutex::default() }))
    }

    /// Runs an errand.
    ///
    /// # Errors
    /// Why it came to nothing.
    pub async fn run(&self, client: Client, errand: &Errand) -> Result<Outcome, ErrandError> {
        run(&self.store, self, client, errand, self.clock.now()).await
    }

    /// Hangs up, and lets go of the accounts.
    ///
    /// # Errors
    /// The Store's own; everything is let go all the same.
    pub async fn end(self) -> Result<(), StoreError> {
        drop(self.lines);
        self.tenure.leave(&self.store).await
    }

    /// An account's connection, which is opened if it is not there yet.
    async fn line(&self, account: AccountId) -> Result<Arc<dyn Connection>, TelegramError> {
        let mut lines = self.lines.lock().await;
        if let Some(line) = lines.get(&account) {
            return Ok(line.clone());
        }
        let line: Arc<dyn Connection> = Arc::from(self.connect(account).await?);
        lines.insert(account, line.clone());
        Ok(line)
    }

    async fn connect(&self, account: AccountId) -> Result<Box<dyn Connection>, TelegramError> {
        let hold = *self.holds.get(&account).ok_or(TelegramError::Disconnected)?;
        let row = self.store.account_to_run(account).await.ok().flatten();
        let row = row.ok_or(TelegramError::Disconnected)?;
        let session = match row.session {
            KeptSession::Opens(session) => Session::new(session.expose_secret().to_vec()),
            KeptSession::None => return Err(TelegramError::Unauthorized),
            KeptSession::Spoilt => {
                self.change(hold, Event::Deauthorize, SPOILT_SESSION).await;
                return Err(TelegramError::Unauthorized);
            }
        };
        let route = row.proxy.map_or(Route::Direct, Route::Through);
        self.telegram.connect(account, &session, &route).await
    }

    /// Passes an answer on; what an error means for the account is kept, as a service would keep it.
    async fn noted<T>(
        &self,
        account: AccountId,
        answer: Result<T, TelegramError>,
    ) -> Result<T, TelegramError> {
        if let (Err(error), Some(hold)) = (&answer, self.holds.get(&account)) {
            self.note(*hold, error).await;
        }
        answer
    }

    async fn note(&self, hold: Hold, error: &TelegramError) {
        let (now, reason) = (self.clock.now(), error.code());
        let event = match react(error).account {
            AccountReaction::Flood(wait) => Event::Flood(now + wait),
            AccountReaction::Freeze => Event::Freeze,
            AccountReaction::Limit => Event::Limit,
            AccountReaction::Deauthorize { .. } => Event::Deauthorize,
            AccountReaction::Die => Event::Die,
            AccountReaction::Fine
            | AccountReaction::SlowMode(_)
            | AccountReaction::Ban
            | AccountReaction::Block
            | AccountReaction::LoseChannel
            | AccountReaction::RefreshRights
            | AccountReaction::ResolveAgain
            | AccountReaction::Show(_)
            | AccountReaction::Reconnect => return,
        };
        self.change(hold, event, &reason).await;
    }

    async fn change(&self, hold: Hold, event: Event, reason: &str) {
        if let Err(error) = self.store.held_account_event(hold, event, reason, self.clock.now()).await {
            tracing::warn!(account = %hold.account, %error, "what happened to an account was not kept");
        }
    }
}

#[async_trait]
impl Envoy for Visit {
    async fn resolve(&self, account: AccountId, link: &ChatLink) -> Result<Found, TelegramError> {
        let answer = match self.line(account).await {
            Ok(line) => line.resolve(link).await,
            Err(error) => Err(error),
        };
        self.noted(account, answer).await
    }

    async fn rights(&self, account: AccountId, channel: PeerId) -> Result<Rights, TelegramError> {
        let answer = match self.line(account).await {
            Ok(line) => line.rights(channel).await,
            Err(error) => Err(error),
        };
        self.noted(account, answer).await
    }

    async fn check(&self, account: AccountId) -> Result<bool, ErrandError> {
        let Some(hold) = self.holds.get(&account).copied() else { return Ok(false) };
        let answer = match self.line(account).await {
            Ok(line) => line.identify().await,
            Err(error) => Err(error),
        };
        let identity = self.noted(account, answer).await;
        let identity = identity.map_err(|told| ErrandError::told(account, told))?;
        let known = self.store.account_health(account).await?;
        let found = Checkup::of(&known.label, identity.username, identity.display_name, &identity.about);
        self.store.record_checkup(hold, &found, self.clock.now()).await?;
        Ok(true)
    }
}
