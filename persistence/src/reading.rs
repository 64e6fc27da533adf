//! How completely channels are read: how far, with which holes, and how long a post takes from its publication to its row.

use domain::id::{ChannelId, MessageId, ProjectId};
use domain::time::Timestamp;

use crate::consents::ChannelStatus;
use crate::error::StoreError;
use crate::row::Row;
use crate::rows::Sql;
use crate::store::{Run as _, Store};

macro_rules! reading {
    ($condition:literal) => {
        concat!(
            "SELECT ch.id, ch.project_id, ch.title, ch.username, ch.status, ch.newest_id, ch.audited_up_to,
                 (SELECT count(*) FROM post_gaps g WHERE g.channel_id = ch.id AND g.status = 'open') AS gaps,
                 (SELECT CAST(coalesce(sum(g.to_id - g.from_id + 1), 0) AS BIGINT) FROM post_gaps g
                     WHERE g.channel_id = ch.id AND g.status = 'open') AS missing,
                 (SELECT min(g.opened_at) FROM post_gaps g WHERE g.channel_id = ch.id AND g.status = 'open') AS open_since,
                 po.published_at, po.detected_at
             FROM channels ch
             LEFT JOIN posts po ON po.channel_id = ch.id
                 AND po.message_id = (SELECT max(m.message_id) FROM posts m WHERE m.channel_id = ch.id)
             WHERE ",
            $condition
        )
    };
}

static ALL: Sql = Sql::new(reading!("ch.project_id = $1 AND ch.id > $2 ORDER BY ch.id LIMIT $3"));

static BEHIND: Sql = Sql::new(reading!(
    "ch.status = 'lost' OR EXISTS (SELECT 1 FROM post_gaps o WHERE o.channel_id = ch.id AND o.status = 'open')
     ORDER BY ch.id LIMIT $1"
));

static SUM: Sql = Sql::new(
    "SELECT (SELECT count(*) FROM channels WHERE status = 'active') AS watched,
         (SELECT count(*) FROM channels WHERE status = 'lost') AS lost,
         (SELECT count(*) FROM post_gaps WHERE status = 'open') AS gaps,
         (SELECT CAST(coalesce(sum(to_id - from_id + 1), 0) AS BIGINT) FROM post_gaps WHERE status = 'open') AS missing",
);

/// How completely one channel is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelReading {
    /// The channel.
    pub channel: ChannelId,
    /// Whose it is.
    pub project: ProjectId,
    /// Its title.
    pub title: String,
    /// Its username without `@`.
    pub username: Option<String>,
    /// Whether it is watched.
    pub status: ChannelStatus,
    /// The newest message known.
    pub newest: MessageId,
    /// Up to where nothing is missing, as the last audit found.
    pub audited_up_to: MessageId,
    /// How many holes are open.
    pub gaps: u32,
    /// How many ids lie in them.
    pub missing: u64,
    /// Since when the oldest is open.
    pub open_since: Option<Timestamp>,
    /// The newest post that is recorded.
    pub last_post: Option<LastPost>,
}

/// When the newest recorded post of a channel came out, and when it was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastPost {
    /// Telegram's time of it.
    pub published_at: Timestamp,
    /// Ours.
    pub detected_at: Timestamp,
}

/// How completely everything is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadingSum {
    /// Channels that are watched.
    pub watched: u64,
    /// Channels that no account can read any more.
    pub lost: u64,
    /// Holes that are open.
    pub gaps: u64,
    /// Ids that lie in them.
    pub missing: u64,
}

impl LastPost {
    /// How long it took to notice the post.
    #[must_use]
    pub fn lag(&self) -> std::time::Duration {
        self.detected_at.since(self.published_at)
    }
}

impl Store {
    /// How completely a project's channels are read, in the order of their ids after `after`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn channel_readings(
        &self,
        project: ProjectId,
        after: Option<ChannelId>,
        limit: u32,
    ) -> Result<Vec<ChannelReading>, StoreError> {
        let after = after.map_or(0, ChannelId::get);
        let values = [project.get().into(), after.into(), i64::from(limit).into()];
        self.read("read how channels are read").rows(&ALL, values).await?.iter().map(reading).collect()
    }

    /// The channels with open holes, and those that cannot be read any more, of all projects; at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn channels_behind(&self, limit: u32) -> Result<Vec<ChannelReading>, StoreError> {
        let read = self.read("find the channels with holes");
        read.rows(&BEHIND, [i64::from(limit).into()]).await?.iter().map(reading).collect()
    }

    /// How completely everything is read.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn reading_sum(&self) -> Result<ReadingSum, StoreError> {
        match self.read("sum up what is read").row(&SUM, []).await? {
            None => Ok(ReadingSum::default()),
            Some(row) => Ok(ReadingSum {
                watched: row.small("watched")?,
                lost: row.small("lost")?,
                gaps: row.small("gaps")?,
                missing: row.small("missing")?,
            }),
        }
    }
}

fn reading(row: &Row) -> Result<ChannelReading, StoreError> {
    let last_post = match (row.maybe("published_at")?, row.maybe("detected_at")?) {
        (Some(published_at), Some(detected_at)) => Some(LastPost { published_at, detected_at }),
        (Some(_) | None, _) => None,
    };
    Ok(ChannelReading {
        channel: row.get("id")?,
        project: row.get("project_id")?,
        title: row.get("title")?,
        username: row.maybe("username")?,
        status: row.named("status")?,
        newest: row.get("newest_id")?,
        audited_up_to: row.get("audited_up_to")?,
        gaps: row.small("gaps")?,
        missing: row.small("missing")?,
        open_since: row.maybe("open_since")?,
        last_post,
    })
}
