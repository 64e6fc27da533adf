//! What all connections of a door share: the world, the keys, the faults, and the counts.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::seed::Seed;
use domain::time::{Clock, Timestamp};
use secrecy::SecretString;
use serde::Serialize;
use telegram::TelegramError;

use super::calls::Call;
use super::envelope::AuthKey;
use super::faults::DoorFaults;
use super::keys::{Holder, Keys};
use crate::world::{State, World};

/// How long after the last byte a client may still be at work on what it was sent. Nothing on the wire tells when it is done.
const DIGESTING: Duration = Duration::from_millis(10);

/// What a door counted so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DoorCounts {
    /// Connections that are open.
    pub open: usize,
    /// Connections that were accepted.
    pub accepted: u64,
    /// The most connections that were accepted within one second.
    pub busiest_second: usize,
    /// Calls by method.
    pub calls: BTreeMap<&'static str, u64>,
    /// Calls of methods that the simulator does not have.
    pub unknown: BTreeMap<String, u64>,
}

/// The house.
pub(super) struct House {
    world: Arc<World>,
    clock: Arc<dyn Clock>,
    keys: Keys,
    dc: i32,
    faults: Mutex<DoorFaults>,
    script: Mutex<HashMap<u32, VecDeque<TelegramError>>>,
    counts: Mutex<Counts>,
    busy: AtomicUsize,
    stirred: Mutex<Option<Instant>>,
}

#[derive(Default)]
struct Counts {
    told: DoorCounts,
    last_second: VecDeque<Instant>,
}

impl House {
    pub(super) fn new(world: Arc<World>, clock: Arc<dyn Clock>, dc: i32, login_key: SecretString) -> Self {
        Self {
            world,
            clock,
            keys: Keys::new(login_key),
            dc,
            faults: Mutex::default(),
            script: Mutex::default(),
            counts: Mutex::default(),
            busy: AtomicUsize::new(0),
            stirred: Mutex::default(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) const fn dc(&self) -> i32 {
        self.dc
    }

    pub(super) fn seed(&self) -> Seed {
        self.world.plan().seed
    }

    /// Asks the world something, at this moment and under the faults of this moment.
    pub(super) fn ask<T>(&self, question: impl FnOnce(&mut State, Timestamp, DoorFaults) -> T) -> T {
        let (now, faults) = (self.now(), self.faults());
        self.world.with(now, |state| question(state, now, faults))
    }

    pub(super) fn key(&self, id: u64) -> Option<(Holder, AuthKey)> {
        let accounts = self.world.plan().accounts;
        let logins = || {
            let last = |state: &State, account| state.last_login(account).map(|(login, _)| login);
            self.ask(|state, _, _| (0..accounts).filter_map(|account| last(state, account)).collect())
        };
        self.keys.find(id, logins)
    }

    pub(super) fn faults(&self) -> DoorFaults {
        *lock(&self.faults)
    }

    pub(super) fn set_faults(&self, faults: DoorFaults) {
        *lock(&self.faults) = faults;
    }

    pub(super) fn script(&self, account: u32, error: TelegramError) {
        lock(&self.script).entry(account).or_default().push_back(error);
    }

    /// What a test makes of this call of an account, if anything. The protocol's own calls are left alone.
    pub(super) fn scripted(&self, account: u32, method: &str) -> Option<TelegramError> {
        if method.starts_with("help.") || method.starts_with("updates.") {
            return None;
        }
        lock(&self.script).get_mut(&account)?.pop_front()
    }

    pub(super) fn counts(&self) -> DoorCounts {
        lock(&self.counts).told.clone()
    }

    /// Counts a connection, for as long as the answer is held.
    pub(super) fn opened(self: &Arc<Self>) -> impl Drop + Send + use<> {
        let mut counts = lock(&self.counts);
        let now = Instant::now();
        counts.last_second.push_back(now);
        while counts.last_second.front().is_some_and(|at| now.duration_since(*at) > Duration::from_secs(1)) {
            counts.last_second.pop_front();
        }
        counts.told.accepted += 1;
        counts.told.open += 1;
        counts.told.busiest_second = counts.told.busiest_second.max(counts.last_second.len());
        Open(self.clone())
    }

    pub(super) fn called(&self, method: &'static str, began: Instant) {
        tracing::trace!(method, took = ?began.elapsed(), "called");
        *lock(&self.counts).told.calls.entry(method).or_default() += 1;
    }

    /// Notes a call of a method that is not simulated, and yields the error's name.
    pub(super) fn unknown(&self, call: &Call) -> String {
        let name =
            if call.name() == "(unknown)" { format!("{:08x}", call.method) } else { call.name().to_owned() };
        tracing::warn!(method = name, "a method that is not simulated was called");
        let error = format!("METHOD_NOT_SIMULATED_{name}");
        *lock(&self.counts).told.unknown.entry(name).or_default() += 1;
        error
    }

    /// How much is under way: what lines hold, packets being answered, and clients that were sent something just now.
    pub(super) fn pending(&self) -> usize {
        let digesting = lock(&self.stirred).is_some_and(|at| at.elapsed() < DIGESTING);
        self.world.traffic().pending() + self.busy.load(Ordering::SeqCst) + usize::from(digesting)
    }

    /// Notes that bytes moved.
    pub(super) fn stirred(&self) {
        *lock(&self.stirred) = Some(Instant::now());
    }

    /// Counts a packet that is being answered, for as long as the answer is held.
    pub(super) fn busy(self: &Arc<Self>) -> impl Drop + Send + use<> {
        self.stirred();
        self.busy.fetch_add(1, Ordering::SeqCst);
        Busy(self.clone())
    }
}

struct Open(Arc<House>);

impl Drop for Open {
    fn drop(&mut self) {
        lock(&self.0.counts).told.open -= 1;
        self.0.stirred();
    }
}

struct Busy(Arc<House>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::SeqCst);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
