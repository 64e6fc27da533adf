//! What the simulator's tests share: a world with a hand-driven clock, and a crude product that comments on everything.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use beseda_simulator::{CommentClaim, Door, PostClaim, Source, World, WorldPlan};
use domain::disclosure::{Label, SignedText, sign};
use domain::id::{AccountId, MessageId, PeerId, RandomId};
use domain::seed::Seed;
use domain::time::{Clock, Timestamp};
use telegram::{
    Connection, HistorySlot, Outgoing, PostSeen, Route, SentMessage, Telegram, TelegramError, Thread, Update,
    Updates,
};

/// 2026-03-02T06:00:00Z, a Monday.
pub(crate) const START: Timestamp = Timestamp::from_secs(1_772_431_200);

/// A clock that stands still unless told.
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    pub(crate) fn set(&self, at: Timestamp) {
        self.0.store(at.micros(), Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// A world, a door to it and the clock of both.
pub(crate) struct Stage {
    pub(crate) world: Arc<World>,
    pub(crate) door: Door,
    pub(crate) clock: Arc<HandClock>,
}

pub(crate) fn label() -> Label {
    Label::new("From the team").unwrap()
}

pub(crate) fn signed(text: &str) -> SignedText {
    sign(text, &label()).unwrap()
}

/// A silent, faultless world: what a test wants to happen it asks for.
pub(crate) fn silent() -> WorldPlan {
    WorldPlan {
        posts_per_day: 0.0,
        readers_per_post: 0.0,
        channels: 4,
        accounts: 3,
        ..WorldPlan::new(Seed(1), START, label())
    }
}

impl Stage {
    pub(crate) fn new(plan: WorldPlan) -> Self {
        Self::of(World::build(plan, Source::Generated))
    }

    pub(crate) fn recorded(plan: WorldPlan, path: &Path) -> Self {
        Self::of(World::open(plan, Source::Generated, path).unwrap())
    }

    pub(crate) fn of(world: World) -> Self {
        let clock = Arc::new(HandClock(AtomicI64::new(world.last_time().micros())));
        let world = Arc::new(world);
        Self { door: Door::new(world.clone(), clock.clone()), world, clock }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn pass(&self, span: Duration) {
        self.clock.set(self.now() + span);
    }

    pub(crate) async fn connect(&self, account: u32) -> Box<dyn Connection> {
        let session = self.world.session(account).unwrap();
        self.door.connect(AccountId(i64::from(account)), &session, &Route::Direct).await.unwrap()
    }
}

/// The next update of a stream that is expected to have one.
pub(crate) async fn next(updates: &mut dyn Updates) -> Result<Update, TelegramError> {
    let bounded = tokio::time::timeout(Duration::from_secs(10), updates.next()).await;
    bounded.expect("an update within ten seconds")
}

/// Everything that stands in a channel.
pub(crate) async fn posts(
    connection: &dyn Connection,
    channel: PeerId,
    from: MessageId,
) -> Result<Vec<PostSeen>, TelegramError> {
    let newest = connection.newest(&[channel]).await?[0];
    let ids: Vec<MessageId> = (from.get() + 1..=newest.get()).map(MessageId).collect();
    let mut posts = Vec::new();
    for ids in ids.chunks(100) {
        let slots = connection.history(channel, ids).await?;
        posts.extend(slots.into_iter().filter_map(|slot| match slot {
            HistorySlot::Post(post) => Some(post),
            HistorySlot::Empty(_) => None,
        }));
    }
    Ok(posts)
}

pub(crate) fn outgoing(thread: Thread, text: &str, random_id: i64) -> Outgoing {
    Outgoing { thread, answers: None, text: signed(text), random_id: RandomId(random_id), send_as: None }
}

/// A product of the simplest kind: every so often it writes under each new post, and repeats what had no clear outcome.
/// Its memory is its own, so it survives the world's death as a database would.
#[derive(Default)]
pub(crate) struct Crude {
    pub(crate) sent: Vec<CommentClaim>,
    pub(crate) posts: Vec<PostClaim>,
    pub(crate) refused: Vec<TelegramError>,
    seen: std::collections::HashMap<PeerId, MessageId>,
    albums: std::collections::HashSet<i64>,
    open: Vec<(u32, PeerId, Outgoing)>,
}

impl Crude {
    /// One round: look at every channel through its first speaker, then try everything that is still open once.
    pub(crate) async fn round(&mut self, stage: &Stage) {
        let plan = stage.world.plan().clone();
        for channel in 0..plan.channels {
            let account = plan.speakers_of(channel).next().unwrap();
            let connection = stage
                .door
                .connect(AccountId(1), &stage.world.session(account).unwrap(), &Route::Direct)
                .await;
            let peer = WorldPlan::channel_peer(channel);
            let Ok(connection) = connection else { continue };
            let from = self.seen.get(&peer).copied().unwrap_or(MessageId(0));
            let Ok(posts) = posts(connection.as_ref(), peer, from).await else { continue };
            for post in posts {
                self.seen.insert(peer, post.id);
                self.take(connection.as_ref(), account, peer, post).await;
            }
        }
        for (account, channel, out) in std::mem::take(&mut self.open) {
            self.send(stage, account, channel, out).await;
        }
    }

    async fn take(&mut self, connection: &dyn Connection, account: u32, channel: PeerId, post: PostSeen) {
        let is_head = post.grouped.is_none_or(|album| self.albums.insert(album));
        if !is_head {
            return;
        }
        self.posts.push(PostClaim { channel, post: post.id });
        let random_id = channel.get() * 100_000 + post.id.get();
        if let Ok(thread) = connection.thread(channel, post.id).await {
            self.open.push((account, channel, outgoing(thread, "Good to know.", random_id)));
        }
    }

    async fn send(&mut self, stage: &Stage, account: u32, channel: PeerId, out: Outgoing) {
        let connection =
            stage.door.connect(AccountId(1), &stage.world.session(account).unwrap(), &Route::Direct).await;
        let Ok(connection) = connection else {
            self.open.push((account, channel, out));
            return;
        };
        match connection.comment(&out).await {
            Ok(SentMessage { id, .. }) => {
                self.sent.push(CommentClaim { channel, message: id, random_id: out.random_id });
            }
            Err(TelegramError::RandomIdDuplicate) => {
                if let Ok(Some(found)) = connection.find_sent(&out).await {
                    self.sent.push(CommentClaim { channel, message: found.id, random_id: out.random_id });
                }
            }
            Err(error) => {
                if error == TelegramError::JoinRequired {
                    let _ = connection.join(out.thread.group).await;
                }
                let again = matches!(
                    error,
                    TelegramError::Wait { .. } | TelegramError::UnknownOutcome | TelegramError::JoinRequired
                );
                self.refused.push(error);
                if again {
                    self.open.push((account, channel, out));
                }
            }
        }
    }
}
