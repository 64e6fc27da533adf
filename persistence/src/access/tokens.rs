//! Tokens: made once, listed without what they are, revoked for good.

use domain::access::Scopes;
use domain::id::{ProjectId, TokenId, UserId};
use domain::time::Timestamp;

use super::Credential;
use crate::error::StoreError;
use crate::outbox::{Actor, AuditEntry, audit};
use crate::row::Row;
use crate::rows::{Sql, storable};
use crate::store::{Run as _, Store};

static CREATE: Sql = Sql::new(
    "INSERT INTO api_tokens (user_id, project_id, name, prefix, hash, scopes, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
);

static LIST: Sql = Sql::new(
    "SELECT id, user_id, project_id, name, prefix, scopes, created_at, expires_at, last_used_at, revoked_at
     FROM api_tokens WHERE user_id = $1 AND id < $2 AND project_id IS NOT DISTINCT FROM coalesce($4, project_id)
     ORDER BY id DESC LIMIT $3",
);

static REVOKE: Sql = Sql::new(
    "UPDATE api_tokens SET revoked_at = coalesce(revoked_at, $3) WHERE id = $1 AND user_id = $2
         AND project_id IS NOT DISTINCT FROM coalesce($4, project_id)
     RETURNING project_id",
);

/// A token to be created.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Whose it is: it never may more than they.
    pub user: UserId,
    /// The only project it is to be good for, if one.
    pub project: Option<ProjectId>,
    /// What it is for, in the user's words.
    pub name: String,
    /// What it allows.
    pub scopes: Scopes,
    /// When it ends, if it does by itself.
    pub expires_at: Option<Timestamp>,
}

/// A token as it is listed: everything but what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedToken {
    /// Its row, which is also its place in the list.
    pub id: TokenId,
    /// The only project it is good for, if one.
    pub project: Option<ProjectId>,
    /// What it is for.
    pub name: String,
    /// How it begins.
    pub prefix: String,
    /// What it allows.
    pub scopes: Scopes,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Store {
    /// Creates a token. What it is can be told now and never again.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] without the user or the project, [`StoreError::Vault`] without randomness.
    pub async fn create_token(
        &self,
        token: &NewToken,
        by: Actor,
        now: Timestamp,
    ) -> Result<(TokenId, Credential), StoreError> {
        let credential = Credential::token()?;
        let tx = self.begin("create a token").await?;
        let values = [
            token.user.get().into(),
            token.project.map(ProjectId::get).into(),
            storable(&token.name).into_owned().into(),
            credential.prefix().into(),
            credential.digits().into(),
            token.scopes.to_string().into(),
            now.micros().into(),
            token.expires_at.map(Timestamp::micros).into(),
        ];
        let missing = StoreError::NotFound { operation: tx.operation(), what: "token" };
        let id: TokenId = tx.row(&CREATE, values).await?.ok_or(missing)?.get("id")?;
        let detail = format!("{} ({})", credential.prefix(), token.scopes);
        let entry = AuditEntry {
            actor: by,
            project: token.project,
            action: "token.created".into(),
            subject: format!("token:{id}"),
            detail,
            at: now,
        };
        audit(&tx, &entry).await?;
        tx.commit().await?;
        Ok((id, credential))
    }

    /// A user's tokens, newest first, below `before`, at most `limit`, revoked ones included; those for one project, or all.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list_tokens(
        &self,
        user: UserId,
        project: Option<ProjectId>,
        before: Option<TokenId>,
        limit: u32,
    ) -> Result<Vec<ListedToken>, StoreError> {
        let before = before.map_or(i64::MAX, TokenId::get);
        let project = project.map(ProjectId::get);
        let values = [user.get().into(), before.into(), i64::from(limit).into(), project.into()];
        self.read("list tokens").rows(&LIST, values).await?.iter().map(read_listed).collect()
    }

    /// Revokes a user's token, one for `project` if it is given: from now on it opens nothing. One that was revoked before
    /// stays so.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the user has no such token.
    pub async fn revoke_token(
        &self,
        user: UserId,
        project: Option<ProjectId>,
        token: TokenId,
        by: Actor,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tx = self.begin("revoke a token").await?;
        let project = project.map(ProjectId::get);
        let values = [token.get().into(), user.get().into(), now.micros().into(), project.into()];
        let missing = StoreError::NotFound { operation: tx.operation(), what: "token" };
        let row = tx.row(&REVOKE, values).await?.ok_or(missing)?;
        let entry = AuditEntry {
            actor: by,
            project: row.maybe("project_id")?,
            action: "token.revoked".into(),
            subject: format!("token:{token}"),
            detail: String::new(),
            at: now,
        };
        audit(&tx, &entry).await?;
        tx.commit().await?;
        self.access_changed();
        Ok(())
    }
}

fn read_listed(row: &Row) -> Result<ListedToken, StoreError> {
    let scopes: String = row.get("scopes")?;
    Ok(ListedToken {
        id: row.get("id")?,
        project: row.maybe("project_id")?,
        name: row.get("name")?,
        prefix: row.get("prefix")?,
        scopes: scopes
            .parse()
            .map_err(|source: domain::access::UnknownScope| row.unreadable("scopes", source))?,
        created_at: row.get("created_at")?,
        expires_at: row.maybe("expires_at")?,
        last_used_at: row.maybe("last_used_at")?,
        revoked_at: row.maybe("revoked_at")?,
    })
}
