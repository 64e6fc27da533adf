//! What the actors are given: the ports, the clock, the settings, and each other's addresses.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use domain::id::{AccountId, ChannelId, EventId, PeerId, ProjectId};
use domain::time::Timestamp;
use persistence::Store;
use persistence::nodes::Hold;
use persistence::setup::Assignment;
use persistence::start::ChannelToWatch;
use telegram::{Logins, Probes, Telegram};
use tokio::sync::broadcast;
use writing::Writer;

use crate::accounts::{AccountMessage, Doorway, Records};
use crate::channels::WatcherMessage;
use crate::clock::Timer;
use crate::events::{RelayMessage, Told};
use crate::logins::{LoginMessage, Place, Places};
use crate::meters::Meters;
use crate::observers::{ObserverMessage, Shard};
use crate::planners::PlannerMessage;
use crate::proxies::PoolMessage;
use crate::queue::{DispatcherMessage, PrunerMessage, RescuerMessage};
use crate::runtime::{Group, Kind, Registry, Traffic};
use crate::settings::Settings;
use crate::tenure::Tenure;
use crate::upkeep::{ClerkMessage, HeartbeatMessage, InspectorMessage};
use crate::webhooks::{Courier, DelivererMessage};
use crate::writers::{Desk, WriterMessage};

/// Sees each message before its handler; tests use it to make handlers crash.
pub trait Probe: Send + Sync + 'static {
    /// Called with the actor's kind and the message's name. A panic here is the actor's panic.
    fn before(&self, kind: Kind, message: &'static str);
}

/// What the tree stands on.
pub struct Ports {
    /// Where everything is kept, by the actors and by the adapter.
    pub records: Records,
    /// The way to Telegram.
    pub telegram: Arc<dyn Telegram>,
    /// The way to new sessions.
    pub logins: Arc<dyn Logins>,
    /// Looks whether proxies lead to Telegram.
    pub probes: Arc<dyn Probes>,
    /// Who writes drafts.
    pub writer: Arc<dyn Writer>,
    /// The way to those outside who are told what happens.
    pub courier: Arc<dyn Courier>,
    /// The one clock.
    pub clock: Arc<dyn Timer>,
    /// Sees every message, where a test asks for it.
    pub probe: Option<Arc<dyn Probe>>,
}

/// Everything an actor may use.
pub(crate) struct Deps {
    pub(crate) store: Store,
    pub(crate) telegram: Arc<dyn Telegram>,
    pub(crate) logins: Arc<dyn Logins>,
    pub(crate) places: Places,
    pub(crate) tenure: Arc<Tenure>,
    pub(crate) doorway: Doorway,
    pub(crate) probes: Arc<dyn Probes>,
    pub(crate) writer: Arc<dyn Writer>,
    pub(crate) courier: Arc<dyn Courier>,
    pub(crate) clock: Arc<dyn Timer>,
    pub(crate) probe: Option<Arc<dyn Probe>>,
    pub(crate) settings: Settings,
    pub(crate) traffic: Arc<Traffic>,
    pub(crate) meters: Meters,
    pub(crate) directory: Directory,
    pub(crate) events: broadcast::Sender<Arc<Told>>,
    /// How far they were broadcast, for a relay that begins anew.
    relayed: Mutex<Option<EventId>>,
    stopping: AtomicBool,
}

/// Where everybody is found.
#[derive(Default)]
pub(crate) struct Directory {
    pub(crate) accounts: Registry<AccountId, AccountMessage>,
    pub(crate) watchers: Registry<ChannelId, WatcherMessage>,
    pub(crate) planners: Registry<ProjectId, PlannerMessage>,
    pub(crate) writers: Registry<Desk, WriterMessage>,
    pub(crate) observers: Registry<Shard, ObserverMessage>,
    pub(crate) logins: Registry<Place, LoginMessage>,
    pub(crate) dispatcher: Registry<Only, DispatcherMessage>,
    pub(crate) rescuer: Registry<Only, RescuerMessage>,
    pub(crate) pruner: Registry<Only, PrunerMessage>,
    pub(crate) relay: Registry<Only, RelayMessage>,
    pub(crate) deliverer: Registry<Only, DelivererMessage>,
    pub(crate) heartbeat: Registry<Only, HeartbeatMessage>,
    pub(crate) inspector: Registry<Only, InspectorMessage>,
    pub(crate) clerk: Registry<Only, ClerkMessage>,
    pub(crate) proxy_pool: Registry<Only, PoolMessage>,
    channels: RwLock<HashMap<(ProjectId, PeerId), ChannelId>>,
    peers: RwLock<HashMap<ChannelId, PeerId>>,
    readers: RwLock<Readers>,
    groups: RwLock<HashMap<Kind, Arc<dyn Group>>>,
}

/// Who can read which channel, from both sides.
#[derive(Default)]
struct Readers {
    by_channel: BTreeSet<(ChannelId, AccountId)>,
    by_account: BTreeSet<(AccountId, ChannelId)>,
}

/// The key of an actor that exists once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Only;

impl std::fmt::Display for Only {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("1")
    }
}

impl Directory {
    /// The supervisor of a group, if it lives.
    pub(crate) fn group(&self, kind: Kind) -> Option<Arc<dyn Group>> {
        self.groups.read().unwrap_or_else(PoisonError::into_inner).get(&kind).cloned()
    }

    /// A group's supervisor is gone.
    pub(crate) fn leave_group(&self, kind: Kind) {
        self.groups.write().unwrap_or_else(PoisonError::into_inner).remove(&kind);
    }

    /// A group has a (new) supervisor.
    pub(crate) fn enter_group(&self, kind: Kind, supervisor: Arc<dyn Group>) {
        self.groups.write().unwrap_or_else(PoisonError::into_inner).insert(kind, supervisor);
    }

    /// Which row of a project a channel of Telegram is.
    pub(crate) fn channel(&self, project: ProjectId, peer: PeerId) -> Option<ChannelId> {
        self.channels.read().unwrap_or_else(PoisonError::into_inner).get(&(project, peer)).copied()
    }

    /// Which channel of Telegram a row is.
    pub(crate) fn peer(&self, channel: ChannelId) -> Option<PeerId> {
        self.peers.read().unwrap_or_else(PoisonError::into_inner).get(&channel).copied()
    }

    /// Every channel that is watched.
    pub(crate) fn watched(&self) -> Vec<ChannelId> {
        self.peers.read().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// The accounts that can read a channel.
    pub(crate) fn readers_of(&self, channel: ChannelId) -> Vec<AccountId> {
        let readers = self.readers.read().unwrap_or_else(PoisonError::into_inner);
        let of_channel = (channel, AccountId(i64::MIN))..=(channel, AccountId(i64::MAX));
        readers.by_channel.range(of_channel).map(|(_, account)| *account).collect()
    }

    /// The channels that an account can read.
    pub(crate) fn channels_of(&self, account: AccountId) -> Vec<ChannelId> {
        let readers = self.readers.read().unwrap_or_else(PoisonError::into_inner);
        let of_account = (account, ChannelId(i64::MIN))..=(account, ChannelId(i64::MAX));
        readers.by_account.range(of_account).map(|(_, channel)| *channel).collect()
    }

    /// Remembers channels.
    pub(crate) fn know_channels(&self, channels: &[ChannelToWatch]) {
        let mut rows = self.channels.write().unwrap_or_else(PoisonError::into_inner);
        let mut peers = self.peers.write().unwrap_or_else(PoisonError::into_inner);
        for channel in channels {
            rows.insert((channel.project, channel.telegram_id), channel.channel);
            peers.insert(channel.channel, channel.telegram_id);
        }
    }

    /// Remembers who can read which channel.
    pub(crate) fn know_readers(&self, assignments: &[Assignment]) {
        let mut readers = self.readers.write().unwrap_or_else(PoisonError::into_inner);
        readers.by_channel.extend(assignments.iter().map(|assigned| (assigned.channel, assigned.account)));
        readers.by_account.extend(assignments.iter().map(|assigned| (assigned.account, assigned.channel)));
    }
}

impl Deps {
    pub(crate) fn new(ports: Ports, settings: Settings) -> Self {
        /// Events that a slow subscriber may lag behind before it is told that it missed some.
        const EVENT_BACKLOG: usize = 4096;
        let Ports { records, telegram, logins, probes, writer, courier, clock, probe } = ports;
        let places = Places::new(settings.logins, clock.now());
        Self {
            tenure: records.tenure(),
            doorway: Doorway::new(settings.connect_gap),
            store: records.into_store(),
            telegram,
            logins,
            places,
            probes,
            writer,
            courier,
            clock,
            probe,
            settings,
            traffic: Traffic::new(),
            meters: Meters::default(),
            directory: Directory::default(),
            events: broadcast::channel(EVENT_BACKLOG).0,
            relayed: Mutex::default(),
            stopping: AtomicBool::new(false),
        }
    }

    /// The current time.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The right to connect an account and to write what happens to it, if this process has it now.
    pub(crate) fn hold(&self, account: AccountId) -> Option<Hold> {
        self.tenure.hold(account, self.now())
    }

    /// How far events were broadcast.
    pub(crate) fn relayed(&self) -> MutexGuard<'_, Option<EventId>> {
        self.relayed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on nothing is claimed.
    pub(crate) fn stop_claiming(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// Whether the tree is on its way down.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }
}
