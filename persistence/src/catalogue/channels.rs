//! Channels as they are listed, and whether they are at work.

use domain::consent::Scope;
use domain::id::{ChannelId, MessageId, PeerId, PlaylistId, ProjectId};
use domain::time::Timestamp;
use serde::Serialize;

use super::{Editor, log, missing};
use crate::consents::ChannelStatus;
use crate::error::StoreError;
use crate::queue::hasten_audits_in;
use crate::row::Row;
use crate::rows::{Sql, name_of};
use crate::store::{Run as _, Store};

macro_rules! channels {
    ($condition:literal) => {
        concat!(
            "SELECT ch.id, ch.telegram_id, ch.username, ch.title, ch.about, ch.discussion_id, ch.status, ch.newest_id,
                 ch.audited_up_to, ch.members,
                 (SELECT count(*) FROM account_channels x WHERE x.channel_id = ch.id) AS accounts,
                 (SELECT count(*) FROM post_gaps g WHERE g.channel_id = ch.id AND g.status = 'open') AS gaps,
                 (SELECT CAST(coalesce(sum(g.to_id - g.from_id + 1), 0) AS BIGINT) FROM post_gaps g
                     WHERE g.channel_id = ch.id AND g.status = 'open') AS missing,
                 EXISTS (SELECT 1 FROM consents n WHERE n.channel_id = ch.id AND n.scope = 'comment' AND n.revoked_at IS NULL
                     AND n.granted_at <= $2 AND (n.expires_at IS NULL OR n.expires_at > $2)) AS may_comment,
                 EXISTS (SELECT 1 FROM consents n WHERE n.channel_id = ch.id AND n.scope = 'read' AND n.revoked_at IS NULL
                     AND n.granted_at <= $2 AND (n.expires_at IS NULL OR n.expires_at > $2)) AS may_read,
                 EXISTS (SELECT 1 FROM consents n WHERE n.channel_id = ch.id AND n.scope = 'index' AND n.revoked_at IS NULL
                     AND n.granted_at <= $2 AND (n.expires_at IS NULL OR n.expires_at > $2)) AS may_index,
                 po.published_at, po.detected_at
             FROM channels ch
             LEFT JOIN posts po ON po.channel_id = ch.id
                 AND po.message_id = (SELECT max(m.message_id) FROM posts m WHERE m.channel_id = ch.id)
             WHERE ch.project_id = $1 AND ",
            $condition
        )
    };
}

static ONE: Sql = Sql::new(channels!("ch.id = $3"));

static LIST: Sql = Sql::new(channels!(
    "ch.id < $3 AND ($4 = '' OR ch.status = $4)
     AND ($5 = 0 OR EXISTS (SELECT 1 FROM playlist_channels pc WHERE pc.playlist_id = $5 AND pc.channel_id = ch.id))
     ORDER BY ch.id DESC LIMIT $6"
));

static STATUS: Sql = Sql::new("UPDATE channels SET status = $3 WHERE id = $2 AND project_id = $1");

/// A channel as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedChannel {
    /// Its row, which is also its place in the list.
    pub id: ChannelId,
    /// Its Telegram id.
    pub telegram_id: Option<PeerId>,
    /// Its username without `@`.
    pub username: Option<String>,
    /// Its title.
    pub title: String,
    /// Its description.
    pub about: String,
    /// The discussion group linked to it; without one it cannot be commented.
    pub discussion: Option<PeerId>,
    /// Whether it is at work.
    pub status: ChannelStatus,
    /// How many members it has, if known.
    pub members: Option<u32>,
    /// What its owner agreed to, as it counts now.
    pub consents: Vec<Scope>,
    /// How many accounts may write in it.
    pub accounts: u32,
    /// The newest message known.
    pub newest: MessageId,
    /// Up to where nothing is missing, as the last audit found.
    pub audited_up_to: MessageId,
    /// How many holes are open.
    pub gaps: u32,
    /// How many ids lie in them.
    pub missing: u64,
    /// When the newest post that is recorded came out, and when it was recorded.
    pub last_post: Option<(Timestamp, Timestamp)>,
}

/// Which channels are listed.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChannelFilter {
    /// Only those of this status.
    pub status: Option<ChannelStatus>,
    /// Only those of this playlist.
    pub playlist: Option<PlaylistId>,
}

#[derive(Serialize)]
struct StatusDetail {
    status: ChannelStatus,
}

impl Store {
    /// A project's channels, latest added first, below `before`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list_channels(
        &self,
        project: ProjectId,
        filter: ChannelFilter,
        before: Option<ChannelId>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<ListedChannel>, StoreError> {
        let values = [
            project.get().into(),
            now.micros().into(),
            before.map_or(i64::MAX, ChannelId::get).into(),
            filter.status.map(name_of).unwrap_or_default().into(),
            filter.playlist.map_or(0, PlaylistId::get).into(),
            i64::from(limit).into(),
        ];
        self.read("list channels").rows(&LIST, values).await?.iter().map(read_listed).collect()
    }

    /// One channel as it is listed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such channel.
    pub async fn listed_channel(
        &self,
        project: ProjectId,
        channel: ChannelId,
        now: Timestamp,
    ) -> Result<ListedChannel, StoreError> {
        let read = self.read("read a channel");
        let values = [project.get().into(), now.micros().into(), channel.get().into()];
        let missing = StoreError::NotFound { operation: read.operation(), what: "channel" };
        read_listed(&read.row(&ONE, values).await?.ok_or(missing)?)
    }

    /// Puts a channel to work or stops that. In a paused channel nothing is planned, and what is due waits; it is read
    /// on. One that was lost is looked for again at once.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such channel.
    pub async fn pause_channel(
        &self,
        editor: Editor,
        channel: ChannelId,
        paused: bool,
    ) -> Result<(), StoreError> {
        let tx = self.begin("change a channel's status").await?;
        let status = if paused { ChannelStatus::Paused } else { ChannelStatus::Active };
        let values = [editor.project.get().into(), channel.get().into(), name_of(status).into()];
        if tx.run(&STATUS, values).await? == 0 {
            return Err(missing(&tx, "channel"));
        }
        if !paused {
            hasten_audits_in(&tx, &[channel], editor.now)?;
        }
        log(&tx, editor, "channel.status", format!("channel:{channel}"), &StatusDetail { status }).await?;
        tx.commit().await
    }
}

fn read_listed(row: &Row) -> Result<ListedChannel, StoreError> {
    let members = row.maybe::<i64>("members")?.map(|_| row.small("members")).transpose()?;
    let mut consents = Vec::new();
    for (column, scope) in
        [("may_comment", Scope::Comment), ("may_read", Scope::Read), ("may_index", Scope::Index)]
    {
        if row.get(column)? {
            consents.push(scope);
        }
    }
    let last_post = match (row.maybe("published_at")?, row.maybe("detected_at")?) {
        (Some(published_at), Some(detected_at)) => Some((published_at, detected_at)),
        (Some(_) | None, _) => None,
    };
    Ok(ListedChannel {
        id: row.get("id")?,
        telegram_id: row.maybe("telegram_id")?,
        username: row.maybe("username")?,
        title: row.get("title")?,
        about: row.get("about")?,
        discussion: row.maybe("discussion_id")?,
        status: row.named("status")?,
        members,
        consents,
        accounts: row.small("accounts")?,
        newest: row.get("newest_id")?,
        audited_up_to: row.get("audited_up_to")?,
        gaps: row.small("gaps")?,
        missing: row.small("missing")?,
        last_post,
    })
}
