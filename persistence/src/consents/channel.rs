//! Channels as they are added one by one, each with an account that can read it.

use domain::event::EventType;
use domain::id::{AccountId, ChannelId, PeerId, ProjectId, UserId};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::outbox::{Actor, AuditEntry, NewEvent, Subject, audit};
use crate::row::Row;
use crate::rows::{Sql, storable};
use crate::settings::{Countable, exhausted};
use crate::setup::{CHANNELS_PER_ACCOUNT, NewChannel, create_channels_in};
use crate::store::{Run as _, Store};

macro_rules! channel {
    ($condition:literal) => {
        concat!(
            "SELECT id, project_id, telegram_id, username, title, discussion_id, status FROM channels
             WHERE telegram_id IS NOT NULL AND ",
            $condition
        )
    };
}

static ONE: Sql = Sql::new(channel!("id = $1 AND project_id = $2"));

static BY_PEER: Sql = Sql::new(channel!("telegram_id = $1 AND project_id = $2"));

static ALL: Sql = Sql::new(channel!("project_id = $1 AND id > $2 ORDER BY id LIMIT $3"));

/// Those of the project that Telegram knows, the ones with the fewest channels first.
static READERS: Sql = Sql::new(
    "SELECT a.id FROM accounts a
     LEFT JOIN account_channels x ON x.account_id = a.id
     WHERE a.project_id = $1 AND a.status NOT IN ('needs_login', 'dead')
     GROUP BY a.id HAVING count(x.channel_id) < $2 ORDER BY count(x.channel_id), a.id",
);

static ASSIGN: Sql = Sql::new(
    "INSERT INTO account_channels (account_id, channel_id)
     SELECT a.id, $2 FROM accounts a
     WHERE a.id = $1 AND a.project_id = $3
         AND (SELECT count(*) FROM account_channels x WHERE x.account_id = a.id) < $4",
);

/// Whether a channel is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelStatus {
    /// It is read, and campaigns that cover it write in it.
    Active,
    /// It is read, but nothing is planned for it nor sent to it: a person stopped that.
    Paused,
    /// No account can read it any more.
    Lost,
}

/// A channel of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedChannel {
    /// Its row.
    pub channel: ChannelId,
    /// Whose it is.
    pub project: ProjectId,
    /// Its Telegram id.
    pub telegram_id: PeerId,
    /// Its username without `@`.
    pub username: Option<String>,
    /// Its title.
    pub title: String,
    /// The discussion group linked to it.
    pub discussion: Option<PeerId>,
    /// Whether it is watched.
    pub status: ChannelStatus,
}

impl Store {
    /// Creates a channel that `reader` reads, with the first of its audits at `now`.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the project watches it already, [`StoreError::NotFound`] when the account is not the
    /// project's or has [`CHANNELS_PER_ACCOUNT`] channels, [`StoreError::QuotaReached`] when the project has as many as it may
    /// have; nothing is created then.
    pub async fn add_channel(
        &self,
        project: ProjectId,
        channel: &NewChannel,
        reader: AccountId,
        by: UserId,
        now: Timestamp,
    ) -> Result<ChannelId, StoreError> {
        let mut tx = self.begin("add a channel").await?;
        let missing =
            || StoreError::NotFound { operation: "add a channel", what: "account with room for it" };
        if let Some(limit) = exhausted(&tx, project, Countable::Channels, 1).await? {
            let operation = tx.operation();
            return Err(StoreError::QuotaReached { operation, what: "channels in the project", limit });
        }
        let created = create_channels_in(&tx, project, std::slice::from_ref(channel), now).await?;
        let id = created.first().copied().ok_or_else(missing)?;
        let limit = i64::from(CHANNELS_PER_ACCOUNT);
        let values = [reader.get().into(), id.get().into(), project.get().into(), limit.into()];
        if tx.run(&ASSIGN, values).await? == 0 {
            return Err(missing());
        }
        let entry = AuditEntry {
            actor: Actor::User(by),
            project: Some(project),
            action: "channel.add".to_owned(),
            subject: format!("channel:{id}"),
            detail: channel.title.clone(),
            at: now,
        };
        audit(&tx, &entry).await?;
        let subject = Subject { channel: Some(id), ..Subject::default() };
        tx.tell(NewEvent { project: Some(project), kind: EventType::ChannelAdded, subject, at: now });
        tx.commit().await?;
        Ok(id)
    }

    /// Keeps what a channel says about itself now.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn describe_channel(
        &self,
        channel: ChannelId,
        title: &str,
        about: &str,
        discussion: Option<PeerId>,
    ) -> Result<(), StoreError> {
        static DESCRIBE: Sql =
            Sql::new("UPDATE channels SET title = $2, about = $3, discussion_id = $4 WHERE id = $1");
        let values = [
            channel.get().into(),
            storable(title).into_owned().into(),
            storable(about).into_owned().into(),
            discussion.map(PeerId::get).into(),
        ];
        self.at_once("keep what a channel says about itself").run(&DESCRIBE, values).await?;
        Ok(())
    }

    /// A channel of a project.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such channel.
    pub async fn channel(&self, project: ProjectId, channel: ChannelId) -> Result<AddedChannel, StoreError> {
        let read = self.read("read a channel");
        let missing = StoreError::NotFound { operation: read.operation(), what: "channel" };
        let row = read.row(&ONE, [channel.get().into(), project.get().into()]).await?;
        read_channel(&row.ok_or(missing)?)
    }

    /// The project's channel with this Telegram id; `None` when it watches no such channel.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn channel_by_peer(
        &self,
        project: ProjectId,
        peer: PeerId,
    ) -> Result<Option<AddedChannel>, StoreError> {
        let values = [peer.get().into(), project.get().into()];
        let row = self.read("find a channel").row(&BY_PEER, values).await?;
        row.as_ref().map(read_channel).transpose()
    }

    /// A project's channels, in the order of their ids after `after`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn channels(
        &self,
        project: ProjectId,
        after: Option<ChannelId>,
        limit: u32,
    ) -> Result<Vec<AddedChannel>, StoreError> {
        let after = after.map_or(0, ChannelId::get);
        let values = [project.get().into(), after.into(), i64::from(limit).into()];
        self.read("list channels").rows(&ALL, values).await?.iter().map(read_channel).collect()
    }

    /// The accounts of a project that can be asked and have room for another channel, those with the fewest first.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn accounts_with_room(&self, project: ProjectId) -> Result<Vec<AccountId>, StoreError> {
        let values = [project.get().into(), i64::from(CHANNELS_PER_ACCOUNT).into()];
        let found = self.read("find an account for a channel").rows(&READERS, values).await?;
        found.iter().map(|row| row.get("id")).collect()
    }

    /// The accounts of a project that can be asked about a channel: those that read it first, then the others.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn accounts_near(
        &self,
        project: ProjectId,
        channel: ChannelId,
        limit: u32,
    ) -> Result<Vec<AccountId>, StoreError> {
        static NEAR: Sql = Sql::new(
            "SELECT a.id FROM accounts a
             LEFT JOIN account_channels x ON x.account_id = a.id AND x.channel_id = $2
             WHERE a.project_id = $1 AND a.status NOT IN ('needs_login', 'dead')
             ORDER BY CASE WHEN x.channel_id IS NULL THEN 1 ELSE 0 END, a.id LIMIT $3",
        );
        let values = [project.get().into(), channel.get().into(), i64::from(limit).into()];
        let found = self.read("find the accounts of a channel").rows(&NEAR, values).await?;
        found.iter().map(|row| row.get("id")).collect()
    }
}

fn read_channel(row: &Row) -> Result<AddedChannel, StoreError> {
    Ok(AddedChannel {
        channel: row.get("id")?,
        project: row.get("project_id")?,
        telegram_id: row.get("telegram_id")?,
        username: row.maybe("username")?,
        title: row.get("title")?,
        discussion: row.maybe("discussion_id")?,
        status: row.named("status")?,
    })
}
