//! What rehearsing a campaign takes: its latest posts, the readers' messages below them, and what its voice writes with.
//! Nothing here writes.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use domain::disclosure::Label;
use domain::id::{AccountId, CampaignId, ChannelId, PostId, ProjectId, ThreadMessageId};
use domain::pacing::Ledger;
use domain::planning::{Cue, Desk, Post, ReaderMessage};
use domain::policy::Mode;
use domain::time::Timestamp;
use serde::Serialize;

use super::templates::Repertoire;
use crate::error::StoreError;
use crate::row::{Cell, Row};
use crate::rows::{Sql, rows};
use crate::store::{Run as _, Session, Store};

/// Promises older than this before the first post cannot matter: longer than a local day and any gap.
const MEMORY: Duration = Duration::from_secs(48 * 3600);

/// Readers' messages that are rehearsed, at most: the latest.
const MESSAGES: i64 = 500;

static POSTS: Sql = Sql::new(
    "SELECT po.id FROM posts po
     WHERE po.project_id = $1 AND po.deleted_at IS NULL AND po.channel_id IN (
         SELECT x.channel_id FROM campaign_channels x WHERE x.campaign_id = $2
         UNION SELECT pc.channel_id FROM campaign_playlists x JOIN playlist_channels pc ON pc.playlist_id = x.playlist_id
         WHERE x.campaign_id = $2)
     ORDER BY po.id DESC LIMIT $3",
);

static QUESTIONS: Sql = Sql::new(
    "SELECT m.id FROM rows($1: id bigint) r CROSS JOIN thread_messages m
     WHERE m.post_id = r.id AND m.author = 'reader' AND m.text <> '' AND m.deleted_at IS NULL
     ORDER BY m.id DESC LIMIT $2",
);

/// What other campaigns promised: what this one did is what is being tried.
static BOOKINGS: Sql = Sql::new(
    "SELECT account_id, COALESCE(sent_at, due_at) AS at FROM comments
     WHERE project_id = $1 AND account_id IS NOT NULL AND COALESCE(sent_at, due_at) >= $2
         AND state NOT IN ('skipped', 'rejected', 'refused', 'expired') AND (campaign_id IS NULL OR campaign_id <> $3)",
);

static TITLES: Sql =
    Sql::new("SELECT ch.id, ch.title FROM rows($1: id bigint) r CROSS JOIN channels ch WHERE ch.id = r.id");

static LABELS: Sql =
    Sql::new("SELECT a.id, a.label FROM rows($1: id bigint) r CROSS JOIN accounts a WHERE a.id = r.id");

/// Everything that a rehearsal of a campaign takes.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// The project as it is now, with what other campaigns promised.
    pub desk: Desk,
    /// What the campaign reacts to, oldest first.
    pub cues: Vec<Cue>,
    /// The titles of the channels.
    pub titles: BTreeMap<ChannelId, String>,
    /// The labels of the accounts.
    pub labels: BTreeMap<AccountId, Label>,
    /// What the campaign's voice writes with, if it has a voice.
    pub repertoire: Option<Repertoire>,
}

#[derive(Serialize)]
struct IdRow {
    id: i64,
}

impl Store {
    /// What rehearsing a campaign takes, on the latest `posts` posts of the channels it covers.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such campaign.
    pub async fn rehearsal(
        &self,
        project: ProjectId,
        campaign: CampaignId,
        posts: u32,
        now: Timestamp,
    ) -> Result<Rehearsal, StoreError> {
        let settings = self.campaign(project, campaign).await?.settings;
        let read = self.read("read what to rehearse");
        let values = [project.get().into(), campaign.get().into(), i64::from(posts).into()];
        let posts: Vec<PostId> = ids(&read.rows(&POSTS, values).await?)?;
        let asked = id_rows(&read, posts.iter().map(|id| id.get()))?;
        let messages: Vec<ThreadMessageId> = ids(&read.rows(&QUESTIONS, [asked, MESSAGES.into()]).await?)?;
        let snapshot = self.planning_snapshot(project, &posts, &messages, now).await?;
        let cues = cues(settings.mode, snapshot.posts, snapshot.messages);
        let mut desk = snapshot.desk;
        desk.ledgers = read_ledgers(&read, project, campaign, &cues, &desk).await?;
        let repertoire = match settings.voice {
            Some(voice) => Some(self.repertoire(project, voice).await?),
            None => None,
        };
        let titles = read_titles(&read, &cues).await?;
        let labels = read_labels(&read, &desk).await?;
        Ok(Rehearsal { desk, cues, titles, labels, repertoire })
    }
}

fn cues(
    mode: Mode,
    posts: HashMap<PostId, Post>,
    messages: HashMap<ThreadMessageId, ReaderMessage>,
) -> Vec<Cue> {
    let opened = posts.into_values().filter(|_| mode == Mode::NewPosts).map(Cue::Post);
    let mut cues: Vec<_> = opened.chain(messages.into_values().map(Cue::Message)).collect();
    let id = |cue: &Cue| match cue {
        Cue::Post(post) => post.id.get(),
        Cue::Message(message) => message.id.get(),
    };
    cues.sort_by_key(|cue| (cue.at(), id(cue)));
    cues
}

async fn read_ledgers(
    read: &Session<'_>,
    project: ProjectId,
    campaign: CampaignId,
    cues: &[Cue],
    desk: &Desk,
) -> Result<BTreeMap<AccountId, Ledger>, StoreError> {
    let mut ledgers: BTreeMap<AccountId, Ledger> = BTreeMap::new();
    let Some(first) = cues.first() else { return Ok(ledgers) };
    let since = first.at() - MEMORY;
    let values = [project.get().into(), since.micros().into(), campaign.get().into()];
    for row in &read.rows(&BOOKINGS, values).await? {
        ledgers.entry(row.get("account_id")?).or_default().book(row.get("at")?, desk.zone);
    }
    Ok(ledgers)
}

async fn read_titles(read: &Session<'_>, cues: &[Cue]) -> Result<BTreeMap<ChannelId, String>, StoreError> {
    let mut channels: Vec<_> = cues.iter().map(|cue| cue.channel().get()).collect();
    channels.sort_unstable();
    channels.dedup();
    let found = read.rows(&TITLES, [id_rows(read, channels.into_iter())?]).await?;
    found.iter().map(|row| Ok((row.get("id")?, row.get("title")?))).collect()
}

async fn read_labels(read: &Session<'_>, desk: &Desk) -> Result<BTreeMap<AccountId, Label>, StoreError> {
    let found = read.rows(&LABELS, [id_rows(read, desk.accounts.keys().map(|id| id.get()))?]).await?;
    let label = |row: &Row| {
        let label = Label::new(&row.get::<String>("label")?);
        Ok((row.get("id")?, label.map_err(|source| row.unreadable("label", source))?))
    };
    found.iter().map(label).collect()
}

fn ids<T: Cell>(found: &[Row]) -> Result<Vec<T>, StoreError> {
    found.iter().map(|row| row.get("id")).collect()
}

fn id_rows(read: &Session<'_>, ids: impl Iterator<Item = i64>) -> Result<sea_orm::Value, StoreError> {
    rows(read.operation(), &ids.map(|id| IdRow { id }).collect::<Vec<_>>())
}
