//! A soak: five hundred outages between real clients and Telegram, and afterwards nothing is missing, wrong or twice.

use std::collections::BTreeMap;

use actors::Stepper;
use domain::id::{MessageId, PeerId, PostId};
use rand::RngExt as _;
use simulator::record::Intervention;
use simulator::{DoorFaults, LostAnswer, MtprotoDoor, SendFault, WorldPlan};
use telegram::{HistorySlot, Route, TelegramError};

use super::*;

/// Everything that happens by chance follows from it.
const SEED: u64 = 71;

/// Drops and refusals.
const OUTAGES: u32 = 500;

/// How long nothing goes wrong at the end: every channel is audited once meanwhile.
const CALM: Duration = Duration::from_secs(13 * 3600);

/// What becomes of the way to Telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outage {
    /// Every connection is dropped, at the moment when what is due is begun.
    Drop,
    /// The same, and nobody is let in for a while.
    Refusal,
    /// An account loses its connection in the middle of its next call.
    Cut,
}

/// A bad network, and a server that is away again and again.
struct Storm {
    outages: BTreeMap<Outage, u32>,
    /// While nobody is let in: until when.
    back_at: Option<Timestamp>,
    last_at: Timestamp,
}

impl Storm {
    const fn new(now: Timestamp) -> Self {
        Self { outages: BTreeMap::new(), back_at: None, last_at: now }
    }

    fn count(&self) -> u32 {
        self.outages.values().sum()
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.count() == OUTAGES && self.back_at.is_none() && now >= self.last_at + CALM
    }

    /// Strikes once, at whatever is due now; or lets people in again. Whether it began to refuse them.
    fn rage(&mut self, door: &MtprotoDoor, world: &World, now: Timestamp) -> bool {
        if self.back_at.is_some_and(|at| now < at) {
            return false;
        }
        if self.back_at.take().is_some() {
            door.set_faults(DoorFaults::default());
        }
        if self.count() == OUTAGES {
            return false;
        }
        let mut dice = Seed(SEED).derive("outage", self.count().into()).rng();
        let account = dice.random_range(0..world.plan().accounts);
        let outage = [Outage::Drop, Outage::Refusal, Outage::Cut][dice.random_range(0..3)];
        let lost_answers = if dice.random() { LostAnswer::HangUp } else { LostAnswer::TimedOut };
        door.set_faults(DoorFaults {
            refuses: outage == Outage::Refusal,
            lost_answers,
            ..DoorFaults::default()
        });
        if dice.random_bool(0.2) {
            world.script(account, SendFault::LoseAnswer);
        }
        match outage {
            Outage::Drop => door.hang_up(),
            Outage::Refusal => {
                self.back_at = Some(now + Duration::from_secs(60) * dice.random_range(1..30));
                door.hang_up();
            }
            Outage::Cut => door.script(account, TelegramError::Disconnected),
        }
        *self.outages.entry(outage).or_default() += 1;
        self.last_at = now;
        outage == Outage::Refusal
    }
}

/// While nobody hears of it, a channel edits one of the latest posts, and now and then one is deleted, also such under which a
/// comment's outcome is unknown.
async fn meddle(staged: &Staged, store: &Store, nth: u32) {
    let known = known_posts(store, staged.project).await;
    let latest: Vec<_> = known.values().rev().take(12).collect();
    if latest.is_empty() {
        return;
    }
    let mut dice = Seed(SEED).derive("meddle", nth.into()).rng();
    let mut pick = || *latest[dice.random_range(0..latest.len())];
    let ((channel, post), now) = (pick(), staged.clock.now());
    staged.world.intervene(Intervention::EditPost { channel, post }, now);
    if nth.is_multiple_of(4) {
        let (channel, post) = pick();
        staged.world.intervene(Intervention::DeletePost { channel, post }, now);
    }
}

/// Lets the demo take its course through the storm, and a while longer.
async fn weather(staged: &Staged, store: &Store) -> Storm {
    let (DemoClock::Virtual(clock), Doorway::Mtproto(door)) = (&staged.clock, &*staged.door) else {
        unreachable!("the speed is max, the door is MTProto")
    };
    let mut show = staged.show(store);
    let mut storm = Storm::new(clock.now());
    let stepper = Stepper::new(&staged.system, clock.clone());
    loop {
        if storm.rage(door, &staged.world, clock.now()) {
            meddle(staged, store, storm.count()).await;
        }
        stepper.settle(|| door.pending()).await.unwrap();
        let now = clock.now();
        if show.look_around(now).await.unwrap() && storm.is_over(now) {
            return storm;
        }
        let outside = [show.world.next_event_at(), show.people.next_at(), storm.back_at];
        let next = stepper.next(outside.into_iter().flatten().min()).await.unwrap();
        let to = next.unwrap_or(now + drive::STEP).max(now).round_up(drive::STEP);
        stepper.advance(to);
        show.world.advance(to);
    }
}

/// Where each row of the archive stands in the world: its channel and its id there.
async fn known_posts(store: &Store, project: ProjectId) -> BTreeMap<PostId, (PeerId, MessageId)> {
    let known = store.known_posts(project, None, 100_000).await.unwrap();
    known.into_iter().map(|known| (known.post, (known.channel_peer, known.message))).collect()
}

/// What stands in a channel: of each post its id, when it was published, and its text.
type Told = Vec<(MessageId, Timestamp, String)>;

/// The archive, channel by channel, in the order of the ids. An id that stands there twice is told twice.
async fn archive(store: &Store, project: ProjectId) -> BTreeMap<PeerId, Told> {
    let places = known_posts(store, project).await;
    let mut archive: BTreeMap<PeerId, Told> = BTreeMap::new();
    let listed = store.list_posts(project, None, 100_000).await.unwrap();
    for post in listed.into_iter().filter(|post| post.deleted_at.is_none()) {
        let (channel, message) = places[&post.id];
        archive.entry(channel).or_default().push((message, post.published_at, post.text));
    }
    archive.values_mut().for_each(|told| told.sort());
    archive
}

/// The world as one sees it who is told everything, channel by channel, in the order of the ids.
async fn truth(world: &Arc<World>, clock: &DemoClock) -> BTreeMap<PeerId, Told> {
    let door = Door::new(world.clone(), clock.clock());
    let mut truth = BTreeMap::new();
    for index in 0..world.plan().channels {
        let member = world.plan().speakers_of(index).next().unwrap();
        let session = world.session(member).unwrap();
        let witness = door.connect(AccountId(1), &session, &Route::Direct).await.unwrap();
        let channel = WorldPlan::channel_peer(index);
        let newest = witness.newest(&[channel]).await.unwrap()[0];
        let ids: Vec<_> = (1..=newest.get()).map(MessageId).collect();
        let mut posts = Vec::new();
        for ids in ids.chunks(100) {
            posts.extend(witness.history(channel, ids).await.unwrap());
        }
        truth.insert(channel, told(posts));
    }
    truth
}

/// Posts in the order of their ids, the parts of an album as one.
fn told(slots: Vec<HistorySlot>) -> Told {
    let mut told = Told::new();
    let mut album = None;
    for slot in slots {
        let HistorySlot::Post(post) = slot else { continue };
        match told.last_mut() {
            Some((_, _, text)) if post.grouped.is_some() && album == post.grouped => {
                text.push_str(&post.text)
            }
            Some(_) | None => told.push((post.id, post.published_at, post.text)),
        }
        album = post.grouped;
    }
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_drops_and_refusals_lose_no_post_and_double_no_comment() {
    let began = Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("world.jsonl");
    let line = format!(
        "--seed {SEED} --channels 6 --days 3 --faults none --door mtproto --record {}",
        record.display()
    );
    let args = args(&line);
    let place = Place::of(&args, &Config::default()).unwrap();
    let store = place.open().await.unwrap();
    let staged = Staged::start(&args, &store, Stagehands::default()).await.unwrap();
    let storm = weather(&staged, &store).await;
    let seen = format!("seed {SEED}, {:?}", storm.outages);
    assert_eq!(storm.outages.len(), 3, "{seen}");

    let Staged { scenario: _, world, clock, door: _, system, project } = staged;
    system.stop().await.unwrap();
    let now = clock.now();
    let run = summary::Run {
        seed: SEED,
        now,
        known_until: now,
        complete: true,
        waits: actors::Percentiles::default(),
        wall: began.elapsed(),
    };
    let report = summary::report(&store, &world, project, run).await.unwrap();
    assert_promises_kept(&report, &seen);
    let lost = std::fs::read_to_string(&record).unwrap().matches("\"answer_lost\":true").count();
    assert!(lost > 10, "{lost} answers were lost after the write, {seen}");
    assert_eq!(archive(&store, project).await, truth(&world, &clock).await, "{seen}");
    assert_eq!(store.reading_sum().await.unwrap().gaps, 0, "{seen}");
    store.close().await.unwrap();
}
