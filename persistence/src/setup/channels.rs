//! Channels.

use domain::id::{ChannelId, MessageId, PeerId, ProjectId};
use domain::job::Job;
use domain::time::Timestamp;
use serde::Serialize;

use crate::error::StoreError;
use crate::queue::{NewJob, audit_key, enqueue_in};
use crate::row::ids_in_order;
use crate::rows::{Sql, rows, storable};
use crate::store::{Run as _, Store, Tx};

static INSERT: Sql = Sql::new(
    "INSERT INTO channels (project_id, telegram_id, username, title, about, discussion_id, status, newest_id, audited_up_to,
         members)
     SELECT $2, r.telegram_id, r.username, r.title, r.about, r.discussion_id, 'active', r.newest_id, r.newest_id, r.members
     FROM rows($1: telegram_id bigint, username text, title text, about text, discussion_id bigint, newest_id bigint,
         members bigint) r
     RETURNING id",
);

#[derive(Serialize)]
struct ChannelRow<'a> {
    telegram_id: PeerId,
    username: Option<&'a str>,
    title: std::borrow::Cow<'a, str>,
    about: std::borrow::Cow<'a, str>,
    discussion_id: Option<PeerId>,
    newest_id: MessageId,
    members: Option<u32>,
}

/// A channel to be watched.
#[derive(Clone, Debug)]
pub struct NewChannel {
    /// Its Telegram id.
    pub telegram_id: PeerId,
    /// Its username without `@`.
    pub username: Option<String>,
    /// Its title.
    pub title: String,
    /// Its description.
    pub about: String,
    /// The discussion group linked to it.
    pub discussion: Option<PeerId>,
    /// The newest message when watching begins: what is older is not read.
    pub newest: MessageId,
    /// How many members it has, if known.
    pub members: Option<u32>,
}

impl Store {
    /// Creates active channels, each with the first of its audits; their ids come in the order given.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the project watches one of them already; nothing is created then.
    pub async fn create_channels(
        &self,
        project: ProjectId,
        channels: &[NewChannel],
        first_audit_at: Timestamp,
    ) -> Result<Vec<ChannelId>, StoreError> {
        let tx = self.begin("create channels").await?;
        let created = create_channels_in(&tx, project, channels, first_audit_at).await?;
        tx.commit().await?;
        Ok(created)
    }
}

/// [`Store::create_channels`] within a transaction.
pub(crate) async fn create_channels_in(
    tx: &Tx,
    project: ProjectId,
    channels: &[NewChannel],
    first_audit_at: Timestamp,
) -> Result<Vec<ChannelId>, StoreError> {
    let new: Vec<_> = channels
        .iter()
        .map(|channel| ChannelRow {
            telegram_id: channel.telegram_id,
            username: channel.username.as_deref(),
            title: storable(&channel.title),
            about: storable(&channel.about),
            discussion_id: channel.discussion,
            newest_id: channel.newest,
            members: channel.members,
        })
        .collect();
    let created: Vec<ChannelId> =
        ids_in_order(&tx.rows(&INSERT, [rows(tx.operation(), &new)?, project.get().into()]).await?)?;
    let audits: Vec<_> = created.iter().map(|channel| first_audit(*channel, first_audit_at)).collect();
    enqueue_in(tx, &audits)?;
    Ok(created)
}

fn first_audit(channel: ChannelId, at: Timestamp) -> NewJob {
    NewJob { unique_key: Some(audit_key(channel)), ..NewJob::at(Job::AuditChannel { channel }, at) }
}
