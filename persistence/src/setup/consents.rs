//! The consent ledger's rows, as they are given on paper: [`crate::consents`] has those that Telegram proves.

use domain::consent::{Evidence, Scope};
use domain::event::EventType;
use domain::id::{ChannelId, ConsentId, PeerId, ProjectId, UserId};
use domain::time::Timestamp;
use serde::Serialize;

use crate::consents::{event, open};
use crate::error::StoreError;
use crate::row::ids_in_order;
use crate::rows::{Sql, name_of, rows, storable};
use crate::store::{Run as _, Store};

static GRANT: Sql = Sql::new(
    "INSERT INTO consents (project_id, channel_id, scope, evidence, detail, granted_by, granted_at, expires_at)
     SELECT $2, ch.id, r.scope, r.evidence, r.detail, $3, $4, r.expires_at
     FROM rows($1: channel_id bigint, scope text, evidence text, detail text, expires_at bigint) r
     CROSS JOIN channels ch
     WHERE ch.id = r.channel_id AND ch.project_id = $2
     RETURNING id",
);

static STANDING: Sql = Sql::new(
    "SELECT n.id FROM consents n JOIN channels ch ON ch.id = n.channel_id
     WHERE n.project_id = $1 AND ch.telegram_id = $2 AND n.scope = $3 AND n.revoked_at IS NULL",
);

#[derive(Serialize)]
struct ConsentRow<'a> {
    channel_id: ChannelId,
    scope: Scope,
    evidence: Evidence,
    detail: std::borrow::Cow<'a, str>,
    expires_at: Option<Timestamp>,
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
            open(&tx, consent.channel, consent.scope, now).await?;
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
}
