//! From the wish for a consent to its proof, and the proof looked at again.

use domain::consent::{CodeHash, Evidence, Scope};
use domain::event::EventType;
use domain::id::{ChannelId, ConsentId, ProjectId, UserId};
use domain::time::Timestamp;

use super::{ConsentToCheck, Proof, StandingConsent, event, open};
use crate::error::StoreError;
use crate::outbox::{Actor, AuditEntry, audit};
use crate::row::Row;
use crate::rows::{Sql, storable};
use crate::store::{Run as _, Store};

static AWAIT: Sql = Sql::new(
    "INSERT INTO consent_codes (channel_id, scope, hash, asked_by, expires_at)
     SELECT ch.id, $2, $3, $4, $5 FROM channels ch WHERE ch.id = $1 AND ch.project_id = $6
     ON CONFLICT (channel_id, scope) DO UPDATE SET hash = excluded.hash, asked_by = excluded.asked_by,
         expires_at = excluded.expires_at",
);

static AWAITED: Sql = Sql::new(
    "SELECT c.hash FROM consent_codes c JOIN channels ch ON ch.id = c.channel_id
     WHERE c.channel_id = $1 AND c.scope = $2 AND ch.project_id = $3 AND c.expires_at > $4",
);

static USED: Sql = Sql::new("DELETE FROM consent_codes WHERE channel_id = $1 AND scope = $2");

/// What stood before is closed at the moment the new row begins.
static CLOSE: Sql = Sql::new(
    "UPDATE consents SET revoked_at = $3 WHERE channel_id = $1 AND scope = $2 AND revoked_at IS NULL",
);

static GRANT: Sql = Sql::new(
    "INSERT INTO consents (project_id, channel_id, scope, evidence, detail, granted_by, granted_at, expires_at, checked_at,
         agreed_until, account_id)
     SELECT $1, ch.id, $3, $4, $5, $6, $7, $8, $7, $9, $10 FROM channels ch WHERE ch.id = $2 AND ch.project_id = $1
     RETURNING id",
);

static DUE: Sql = Sql::new(
    "SELECT n.id, n.project_id, n.account_id, ch.telegram_id FROM consents n JOIN channels ch ON ch.id = n.channel_id
     WHERE n.revoked_at IS NULL AND n.evidence = 'telegram_admin' AND n.account_id IS NOT NULL
         AND ch.telegram_id IS NOT NULL AND n.checked_at <= $1
     ORDER BY n.checked_at, n.id LIMIT $2",
);

static SEEN: Sql = Sql::new(
    "UPDATE consents SET checked_at = $2,
         expires_at = CASE WHEN agreed_until IS NULL OR agreed_until > $3 THEN $3 ELSE agreed_until END
     WHERE id = $1 AND revoked_at IS NULL",
);

static STANDING: Sql = Sql::new(
    "SELECT n.id, n.channel_id, n.scope, n.evidence, n.granted_at, n.checked_at, n.expires_at FROM consents n
     WHERE n.project_id = $1 AND n.revoked_at IS NULL AND n.granted_at <= $2
         AND (n.expires_at IS NULL OR n.expires_at > $2)
     ORDER BY n.channel_id, n.scope",
);

impl Store {
    /// Keeps the hash of a code that `by` is to put into a channel's description; one that was awaited before no longer counts.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such channel.
    pub async fn await_code(
        &self,
        project: ProjectId,
        channel: ChannelId,
        scope: Scope,
        hash: &CodeHash,
        by: UserId,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let run = self.at_once("await a code");
        let values = [
            channel.get().into(),
            scope.as_str().into(),
            hash.as_str().into(),
            by.get().into(),
            until.micros().into(),
            project.get().into(),
        ];
        match run.run(&AWAIT, values).await? {
            0 => Err(StoreError::NotFound { operation: run.operation(), what: "channel" }),
            _ => Ok(()),
        }
    }

    /// The code that is awaited in a channel's description; `None` when none is, or its time is over.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn awaited_code(
        &self,
        project: ProjectId,
        channel: ChannelId,
        scope: Scope,
        now: Timestamp,
    ) -> Result<Option<CodeHash>, StoreError> {
        let values = [channel.get().into(), scope.as_str().into(), project.get().into(), now.micros().into()];
        let row = self.read("find an awaited code").row(&AWAITED, values).await?;
        row.map(|row| Ok(CodeHash::kept(row.get("hash")?))).transpose()
    }

    /// Writes a proven consent into the ledger, in place of one that stood, and uses up the code that was awaited.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such channel.
    pub async fn prove_consent(
        &self,
        project: ProjectId,
        proof: &Proof,
        by: UserId,
        now: Timestamp,
    ) -> Result<ConsentId, StoreError> {
        let mut tx = self.begin("prove a consent").await?;
        let Proof { channel, scope, evidence, detail, account, agreed_until } = proof;
        tx.run(&CLOSE, [channel.get().into(), scope.as_str().into(), now.micros().into()]).await?;
        let values = [
            project.get().into(),
            channel.get().into(),
            scope.as_str().into(),
            evidence.as_str().into(),
            storable(detail).into_owned().into(),
            by.get().into(),
            now.micros().into(),
            evidence.ends_at(now, *agreed_until).map(Timestamp::micros).into(),
            agreed_until.map(Timestamp::micros).into(),
            account.map(domain::id::AccountId::get).into(),
        ];
        let missing = StoreError::NotFound { operation: tx.operation(), what: "channel" };
        let consent: ConsentId = tx.row(&GRANT, values).await?.ok_or(missing)?.get("id")?;
        tx.run(&USED, [channel.get().into(), scope.as_str().into()]).await?;
        open(&tx, *channel, *scope, now).await?;
        let entry = AuditEntry {
            actor: Actor::User(by),
            project: Some(project),
            action: "consent.prove".to_owned(),
            subject: format!("channel:{channel}"),
            detail: format!("{scope} by {evidence}: {}", storable(detail)),
            at: now,
        };
        audit(&tx, &entry).await?;
        tx.tell(event(EventType::ConsentGranted, project, *channel, consent, now));
        tx.commit().await?;
        Ok(consent)
    }

    /// Consents whose proof is an administrator's rights that were last seen by `before`, the longest ago first, at most
    /// `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn consents_to_check(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<ConsentToCheck>, StoreError> {
        let read = self.read("find the consents to look at");
        let found = read.rows(&DUE, [before.micros().into(), i64::from(limit).into()]).await?;
        let due = |row: &Row| {
            Ok(ConsentToCheck {
                consent: row.get("id")?,
                project: row.get("project_id")?,
                channel_peer: row.get("telegram_id")?,
                account: row.get("account_id")?,
            })
        };
        found.iter().map(due).collect()
    }

    /// The administrator's rights behind a consent were seen again: it counts on, but not beyond what was agreed.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn confirm_consent(&self, consent: ConsentId, now: Timestamp) -> Result<(), StoreError> {
        let until = Evidence::TelegramAdmin.ends_at(now, None).map(Timestamp::micros);
        let values = [consent.get().into(), now.micros().into(), until.into()];
        self.at_once("confirm a consent").run(&SEEN, values).await?;
        Ok(())
    }

    /// A project's consents that count at `now`, channel by channel.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn standing_consents(
        &self,
        project: ProjectId,
        now: Timestamp,
    ) -> Result<Vec<StandingConsent>, StoreError> {
        let read = self.read("list consents");
        let found = read.rows(&STANDING, [project.get().into(), now.micros().into()]).await?;
        let standing = |row: &Row| {
            Ok(StandingConsent {
                consent: row.get("id")?,
                channel: row.get("channel_id")?,
                scope: row.named("scope")?,
                evidence: row.named("evidence")?,
                granted_at: row.get("granted_at")?,
                checked_at: row.maybe("checked_at")?,
                expires_at: row.maybe("expires_at")?,
            })
        };
        found.iter().map(standing).collect()
    }
}
