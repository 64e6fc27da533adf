//! The world: one lock around everything that is so, a record of everything that was done to it, and time as an argument.
//!
//! Nothing happens in a world but by [`World::advance`] and by what is asked through its methods; each of them first works
//! off the agenda up to its moment, so the same deeds at the same moments give the same world, however time was cut up
//! between them. A deed is decided, recorded, and only then applied; rebuilding a world applies the recorded ones again.

mod account;
mod agenda;
mod building;
mod channel;
mod deeds;
mod log;
mod logins;
mod posting;
mod questions;
mod sending;
mod sessions;
mod shown;
mod state;
mod threads;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::consent::Scope;
use domain::id::PeerId;
use domain::time::Timestamp;
use telegram::{Identity, Session};

use crate::door::Traffic;
use crate::error::WorldError;
use crate::export::ExportWorld;
use crate::faults::SendFault;
use crate::judge::{CommentClaim, Comparison, PostClaim, Verdict};
use crate::plan::WorldPlan;
use crate::record::{Deed, Intervention};
pub(crate) use log::{Log, Noted};
pub(crate) use logins::{LoginRefusal, Opened};
pub(crate) use sending::Attempt;
pub(crate) use shown::{Chat, InGroup};
pub(crate) use state::State;

/// Where a world's posts and readers come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// From the seed.
    Generated,
    /// From an export, at its own dates.
    Export(Arc<ExportWorld>),
}

/// A simulated Telegram.
#[derive(Debug)]
pub struct World {
    state: Mutex<State>,
    traffic: Arc<Traffic>,
    plan: WorldPlan,
}

impl World {
    /// A new world that keeps its record nowhere but in its judge's sums.
    #[must_use]
    pub fn build(plan: WorldPlan, source: Source) -> Self {
        Self::around(State::new(plan, source))
    }

    /// The world whose record is at `path`: begun there if the file does not exist, else rebuilt from it, with the same ids,
    /// threads and sums as if it had never stopped. Connections do not survive; sessions do.
    ///
    /// # Errors
    /// When the record cannot be read or written, is broken before its last line, or belongs to another plan or source.
    pub fn open(plan: WorldPlan, source: Source, path: &Path) -> Result<Self, WorldError> {
        State::recorded(plan, source, path).map(Self::around)
    }

    fn around(state: State) -> Self {
        Self { traffic: state.traffic.clone(), plan: state.plan.clone(), state: Mutex::new(state) }
    }

    /// The plan it was built from.
    #[must_use]
    pub const fn plan(&self) -> &WorldPlan {
        &self.plan
    }

    /// Lets everything happen that is to happen up to and including `now`. Going back changes nothing.
    pub fn advance(&self, now: Timestamp) {
        self.lock().advance(now);
    }

    /// When the next thing happens by itself; `None` if nothing ever will.
    #[must_use]
    pub fn next_event_at(&self) -> Option<Timestamp> {
        self.lock().agenda.next_at()
    }

    /// How far the world has come. After [`World::open`] a virtual clock resumes here.
    #[must_use]
    pub fn last_time(&self) -> Timestamp {
        self.lock().now
    }

    /// Puts the time into the record, so that a killed world resumes here even if nothing else was done to it.
    pub fn mark_time(&self, now: Timestamp) {
        self.with(now, |state| state.record(now, Deed::Time));
    }

    /// A channel's title.
    #[must_use]
    pub fn title(&self, channel: u32) -> String {
        self.lock().feed.title(channel)
    }

    /// The session that an account's owner got at the latest login; `None` for an account that the world does not have.
    #[must_use]
    pub fn session(&self, account: u32) -> Option<Session> {
        self.lock().account(account).map(|it| it.session(account))
    }

    /// What an account's profile says.
    #[must_use]
    pub fn profile(&self, account: u32) -> Identity {
        self.lock().identity(account)
    }

    /// Which of its logins an account's latest is, if the world handed out its session.
    pub(crate) fn last_own_login(&self, account: u32) -> Option<u32> {
        self.lock().last_login(account).filter(|(_, own)| *own).map(|(login, _)| login)
    }

    /// The accounts whose session was revoked and whose owners could log in again by now.
    #[must_use]
    pub fn owners_back(&self) -> Vec<u32> {
        self.lock().owners_back.iter().copied().collect()
    }

    /// An account's owner logs it in again: what [`World::session`] says from now on counts.
    pub fn log_in(&self, account: u32, now: Timestamp) {
        self.with(now, |state| {
            state.record(now, Deed::LoggedIn { account: WorldPlan::account_peer(account), key: None })
        });
    }

    /// An account's phone number, with its country code.
    #[must_use]
    pub fn phone(&self, account: u32) -> String {
        format!("+{}", State::phone(account))
    }

    /// The last code that Telegram sent to an account's owner.
    #[must_use]
    pub fn code(&self, account: u32) -> Option<String> {
        self.lock().code_sent_to(&State::phone(account))
    }

    /// The password of an account with two-step verification.
    #[must_use]
    pub fn password(&self, account: u32) -> Option<String> {
        self.lock().password(account)
    }

    /// An account's owner scans a QR code that shows `token` with a device where the account is logged in; whether it counts.
    pub fn scan(&self, token: &[u8], account: u32, now: Timestamp) -> bool {
        self.with(now, |state| state.scan(token, account, now))
    }

    /// A channel's owner agrees to `scope`.
    pub fn grant_consent(&self, channel: PeerId, scope: Scope, now: Timestamp) {
        self.with(now, |state| state.record(now, Deed::Consent { channel, scope, granted: true }));
    }

    /// A channel's owner takes back the agreement to `scope`.
    pub fn revoke_consent(&self, channel: PeerId, scope: Scope, now: Timestamp) {
        self.with(now, |state| state.record(now, Deed::Consent { channel, scope, granted: false }));
    }

    /// A channel's owner changes its description, say to put a code there.
    pub fn describe(&self, channel: PeerId, about: &str, now: Timestamp) {
        self.with(now, |state| state.record(now, Deed::Described { channel, about: about.to_owned() }));
    }

    /// Somebody outside the product steps in.
    pub fn intervene(&self, intervention: Intervention, now: Timestamp) {
        self.with(now, |state| state.record(now, Deed::Intervened(intervention)));
    }

    /// Decides how an account's next send ends, after those decided already. Checks that come before a send is written (a
    /// wait, a missing right) still come first. Not kept in the record.
    pub fn script(&self, account: u32, fault: SendFault) {
        if let Some(account) = self.lock().account_mut(account) {
            account.script.push_back(fault);
        }
    }

    /// What the judge counted so far.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.lock().judge.verdict()
    }

    /// Compares the world with what the product believes it sent and saw. Posts published after `until` are excused.
    #[must_use]
    pub fn compare(
        &self,
        comments: impl IntoIterator<Item = CommentClaim>,
        posts: impl IntoIterator<Item = PostClaim>,
        until: Timestamp,
    ) -> Comparison {
        let state = self.lock();
        state.judge.compare(comments, posts, state.published_after(until))
    }

    /// How many posts the world published, albums counted once, of channels whose owner agreed and that still stand.
    #[must_use]
    pub fn expected_posts(&self) -> u64 {
        self.lock().judge.expected_posts()
    }

    /// How often a channel published so far, albums counted once and service messages too.
    #[must_use]
    pub fn published(&self, channel: u32) -> u32 {
        self.lock().channel(channel).map_or(0, |it| it.published)
    }

    /// Why the record could not be written, if it could not: since then every send was answered as if disconnected.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.lock().trouble.clone()
    }

    pub(crate) fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Lets the world catch up with `now` and does something with it.
    pub(crate) fn with<T>(&self, now: Timestamp, doing: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        state.advance(now);
        doing(&mut state)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
