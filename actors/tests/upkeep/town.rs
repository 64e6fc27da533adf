//! A small town for a Telegram: what its accounts are told is what the test put there, and it counts who is connected.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use domain::id::{AccountId, MessageId, PeerId};
use domain::link::ChatLink;
use domain::time::Timestamp;
use telegram::{
    ChatKind, Connection, Found, HistorySlot, Identity, Look, MessageSeen, Outgoing, PostSeen, Rights, Route,
    SentMessage, Session, Telegram, TelegramError, Thread, Update, Updates, WaitScope,
};

/// The town.
pub(crate) struct Town(Mutex<Plot>);

/// What stands in it.
pub(crate) struct Plot {
    /// What every account's profile says.
    pub(crate) about: String,
    /// Who every account is; `None` for whoever it says it is.
    pub(crate) somebody_else: Option<PeerId>,
    /// Whether accounts administer the channels.
    pub(crate) administrator: bool,
    /// What links lead to, by what is asked for.
    pub(crate) links: HashMap<ChatLink, Result<Found, TelegramError>>,
    /// What stands in every channel. Nobody is told of it who does not ask.
    pub(crate) posts: BTreeMap<MessageId, PostSeen>,
    /// What was written below posts, and where it stands. It stays when its post goes.
    pub(crate) written: Vec<(Outgoing, SentMessage)>,
    /// Whether the answer to whoever writes is lost.
    pub(crate) loses_answers: bool,
    /// The ids that were asked for, question by question.
    pub(crate) asked: Vec<Vec<MessageId>>,
    /// What whoever connects, or asks for rights, is told instead.
    pub(crate) closed: Option<TelegramError>,
    /// How often somebody tried to connect.
    pub(crate) attempts: u32,
    /// How many connections each account has, and the most it ever had.
    lines: HashMap<AccountId, (u32, u32)>,
}

impl Town {
    /// A town whose accounts' profiles say `about`.
    pub(crate) fn of(about: &str) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Plot {
            about: about.to_owned(),
            somebody_else: None,
            administrator: true,
            links: HashMap::new(),
            posts: BTreeMap::new(),
            written: Vec::new(),
            loses_answers: false,
            asked: Vec::new(),
            closed: None,
            attempts: 0,
            lines: HashMap::new(),
        })))
    }

    pub(crate) fn plot(&self) -> MutexGuard<'_, Plot> {
        self.0.lock().unwrap()
    }

    /// How many connections there are now.
    pub(crate) fn connected(&self) -> u32 {
        self.plot().lines.values().map(|(now, _)| now).sum()
    }

    /// The most connections that any account ever had.
    pub(crate) fn most(&self) -> u32 {
        self.plot().lines.values().map(|(_, most)| *most).max().unwrap_or(0)
    }

    /// Opens a channel under a name, with a discussion group.
    pub(crate) fn open_channel(&self, name: &str, peer: i64) {
        let found = channel(name, peer);
        self.plot().links.insert(ChatLink::Username(name.to_owned()), Ok(found));
    }

    /// Changes a channel's description.
    pub(crate) fn describe(&self, name: &str, about: &str) {
        if let Some(Ok(found)) = self.plot().links.get_mut(&ChatLink::Username(name.to_owned())) {
            about.clone_into(&mut found.about);
        }
    }

    /// Puts what is no channel to be watched behind other names.
    pub(crate) fn put_stumbling_blocks(&self) {
        let wait = TelegramError::Wait { scope: WaitScope::Account, wait: Duration::from_secs(40) };
        let answers = [
            ("some_group", Ok(Found { kind: ChatKind::Group, ..channel("some_group", 91) })),
            ("some_person", Ok(Found { kind: ChatKind::User, ..channel("some_person", 92) })),
            ("silent_channel", Ok(Found { discussion: None, ..channel("silent_channel", 93) })),
            ("private_channel", Err(TelegramError::ChannelPrivate)),
            ("slow_channel", Err(wait)),
        ];
        let answers = answers.map(|(name, answer)| (ChatLink::Username(name.to_owned()), answer));
        self.plot().links.extend(answers);
    }
}

fn channel(name: &str, peer: i64) -> Found {
    Found {
        id: PeerId(peer),
        kind: ChatKind::Channel,
        username: Some(name.to_owned()),
        title: format!("Channel {name}"),
        about: String::new(),
        discussion: Some(PeerId(peer + 1_000)),
        members: Some(7),
        newest: MessageId(5),
    }
}

/// The way into a town.
pub(crate) struct Gate(pub(crate) Arc<Town>);

#[async_trait]
impl Telegram for Gate {
    async fn connect(
        &self,
        account: AccountId,
        _: &Session,
        _: &Route,
    ) -> Result<Box<dyn Connection>, TelegramError> {
        let mut plot = self.0.plot();
        plot.attempts += 1;
        if let Some(why) = &plot.closed {
            return Err(why.clone());
        }
        let (now, most) = plot.lines.entry(account).or_default();
        *now += 1;
        *most = (*most).max(*now);
        Ok(Box::new(Line { town: self.0.clone(), account }))
    }
}

struct Line {
    town: Arc<Town>,
    account: AccountId,
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some((now, _)) = self.town.plot().lines.get_mut(&self.account) {
            *now -= 1;
        }
    }
}

/// Nothing ever happens in a town.
struct Silence;

#[async_trait]
impl Updates for Silence {
    async fn next(&mut self) -> Result<Update, TelegramError> {
        std::future::pending().await
    }
}

#[async_trait]
impl Connection for Line {
    async fn identify(&self) -> Result<Identity, TelegramError> {
        let plot = self.town.plot();
        Ok(Identity {
            // Scenes number their accounts' Telegram ids from here.
            id: plot.somebody_else.unwrap_or(PeerId(1_500_000_000 + self.account.get() - 1)),
            username: Some(format!("editor_{}", self.account)),
            display_name: "An editor".to_owned(),
            is_bot: false,
            about: plot.about.clone(),
        })
    }

    async fn resolve(&self, link: &ChatLink) -> Result<Found, TelegramError> {
        self.town.plot().links.get(link).cloned().unwrap_or(Err(TelegramError::PeerInvalid))
    }

    async fn rights(&self, _: PeerId) -> Result<Rights, TelegramError> {
        let plot = self.town.plot();
        if let Some(why) = &plot.closed {
            return Err(why.clone());
        }
        let administrator = plot.administrator;
        Ok(Rights { member: true, administrator, speaks_as_channel: administrator })
    }

    async fn join(&self, _: PeerId) -> Result<(), TelegramError> {
        Err(TelegramError::PeerInvalid)
    }

    async fn newest(&self, channels: &[PeerId]) -> Result<Vec<MessageId>, TelegramError> {
        let newest = self.town.plot().posts.keys().last().copied().unwrap_or(MessageId(5));
        Ok(vec![newest; channels.len()])
    }

    async fn history(&self, _: PeerId, ids: &[MessageId]) -> Result<Vec<HistorySlot>, TelegramError> {
        let mut plot = self.town.plot();
        plot.asked.push(ids.to_vec());
        let stands = |id| plot.posts.get(id).cloned().map(HistorySlot::Post);
        Ok(ids.iter().map(|id| stands(id).unwrap_or(HistorySlot::Empty(*id))).collect())
    }

    async fn thread(&self, channel: PeerId, post: MessageId) -> Result<Thread, TelegramError> {
        match self.town.plot().posts.get(&post) {
            Some(PostSeen { comments_open: true, .. }) => {
                Ok(Thread { group: PeerId(channel.get() + 1_000), root: MessageId(post.get() + 100) })
            }
            Some(_) | None => Err(TelegramError::NoThread),
        }
    }

    async fn comment(&self, comment: &Outgoing) -> Result<SentMessage, TelegramError> {
        let mut plot = self.town.plot();
        let id = MessageId(200 + i64::try_from(plot.written.len()).unwrap());
        let sent = SentMessage { id, at: Timestamp::from_secs(1_780_000_000) };
        plot.written.push((comment.clone(), sent));
        if plot.loses_answers { Err(TelegramError::UnknownOutcome) } else { Ok(sent) }
    }

    async fn find_sent(&self, comment: &Outgoing) -> Result<Option<SentMessage>, TelegramError> {
        let plot = self.town.plot();
        let is_it = |(written, _): &&(Outgoing, SentMessage)| {
            (written.random_id, written.thread) == (comment.random_id, comment.thread)
        };
        Ok(plot.written.iter().find(is_it).map(|(_, sent)| *sent))
    }

    async fn look(&self, _: PeerId, ids: &[MessageId]) -> Result<Vec<Look>, TelegramError> {
        let plot = self.town.plot();
        let stands = |id: &MessageId| plot.written.iter().any(|(_, sent)| sent.id == *id);
        let seen = |id| stands(id).then_some(MessageSeen { reactions: 0, replies: 0 });
        Ok(ids.iter().map(|id| Look { id: *id, seen: seen(id) }).collect())
    }

    async fn updates(&self) -> Result<Box<dyn Updates>, TelegramError> {
        Ok(Box::new(Silence))
    }
}
