//! How a consent ends: taken back by its owner, no longer proven, or run out. Each way purges what was derived from it, in the
//! same transaction.
//!
//! Of scope `comment` that is every comment of the channel that has not left; of `index` what a model wrote; of `read` the
//! texts that were kept, while ids and figures stay, so that nothing is read or answered twice; and nothing more is recorded
//! of the channel until its reading is agreed to again.

use domain::comment::{Event, SkipReason};
use domain::consent::Scope;
use domain::event::EventType;
use domain::id::{ChannelId, ConsentId, ProjectId};
use domain::time::Timestamp;
use serde::Serialize;

use super::event;
use crate::comments::{Stored, columns, write};
use crate::error::StoreError;
use crate::outbox::{Actor, AuditEntry, audit};
use crate::rows::{Sql, rows};
use crate::store::{Run as _, Store, Tx};

static READ: Sql = Sql::new(
    "SELECT channel_id, scope, revoked_at FROM consents WHERE id = $1 AND project_id = $2 {FOR UPDATE}",
);

static END: Sql = Sql::new("UPDATE consents SET revoked_at = $2 WHERE id = $1");

static RUN_OUT: Sql = Sql::new(
    "SELECT id, project_id FROM consents WHERE revoked_at IS NULL AND expires_at <= $1 ORDER BY expires_at, id LIMIT $2",
);

macro_rules! waiting {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM comments c WHERE c.project_id = $2 AND c.channel_id = $1
                 AND c.state IN ('planned', 'drafted', 'approved', 'void', 'scheduled')",
            $condition,
            " {FOR UPDATE OF c}"
        )
    };
}

static WAITING: Sql = Sql::new(waiting!(""));

static WRITTEN_BY_MODEL: Sql = Sql::new(waiting!(
    " AND EXISTS (SELECT 1 FROM drafts d WHERE d.comment_id = c.id AND d.author = 'model')"
));

static PURGE_TEXTS: Sql = Sql::new(
    "UPDATE comments SET signed_text = NULL, label = NULL, random_id = NULL FROM rows($1: id bigint) r
     WHERE comments.id = r.id",
);

static PURGE_DRAFTS: Sql =
    Sql::new("DELETE FROM drafts WHERE comment_id IN (SELECT r.id FROM rows($1: id bigint) r)");

static PURGE_MODEL: Sql = Sql::new(
    "DELETE FROM drafts WHERE author = 'model'
         AND comment_id IN (SELECT c.id FROM comments c WHERE c.channel_id = $1 AND c.project_id = $2)",
);

static PURGE_REVISIONS: Sql = Sql::new(
    "DELETE FROM post_revisions WHERE post_id IN
         (SELECT po.id FROM posts po WHERE po.channel_id = $1 AND po.project_id = $2)",
);

static PURGE_POSTS: Sql = Sql::new(
    "UPDATE posts SET text = '', entities = '[]', media = '[]' WHERE channel_id = $1 AND project_id = $2",
);

static PURGE_MESSAGES: Sql =
    Sql::new("UPDATE thread_messages SET text = '' WHERE channel_id = $1 AND author <> 'ours'");

static END_READING: Sql =
    Sql::new("UPDATE channels SET reading_ended_at = $3 WHERE id = $1 AND project_id = $2");

#[derive(Serialize)]
struct IdRow {
    id: i64,
}

impl Store {
    /// Takes a consent back, and purges what was derived from it. Returns how many comments were skipped as
    /// `consent_revoked`; taking back twice is no error.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such consent.
    pub async fn revoke_consent(
        &self,
        project: ProjectId,
        consent: ConsentId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.end_consent(project, consent, Actor::System, "taken back", now).await
    }

    /// Ends a consent as [`Store::revoke_consent`] does, and keeps who did it and why in the audit log.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such consent.
    pub async fn end_consent(
        &self,
        project: ProjectId,
        consent: ConsentId,
        by: Actor,
        why: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin("end a consent").await?;
        let missing = StoreError::NotFound { operation: tx.operation(), what: "consent" };
        let row = tx.row(&READ, [consent.get().into(), project.get().into()]).await?.ok_or(missing)?;
        if row.maybe::<Timestamp>("revoked_at")?.is_some() {
            return Ok(0);
        }
        let (channel, scope) = (row.get("channel_id")?, row.named::<Scope>("scope")?);
        tx.run(&END, [consent.get().into(), now.micros().into()]).await?;
        let purged = purge(&mut tx, project, channel, scope, now).await?;
        let entry = AuditEntry {
            actor: by,
            project: Some(project),
            action: "consent.end".to_owned(),
            subject: format!("channel:{channel}"),
            detail: format!("{scope}: {why}"),
            at: now,
        };
        audit(&tx, &entry).await?;
        tx.tell(event(EventType::ConsentRevoked, project, channel, consent, now));
        tx.commit().await?;
        Ok(purged)
    }

    /// Ends up to `limit` consents that ran out by `now`, each in a transaction of its own. Returns how many ended.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn end_consents_that_ran_out(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let read = self.read("find the consents that ran out");
        let found = read.rows(&RUN_OUT, [now.micros().into(), i64::from(limit).into()]).await?;
        for row in &found {
            self.end_consent(row.get("project_id")?, row.get("id")?, Actor::System, "ran out", now).await?;
        }
        Ok(found.len() as u64)
    }
}

/// Deletes what was derived, and skips the comments that stood on it; how many.
async fn purge(
    tx: &mut Tx,
    project: ProjectId,
    channel: ChannelId,
    scope: Scope,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let place = || [channel.get().into(), project.get().into()];
    match scope {
        Scope::Comment => skip(tx, &WAITING, project, channel, now).await,
        Scope::Index => {
            let skipped = skip(tx, &WRITTEN_BY_MODEL, project, channel, now).await?;
            tx.run(&PURGE_MODEL, place()).await?;
            Ok(skipped)
        }
        Scope::Read => {
            tx.run(&PURGE_REVISIONS, place()).await?;
            tx.run(&PURGE_POSTS, place()).await?;
            tx.run(&PURGE_MESSAGES, [channel.get().into()]).await?;
            tx.run(&END_READING, [channel.get().into(), project.get().into(), now.micros().into()]).await?;
            Ok(0)
        }
    }
}

/// Skips what waits in the channel, and deletes what was written for it.
async fn skip(
    tx: &mut Tx,
    waiting: &Sql,
    project: ProjectId,
    channel: ChannelId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut skipped = Vec::new();
    for row in &tx.rows(waiting, [channel.get().into(), project.get().into()]).await? {
        let mut stored = Stored::read(row)?;
        stored
            .step(Event::Skip(SkipReason::ConsentRevoked))
            .map_err(|source| StoreError::Comment { operation: tx.operation(), source })?;
        skipped.push(stored);
    }
    write(tx, &skipped, now).await?;
    let ids: Vec<_> = skipped.iter().map(|stored| IdRow { id: stored.id.get() }).collect();
    let ids = rows(tx.operation(), &ids)?;
    tx.run(&PURGE_TEXTS, [ids.clone()]).await?;
    tx.run(&PURGE_DRAFTS, [ids]).await?;
    Ok(skipped.len() as u64)
}
