//! The consent ledger's rows: given, and taken back with everything that stood on them.

use domain::comment::{Event, SkipReason};
use domain::consent::{Evidence, Scope};
use domain::event::EventType;
use domain::id::{ChannelId, ConsentId, PeerId, ProjectId, UserId};
use domain::time::Timestamp;
use serde::Serialize;

use crate::comments::{Stored, columns, write};
use crate::error::StoreError;
use crate::outbox::{NewEvent, Subject};
use crate::row::ids_in_order;
use crate::rows::{Sql, name_of, rows, storable};
use crate::store::{Run as _, Store, Tx};

static GRANT: Sql = Sql::new(
    "INSERT INTO consents (project_id, channel_id, scope, evidence, detail, granted_by, granted_at, expires_at)
     SELECT $2, ch.id, r.scope, r.evidence, r.detail, $3, $4, r.expires_at
     FROM rows($1: channel_id bigint, scope text, evidence text, detail text, expires_at bigint) r
     CROSS JOIN channels ch
     WHERE ch.id = r.channel_id AND ch.project_id = $2
     RETURNING id",
);

static READ: Sql = Sql::new(
    "SELECT channel_id, scope, revoked_at FROM consents WHERE id = $1 AND project_id = $2 {FOR UPDATE}",
);

static STANDING: Sql = Sql::new(
    "SELECT n.id FROM consents n JOIN channels ch ON ch.id = n.channel_id
     WHERE n.project_id = $1 AND ch.telegram_id = $2 AND n.scope = $3 AND n.revoked_at IS NULL",
);

static REVOKE: Sql = Sql::new("UPDATE consents SET revoked_at = $2 WHERE id = $1");

static WAITING: Sql = Sql::new(concat!(
    "SELECT ",
    columns!(),
    " FROM comments c WHERE c.project_id = $2 AND c.channel_id = $1
         AND c.state IN ('planned', 'drafted', 'approved', 'void', 'scheduled') {FOR UPDATE OF c}"
));

static PURGE_TEXTS: Sql = Sql::new(
    "UPDATE comments SET signed_text = NULL, label = NULL, random_id = NULL FROM rows($1: id bigint) r
     WHERE comments.id = r.id",
);

static PURGE_DRAFTS: Sql =
    Sql::new("DELETE FROM drafts WHERE comment_id IN (SELECT r.id FROM rows($1: id bigint) r)");

#[derive(Serialize)]
struct ConsentRow<'a> {
    channel_id: ChannelId,
    scope: Scope,
    evidence: Evidence,
    detail: std::borrow::Cow<'a, str>,
    expires_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct IdRow {
    id: i64,
}

/// A consent that was proven.
#[derive(Clone, Debug)]
pub struct NewConsent {
    /// The channel it is for.
    pub channel: ChannelId,
    /// What it allows.
    pub scope: Scope,
    /// How it was proven.
    pub evidence: Evidence,
    /// What the proof refers to.
    pub detail: String,
    /// When it ends by itself, if it does.
    pub expires_at: Option<Timestamp>,
}

impl Store {
    /// Writes consents into the ledger; their ids come in the order given.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when a channel has an active consent of that scope, [`StoreError::NotFound`] when a channel is
    /// not the project's; nothing is written then.
    pub async fn grant_consents(
        &self,
        project: ProjectId,
        consents: &[NewConsent],
        by: UserId,
        now: Timestamp,
    ) -> Result<Vec<ConsentId>, StoreError> {
        let mut tx = self.begin("grant consents").await?;
        let new: Vec<_> = consents
            .iter()
            .map(|consent| ConsentRow {
                channel_id: consent.channel,
                scope: consent.scope,
                evidence: consent.evidence,
                detail: storable(&consent.detail),
                expires_at: consent.expires_at,
            })
            .collect();
        let values =
            [rows(tx.operation(), &new)?, project.get().into(), by.get().into(), now.micros().into()];
        let granted: Vec<ConsentId> = ids_in_order(&tx.rows(&GRANT, values).await?)?;
        if granted.len() < consents.len() {
            return Err(StoreError::NotFound { operation: tx.operation(), what: "channel" });
        }
        for (id, consent) in granted.iter().zip(consents) {
            tx.tell(event(EventType::ConsentGranted, project, consent.channel, *id, now));
        }
        tx.commit().await?;
        Ok(granted)
    }

    /// The consent of this scope that was not taken back, of the project's channel with this Telegram id.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn standing_consent(
        &self,
        project: ProjectId,
        channel: PeerId,
        scope: Scope,
    ) -> Result<Option<ConsentId>, StoreError> {
        let values = [project.get().into(), channel.get().into(), name_of(scope).into()];
        let row = self.read("find a consent").row(&STANDING, values).await?;
        row.map(|row| row.get("id")).transpose()
    }

    /// Takes a consent back, and purges what was derived from it: of scope `comment` every comment of the channel that has
    /// not left is skipped as `consent_revoked` and its drafts are deleted. Returns how many comments were skipped; taking
    /// back twice is no error.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such consent.
    pub async fn revoke_consent(
        &self,
        project: ProjectId,
        consent: ConsentId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin("revoke a consent").await?;
        let missing = StoreError::NotFound { operation: tx.operation(), what: "consent" };
        let row = tx.row(&READ, [consent.get().into(), project.get().into()]).await?.ok_or(missing)?;
        if row.maybe::<Timestamp>("revoked_at")?.is_some() {
            return Ok(0);
        }
        let channel = row.get("channel_id")?;
        tx.run(&REVOKE, [consent.get().into(), now.micros().into()]).await?;
        tx.tell(event(EventType::ConsentRevoked, project, channel, consent, now));
        let purged = match row.named::<Scope>("scope")? {
            Scope::Comment => purge(&mut tx, project, channel, now).await?,
            // What stands on these scopes is kept by no table yet.
            Scope::Read | Scope::Index => 0,
        };
        tx.commit().await?;
        Ok(purged)
    }
}

/// Skips what waits in the channel, and deletes what was written for it.
async fn purge(
    tx: &mut Tx,
    project: ProjectId,
    channel: ChannelId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut skipped = Vec::new();
    for row in &tx.rows(&WAITING, [channel.get().into(), project.get().into()]).await? {
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

fn event(
    kind: EventType,
    project: ProjectId,
    channel: ChannelId,
    consent: ConsentId,
    at: Timestamp,
) -> NewEvent {
    let subject = Subject { channel: Some(channel), consent: Some(consent), ..Subject::default() };
    NewEvent { project: Some(project), kind, subject, at }
}
