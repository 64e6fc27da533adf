//! Reading what planning decides on.
//!
//! `CROSS JOIN` makes SQLite begin with the rows asked for; left to itself it begins with all that a project or a campaign
//! has. To PostgreSQL, which knows how much that is, it means nothing.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use domain::account::Kind;
use domain::consent::Consent;
use domain::id::{AccountId, CampaignId, ChannelId, PostId, ProjectId, ThreadMessageId};
use domain::pacing::Limits;
use domain::planning::{Account, Campaign, Desk, Post, ReaderMessage};
use domain::policy::{Policy, Preset};
use domain::time::Timestamp;
use serde::Serialize;

use crate::accounts::read_status;
use crate::error::StoreError;
use crate::planning::PlanningSnapshot;
use crate::row::Row;
use crate::rows::{Sql, rows};
use crate::store::{Run as _, Session, Store};

static PROJECT: Sql = Sql::new("SELECT status, timezone FROM projects WHERE id = $1");

static POSTS: Sql = Sql::new(
    "SELECT po.id AS post_id, po.channel_id, po.published_at, po.text AS post_text, po.comments_open,
         po.deleted_at IS NOT NULL AS post_deleted, po.detected_at
     FROM rows($1: id bigint) r CROSS JOIN posts po
     WHERE po.id = r.id AND po.project_id = $2",
);

/// An answer counts from the moment it is planned, unless it came to nothing.
static MESSAGES: Sql = Sql::new(
    "SELECT po.id AS post_id, po.channel_id, po.published_at, po.text AS post_text, po.comments_open,
         po.deleted_at IS NOT NULL AS post_deleted, m.id, m.author, m.author_ref, m.text, m.sent_at,
         m.deleted_at IS NOT NULL AS deleted,
         (SELECT count(*) FROM comments c WHERE c.post_id = m.post_id AND c.intent = 'answer'
              AND c.state NOT IN ('skipped', 'rejected', 'refused', 'expired')) AS under_post,
         (SELECT count(*) FROM comments c JOIN thread_messages o ON o.id = c.answers_id
              WHERE c.post_id = m.post_id AND c.intent = 'answer' AND o.author_ref = m.author_ref
              AND c.state NOT IN ('skipped', 'rejected', 'refused', 'expired')) AS to_reader
     FROM rows($1: id bigint) r CROSS JOIN thread_messages m CROSS JOIN posts po
     WHERE m.id = r.id AND po.id = m.post_id AND po.project_id = $2",
);

static CONSENTS: Sql = Sql::new(
    "SELECT c.id, c.channel_id, c.scope, c.granted_at, c.expires_at, c.revoked_at
     FROM rows($1: id bigint) r JOIN consents c ON c.channel_id = r.id
     WHERE c.project_id = $2 AND c.scope = 'comment' AND c.revoked_at IS NULL",
);

/// No campaign covers a channel that a person stopped.
static CAMPAIGNS: Sql = Sql::new(
    "SELECT r.id AS channel_id, c.id, c.status, c.mode, c.preset, c.policy
     FROM rows($1: id bigint) r CROSS JOIN channels ch CROSS JOIN campaign_channels cc CROSS JOIN campaigns c
     WHERE ch.id = r.id AND ch.status <> 'paused' AND cc.channel_id = r.id AND c.id = cc.campaign_id AND c.project_id = $2
     UNION
     SELECT r.id, c.id, c.status, c.mode, c.preset, c.policy
     FROM rows($1: id bigint) r CROSS JOIN channels ch CROSS JOIN playlist_channels pc CROSS JOIN campaign_playlists cp
     CROSS JOIN campaigns c
     WHERE ch.id = r.id AND ch.status <> 'paused' AND pc.channel_id = r.id AND cp.playlist_id = pc.playlist_id AND c.id = cp.campaign_id AND c.project_id = $2
     ORDER BY 2, 1",
);

static SPEAKERS: Sql = Sql::new(
    "SELECT r.channel_id, r.campaign_id, a.id AS account_id, a.status, a.wait_until, a.kind,
         a.label_verified_at, a.daily_limit, a.min_gap_s
     FROM rows($1: channel_id bigint, campaign_id bigint) r
     CROSS JOIN account_channels ac CROSS JOIN campaign_accounts ca CROSS JOIN accounts a
     WHERE ac.channel_id = r.channel_id AND ca.campaign_id = r.campaign_id AND ca.account_id = ac.account_id
         AND a.id = ac.account_id AND a.project_id = $2
         AND NOT EXISTS (SELECT 1 FROM account_blocks b WHERE b.account_id = a.id AND b.channel_id = r.channel_id
             AND (b.until IS NULL OR b.until > $3))
     ORDER BY a.id",
);

static BOOKINGS: Sql = Sql::new(
    "SELECT account_id, COALESCE(sent_at, due_at) AS at FROM comments
     WHERE project_id = $1 AND account_id IS NOT NULL AND COALESCE(sent_at, due_at) >= $2
         AND state NOT IN ('skipped', 'rejected', 'refused', 'expired')",
);

#[derive(Serialize)]
struct IdRow {
    id: i64,
}

/// A channel that a campaign covers.
#[derive(Serialize)]
struct CoveredRow {
    channel_id: ChannelId,
    campaign_id: CampaignId,
}

impl Store {
    /// Everything that deciding on these posts and messages of `project` at `now` takes.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such project.
    pub async fn planning_snapshot(
        &self,
        project: ProjectId,
        posts: &[PostId],
        messages: &[ThreadMessageId],
        now: Timestamp,
    ) -> Result<PlanningSnapshot, StoreError> {
        let read = self.read("read what to plan");
        let ((posts, detected_at), messages) =
            tokio::try_join!(read_posts(&read, project, posts), read_messages(&read, project, messages))?;
        let asked = messages.values().map(|message| message.post.channel);
        let channels: BTreeSet<_> = posts.values().map(|post| post.channel).chain(asked).collect();
        let desk = read_desk(&read, project, &channels, now).await?;
        Ok(PlanningSnapshot { desk, posts, messages, detected_at })
    }

    /// The moments promised or used since `since` by the project's accounts, in no order: what a planner rebuilds its
    /// ledgers from.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn bookings(
        &self,
        project: ProjectId,
        since: Timestamp,
    ) -> Result<Vec<(AccountId, Timestamp)>, StoreError> {
        let read = self.read("read bookings");
        let found = read.rows(&BOOKINGS, [project.get().into(), since.micros().into()]).await?;
        found.iter().map(|row| Ok((row.get("account_id")?, row.get("at")?))).collect()
    }
}

async fn read_posts(
    read: &Session<'_>,
    project: ProjectId,
    ids: &[PostId],
) -> Result<(HashMap<PostId, Post>, HashMap<PostId, Timestamp>), StoreError> {
    let (mut posts, mut detected_at) = (HashMap::new(), HashMap::new());
    for row in &read_by_ids(read, &POSTS, project, ids.iter().map(|id| id.get())).await? {
        let post = read_post(row)?;
        detected_at.insert(post.id, row.get("detected_at")?);
        posts.insert(post.id, post);
    }
    Ok((posts, detected_at))
}

async fn read_messages(
    read: &Session<'_>,
    project: ProjectId,
    ids: &[ThreadMessageId],
) -> Result<HashMap<ThreadMessageId, ReaderMessage>, StoreError> {
    let found = read_by_ids(read, &MESSAGES, project, ids.iter().map(|id| id.get())).await?;
    let message = |row: &Row| {
        let message = ReaderMessage {
            id: row.get("id")?,
            post: read_post(row)?,
            author: row.named("author")?,
            reader: row.get("author_ref")?,
            text: row.get("text")?,
            sent_at: row.get("sent_at")?,
            deleted: row.get("deleted")?,
            answers_under_post: row.small("under_post")?,
            answers_to_reader: row.small("to_reader")?,
        };
        Ok((message.id, message))
    };
    found.iter().map(message).collect()
}

async fn read_desk(
    read: &Session<'_>,
    project: ProjectId,
    channels: &BTreeSet<ChannelId>,
    now: Timestamp,
) -> Result<Desk, StoreError> {
    let missing = StoreError::NotFound { operation: read.operation(), what: "project" };
    let ids = || channels.iter().map(|id| id.get());
    // None of these waits for another: each takes a connection of its own.
    let (row, consents, covering) = tokio::try_join!(
        read.row(&PROJECT, [project.get().into()]),
        read_by_ids(read, &CONSENTS, project, ids()),
        read_by_ids(read, &CAMPAIGNS, project, ids()),
    )?;
    let row = row.ok_or(missing)?;
    let mut campaigns: BTreeMap<CampaignId, Campaign> = BTreeMap::new();
    let mut asked = Vec::new();
    for row in &covering {
        let (campaign_id, channel_id) = (row.get("id")?, row.get("channel_id")?);
        let campaign = match campaigns.entry(campaign_id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(read_campaign(row)?),
        };
        campaign.speakers.insert(channel_id, Vec::new());
        asked.push(CoveredRow { channel_id, campaign_id });
    }
    let mut accounts = BTreeMap::new();
    let values = [rows(read.operation(), &asked)?, project.get().into(), now.micros().into()];
    for row in &read.rows(&SPEAKERS, values).await? {
        let (account, channel) = (row.get("account_id")?, row.get::<ChannelId>("channel_id")?);
        if let Entry::Vacant(new) = accounts.entry(account) {
            let labelled = row.named::<Kind>("kind")?.is_labelled(row.maybe("label_verified_at")?);
            new.insert(Account { status: read_status(row)?, labelled, limits: read_limits(row)? });
        }
        let campaign = campaigns.get_mut(&row.get("campaign_id")?);
        if let Some(speakers) = campaign.and_then(|campaign| campaign.speakers.get_mut(&channel)) {
            speakers.push(account);
        }
    }
    Ok(Desk {
        status: row.named("status")?,
        zone: row.zone("timezone")?,
        campaigns: campaigns.into_values().collect(),
        consents: consents.iter().map(read_consent).collect::<Result<_, _>>()?,
        accounts,
        ledgers: BTreeMap::new(),
        answered: domain::planning::Answered::default(),
    })
}

async fn read_by_ids(
    read: &Session<'_>,
    sql: &Sql,
    project: ProjectId,
    ids: impl Iterator<Item = i64>,
) -> Result<Vec<Row>, StoreError> {
    let ids: Vec<_> = ids.map(|id| IdRow { id }).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    read.rows(sql, [rows(read.operation(), &ids)?, project.get().into()]).await
}

fn read_post(row: &Row) -> Result<Post, StoreError> {
    Ok(Post {
        id: row.get("post_id")?,
        channel: row.get("channel_id")?,
        published_at: row.get("published_at")?,
        text: row.get("post_text")?,
        comments_open: row.get("comments_open")?,
        deleted: row.get("post_deleted")?,
    })
}

fn read_consent(row: &Row) -> Result<Consent, StoreError> {
    Ok(Consent {
        id: row.get("id")?,
        channel: row.get("channel_id")?,
        scope: row.named("scope")?,
        granted_at: row.get("granted_at")?,
        expires_at: row.maybe("expires_at")?,
        revoked_at: row.maybe("revoked_at")?,
    })
}

fn read_campaign(row: &Row) -> Result<Campaign, StoreError> {
    Ok(Campaign {
        id: row.get("id")?,
        status: row.named("status")?,
        mode: row.named("mode")?,
        policy: Policy::of(row.named::<Preset>("preset")?, row.json("policy")?),
        speakers: BTreeMap::new(),
    })
}

/// What an account may do at most, from `daily_limit` and `min_gap_s`.
pub(crate) fn read_limits(row: &Row) -> Result<Limits, StoreError> {
    Ok(Limits { daily: row.small("daily_limit")?, gap: Duration::from_secs(row.small("min_gap_s")?) })
}
