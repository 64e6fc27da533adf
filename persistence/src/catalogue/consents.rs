//! The consent ledger of a channel as people read it: what counts, what ended, and when.

use domain::consent::{Evidence, Scope};
use domain::id::{AccountId, ChannelId, ConsentId, ProjectId, UserId};
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::row::Row;
use crate::rows::Sql;
use crate::store::{Run as _, Store};

static LEDGER: Sql = Sql::new(
    "SELECT id, scope, evidence, detail, granted_by, granted_at, checked_at, expires_at, revoked_at, account_id
     FROM consents WHERE project_id = $1 AND channel_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
);

static ONE: Sql = Sql::new(
    "SELECT id, scope, evidence, detail, granted_by, granted_at, checked_at, expires_at, revoked_at, account_id
     FROM consents WHERE project_id = $1 AND channel_id = $2 AND id = $3",
);

/// A row of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Its row, which is also its place in the list.
    pub id: ConsentId,
    /// What it allows.
    pub scope: Scope,
    /// How it was proven.
    pub evidence: Evidence,
    /// What the proof refers to.
    pub detail: String,
    /// Who entered it.
    pub granted_by: UserId,
    /// Since when.
    pub granted_at: Timestamp,
    /// When its proof was last seen.
    pub checked_at: Option<Timestamp>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was ended.
    pub revoked_at: Option<Timestamp>,
    /// The account whose rights are the proof.
    pub account: Option<AccountId>,
}

impl Store {
    /// A channel's consents, also those that ended, latest first, below `before`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own; a channel that is not the project's has none.
    pub async fn consent_ledger(
        &self,
        project: ProjectId,
        channel: ChannelId,
        before: Option<ConsentId>,
        limit: u32,
    ) -> Result<Vec<LedgerEntry>, StoreError> {
        let values = [
            project.get().into(),
            channel.get().into(),
            before.map_or(i64::MAX, ConsentId::get).into(),
            i64::from(limit).into(),
        ];
        self.read("read the consents of a channel").rows(&LEDGER, values).await?.iter().map(entry).collect()
    }

    /// One consent of a channel.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project's channel has no such consent.
    pub async fn ledger_entry(
        &self,
        project: ProjectId,
        channel: ChannelId,
        consent: ConsentId,
    ) -> Result<LedgerEntry, StoreError> {
        let read = self.read("read a consent");
        let missing = StoreError::NotFound { operation: read.operation(), what: "consent" };
        let values = [project.get().into(), channel.get().into(), consent.get().into()];
        entry(&read.row(&ONE, values).await?.ok_or(missing)?)
    }
}

fn entry(row: &Row) -> Result<LedgerEntry, StoreError> {
    Ok(LedgerEntry {
        id: row.get("id")?,
        scope: row.named("scope")?,
        evidence: row.named("evidence")?,
        detail: row.get("detail")?,
        granted_by: row.get("granted_by")?,
        granted_at: row.get("granted_at")?,
        checked_at: row.maybe("checked_at")?,
        expires_at: row.maybe("expires_at")?,
        revoked_at: row.maybe("revoked_at")?,
        account: row.maybe("account_id")?,
    })
}
