//! What somebody may who shows a token or a session: one indexed read, and mostly none.

use std::sync::Arc;
use std::time::Duration;

use domain::access::{ProjectRole, Scopes};
use domain::id::{ProjectId, TokenId, UserId};
use domain::time::Timestamp;

use super::Credential;
use super::memory::Means;
use crate::error::StoreError;
use crate::row::Row;
use crate::rows::Sql;
use crate::setup::Role;
use crate::store::{Run as _, Store};

/// How much older a token's last use may look than it is.
const USE_IS_NOTED_EVERY: Duration = Duration::from_secs(60);

static TOKEN: Sql = Sql::new(
    "SELECT t.id, t.user_id, t.project_id, t.scopes, t.expires_at, t.last_used_at, u.role
     FROM api_tokens t JOIN users u ON u.id = t.user_id
     WHERE t.hash = $1 AND t.revoked_at IS NULL AND u.status = 'active'",
);

static SESSION: Sql = Sql::new(
    "SELECT s.user_id, s.expires_at, u.role FROM web_sessions s JOIN users u ON u.id = s.user_id
     WHERE s.hash = $1 AND s.status = 'active' AND u.status = 'active'",
);

static USED: Sql = Sql::new("UPDATE api_tokens SET last_used_at = $2 WHERE id = $1");

static STANDING: Sql = Sql::new(
    "SELECT (SELECT m.role FROM memberships m WHERE m.project_id = p.id AND m.user_id = $2) AS role
     FROM projects p WHERE p.id = $1 AND p.deleted_at IS NULL",
);

/// What was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shown {
    /// A token.
    Token(TokenId),
    /// A browser's session.
    Session,
}

/// What somebody may, as far as what they show allows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Who it is.
    pub user: UserId,
    /// What they may do to the installation.
    pub role: Role,
    /// What they show, and which one.
    pub shown: Shown,
    /// What that allows.
    pub scopes: Scopes,
    /// The only project it is good for, if it is good for one only.
    pub project: Option<ProjectId>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

impl Grant {
    fn lasts(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

impl Store {
    /// What the holder of a token may; `None` for one that never was, that ended or was revoked, or whose user is blocked.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn token_grant(
        &self,
        token: &Credential,
        now: Timestamp,
    ) -> Result<Option<Arc<Grant>>, StoreError> {
        self.remembered_grant(token, Means::Token, now).await
    }

    /// What the holder of a browser's session may; `None` as for a token.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn session_grant(
        &self,
        session: &Credential,
        now: Timestamp,
    ) -> Result<Option<Arc<Grant>>, StoreError> {
        self.remembered_grant(session, Means::Session, now).await
    }

    async fn remembered_grant(
        &self,
        shown: &Credential,
        means: Means,
        now: Timestamp,
    ) -> Result<Option<Arc<Grant>>, StoreError> {
        let (memory, hash) = (self.memory(), shown.hash());
        let generation = memory.generation();
        if let Some(grant) = memory.grant(generation, means, hash) {
            return Ok(Some(grant).filter(|grant| grant.lasts(now)));
        }
        let sql = match means {
            Means::Token => &TOKEN,
            Means::Session => &SESSION,
        };
        let row = self.read("look up who is asking").row(sql, [shown.digits().into()]).await?;
        let Some(row) = row else { return Ok(None) };
        let grant = Arc::new(match means {
            Means::Token => read_token(&row)?,
            Means::Session => read_session(&row)?,
        });
        if !grant.lasts(now) {
            return Ok(None);
        }
        memory.keep_grant(generation, means, hash, &grant);
        if let Shown::Token(token) = grant.shown {
            let used: Option<Timestamp> = row.maybe("last_used_at")?;
            if used.is_none_or(|used| now.since(used) >= USE_IS_NOTED_EVERY) {
                self.note_use(token, now);
            }
        }
        Ok(Some(grant))
    }

    /// Notes beside the request that a token was used: nobody waits for it, and losing one costs a minute's truth.
    fn note_use(&self, token: TokenId, now: Timestamp) {
        let store = self.clone();
        tokio::spawn(async move {
            let run = store.at_once("note the use of a token");
            if let Err(error) = run.run(&USED, [token.get().into(), now.micros().into()]).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "a token's last use is not noted");
            }
        });
    }

    /// What somebody is in a project: their own role, or the owner's for an administrator of the installation. `None` when
    /// there is no such project, or none for them, which nobody can tell apart.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn standing(
        &self,
        user: UserId,
        role: Role,
        project: ProjectId,
    ) -> Result<Option<ProjectRole>, StoreError> {
        let memory = self.memory();
        let generation = memory.generation();
        let own = match memory.role(generation, user, project) {
            Some(known) => known,
            None => {
                let read = self.read("find out what somebody may");
                let Some(row) = read.row(&STANDING, [project.get().into(), user.get().into()]).await? else {
                    return Ok(None);
                };
                let own: Option<ProjectRole> = row.maybe_named("role")?;
                memory.keep_role(generation, user, project, own);
                own
            }
        };
        Ok(match role {
            Role::Admin => Some(ProjectRole::Owner),
            Role::Member => own,
        })
    }

    /// To be called after every commit that takes something from somebody: a token, a session, a membership, a project, a
    /// user's status or role. From then on this process asks the database again.
    pub(crate) fn access_changed(&self) {
        self.memory().forget();
    }
}

fn read_token(row: &Row) -> Result<Grant, StoreError> {
    let scopes: String = row.get("scopes")?;
    Ok(Grant {
        user: row.get("user_id")?,
        role: row.named("role")?,
        shown: Shown::Token(row.get("id")?),
        scopes: scopes
            .parse()
            .map_err(|source: domain::access::UnknownScope| row.unreadable("scopes", source))?,
        project: row.maybe("project_id")?,
        expires_at: row.maybe("expires_at")?,
    })
}

fn read_session(row: &Row) -> Result<Grant, StoreError> {
    Ok(Grant {
        user: row.get("user_id")?,
        role: row.named("role")?,
        shown: Shown::Session,
        scopes: Scopes::ALL,
        project: None,
        expires_at: row.maybe("expires_at")?,
    })
}
