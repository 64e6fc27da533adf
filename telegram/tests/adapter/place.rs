//! A world behind an MTProto door, and an adapter in front of it.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use beseda_telegram::grammers::{Grammers, Patience, Settings};
use beseda_telegram::{
    Access, Connection, Keep, KeepError, KnownPeer, Outgoing, Route, Session, Telegram, TelegramError,
    Thread, Update, Updates,
};
use domain::disclosure::{Label, sign};
use domain::id::{AccountId, MessageId, PeerId, RandomId};
use domain::seed::Seed;
use domain::time::{Clock, Timestamp};
use simulator::record::Intervention;
use simulator::{DoorFaults, MtprotoDoor, Source, World, WorldPlan};

/// 2026-03-02T06:00:00Z, a Monday.
const START: Timestamp = Timestamp::from_secs(1_772_431_200);

/// The account that every test speaks for.
pub(crate) const ACCOUNT: AccountId = AccountId(7);

/// The first channel, as everybody may find it.
pub(crate) const USERNAME: &str = "world_channel_0";

/// A place for one test.
pub(crate) struct Place {
    pub(crate) world: Arc<World>,
    pub(crate) door: MtprotoDoor,
    pub(crate) adapter: Grammers,
    pub(crate) records: Arc<Records>,
    clock: Arc<HandClock>,
}

/// A clock that stands still unless told.
struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// What the adapter keeps, in memory.
#[derive(Default)]
pub(crate) struct Records {
    peers: Mutex<HashMap<PeerId, KnownPeer>>,
    sessions: Mutex<Vec<Session>>,
    leads: Mutex<Vec<String>>,
}

#[async_trait]
impl Keep for Records {
    async fn peers(&self, _: AccountId) -> Result<Vec<KnownPeer>, KeepError> {
        Ok(self.peers.lock().unwrap().values().cloned().collect())
    }

    async fn keep_peers(&self, _: AccountId, peers: &[KnownPeer]) -> Result<(), KeepError> {
        self.peers.lock().unwrap().extend(peers.iter().map(|peer| (peer.id, peer.clone())));
        Ok(())
    }

    async fn leads(&self, _: AccountId, _: PeerId) -> Result<Vec<String>, KeepError> {
        Ok(self.leads.lock().unwrap().clone())
    }

    async fn keep_session(&self, _: AccountId, session: &Session) -> Result<(), KeepError> {
        self.sessions.lock().unwrap().push(session.clone());
        Ok(())
    }
}

impl Records {
    pub(crate) fn access(&self, chat: PeerId) -> Option<Access> {
        self.peers.lock().unwrap().get(&chat).map(|peer| peer.access)
    }

    /// Puts a way to address a chat in place of what was kept.
    pub(crate) fn spoil(&self, chat: PeerId, access: Access, username: Option<&str>) {
        let mut peers = self.peers.lock().unwrap();
        let peer = peers.get_mut(&chat).unwrap();
        peer.access = access;
        peer.username = username.map(str::to_owned);
    }

    pub(crate) fn forget(&self) {
        self.peers.lock().unwrap().clear();
    }

    pub(crate) fn lead_by(&self, username: &str) {
        self.leads.lock().unwrap().push(username.to_owned());
    }

    pub(crate) fn sessions(&self) -> Vec<Session> {
        self.sessions.lock().unwrap().clone()
    }
}

impl Place {
    /// A silent, faultless world: what a test wants to happen it asks for.
    pub(crate) async fn new() -> Self {
        Self::with_patience(Patience::default()).await
    }

    pub(crate) async fn with_patience(patience: Patience) -> Self {
        let plan = WorldPlan {
            posts_per_day: 0.0,
            readers_per_post: 0.0,
            channels: 4,
            accounts: 3,
            ..WorldPlan::new(Seed(1), START, label())
        };
        let world = Arc::new(World::build(plan, Source::Generated));
        let clock = Arc::new(HandClock(AtomicI64::new(world.last_time().micros())));
        let anywhere = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0);
        let door = MtprotoDoor::open(world.clone(), clock.clone(), anywhere, "seed".into()).await.unwrap();
        let servers = Some(vec![door.server()]);
        let settings = Settings { api_id: 1, api_hash: "hash".into(), servers, patience };
        let records = Arc::new(Records::default());
        let adapter = Grammers::new(settings, records.clone());
        Self { world, door, adapter, records, clock }
    }

    /// Connects as one of the world's accounts: 0 and 1 are members of the first channel, 2 is not.
    pub(crate) async fn try_connect(&self, account: u32) -> Result<Box<dyn Connection>, TelegramError> {
        self.adapter.connect(ACCOUNT, &self.door.session(account).unwrap(), &Route::Direct).await
    }

    pub(crate) async fn connect(&self, account: u32) -> Box<dyn Connection> {
        self.try_connect(account).await.unwrap()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn pass(&self, span: Duration) {
        self.clock.0.store((self.now() + span).micros(), Ordering::SeqCst);
    }

    pub(crate) fn intervene(&self, intervention: Intervention) {
        self.world.intervene(intervention, self.now());
    }

    /// Publishes a post in the first channel and lets it reach its group.
    pub(crate) fn publish(&self) -> MessageId {
        self.intervene(Intervention::Publish { channel: channel() });
        self.pass(Duration::from_secs(60));
        MessageId(1 + i64::from(self.world.published(0)))
    }

    pub(crate) fn fail(&self, faults: DoorFaults) {
        self.door.set_faults(faults);
    }

    /// How often a method was called so far.
    pub(crate) fn calls(&self, method: &str) -> u64 {
        self.door.counts().calls.get(method).copied().unwrap_or(0)
    }
}

pub(crate) fn channel() -> PeerId {
    WorldPlan::channel_peer(0)
}

pub(crate) fn group() -> PeerId {
    WorldPlan::group_peer(0)
}

fn label() -> Label {
    Label::new("From the team").unwrap()
}

pub(crate) fn outgoing(thread: Thread, text: &str, random_id: i64) -> Outgoing {
    let text = sign(text, &label()).unwrap();
    Outgoing { thread, answers: None, text, random_id: RandomId(random_id), send_as: None }
}

/// A time-out that a test waits out, and no longer than it must.
pub(crate) const fn impatient() -> Patience {
    let short = Duration::from_millis(200);
    Patience { connect: short, answer: short, ping: short }
}

/// The next of a stream, which has one soon.
pub(crate) async fn next(updates: &mut dyn Updates) -> Result<Update, TelegramError> {
    let bounded = tokio::time::timeout(Duration::from_secs(20), updates.next()).await;
    bounded.expect("an update, or the end, within 20 seconds")
}
