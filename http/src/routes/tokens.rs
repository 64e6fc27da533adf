//! `/api/v1/tokens`: the tokens of whoever asks.

use chrono::{DateTime, Utc};
use domain::access::{Right, Scopes};
use domain::id::{ProjectId, TokenId};
use domain::time::Timestamp;
use persistence::access::{ListedToken, NewToken};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};

use super::{Found, Gone, Part};
use crate::auth::{Administrator, Reader};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::moment::moment;
use crate::page::{self, List};
use crate::problem::{Failure, FieldError};

/// What a token allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::access::Scope", rename_all = "snake_case")]
pub(super) enum Scope {
    /// Seeing.
    Read,
    /// Seeing, and deciding about drafts.
    Approve,
    /// Seeing, and changing what projects do.
    Write,
    /// All of it, and what belongs to owners and administrators.
    Admin,
}

/// A token, without what it is.
#[derive(Debug, Object)]
#[oai(example)]
struct Token {
    /// Its id.
    id: i64,
    /// What it is for.
    name: String,
    /// How it begins.
    prefix: String,
    /// What it allows.
    scopes: Vec<Scope>,
    /// The only project it is good for; missing if it is good for all of its user's.
    #[oai(skip_serializing_if_is_none)]
    project_id: Option<i64>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it ends by itself.
    #[oai(skip_serializing_if_is_none)]
    expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    #[oai(skip_serializing_if_is_none)]
    last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    #[oai(skip_serializing_if_is_none)]
    revoked_at: Option<DateTime<Utc>>,
}

/// A token to be made.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct TokenWish {
    /// What it is for, in your words.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    /// What it is to allow, at most what you hold yourself. Reading is always among it.
    #[oai(validator(min_items = 1, max_items = 4))]
    scopes: Vec<Scope>,
    /// The only project it is to be good for.
    #[oai(skip_serializing_if_is_none)]
    project_id: Option<i64>,
    /// Days until it ends; without them, it lasts until it is revoked.
    #[oai(skip_serializing_if_is_none, validator(minimum(value = "1"), maximum(value = "3650")))]
    days: Option<u32>,
}

/// A token that was just made. This is the only time that it is shown.
#[derive(Debug, Object)]
#[oai(example)]
struct MadeToken {
    /// Its id.
    id: i64,
    /// The token itself: send it as `Authorization: Bearer …`, and keep it where secrets are kept.
    token: String,
    /// What it allows.
    scopes: Vec<Scope>,
}

/// Some tokens, the newest first.
#[derive(Debug, Object)]
#[oai(example)]
struct TokenPage {
    /// The tokens, revoked ones included.
    items: Vec<Token>,
    /// The cursor of the following page; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    next: Option<String>,
}

impl From<ListedToken> for Token {
    fn from(token: ListedToken) -> Self {
        Self {
            id: token.id.get(),
            name: token.name,
            prefix: token.prefix,
            scopes: shown(token.scopes),
            project_id: token.project.map(ProjectId::get),
            created_at: moment(token.created_at),
            expires_at: token.expires_at.map(moment),
            last_used_at: token.last_used_at.map(moment),
            revoked_at: token.revoked_at.map(moment),
        }
    }
}

/// Scopes, as the API shows them.
pub(super) fn shown(scopes: Scopes) -> Vec<Scope> {
    scopes.iter().map(Scope::from).collect()
}

impl Example for Token {
    fn example() -> Self {
        Self {
            id: 12,
            name: "nightly export".into(),
            prefix: "bsd_Jd2b0Y".into(),
            scopes: vec![Scope::Read],
            project_id: Some(1),
            created_at: moment(Timestamp::from_secs(1_772_442_000)),
            expires_at: Some(moment(Timestamp::from_secs(1_780_218_000))),
            last_used_at: None,
            revoked_at: None,
        }
    }
}

impl Example for TokenWish {
    fn example() -> Self {
        Self { name: "nightly export".into(), scopes: vec![Scope::Read], project_id: None, days: Some(90) }
    }
}

impl Example for MadeToken {
    fn example() -> Self {
        let token = "bsd_Jd2b0Y4v1Xo3kq8ZP5s7rT9uW6eF0aGhLmNcQbVxKyE".into();
        Self { id: 12, token, scopes: vec![Scope::Read] }
    }
}

impl Example for TokenPage {
    fn example() -> Self {
        Self { items: vec![Token::example()], next: None }
    }
}

#[derive(ApiResponse)]
enum Minted {
    /// The token, which is shown this once.
    #[oai(status = 201)]
    Whole(
        Json<MadeToken>,
        /// Where it can be revoked.
        #[oai(header = "Location")]
        String,
        /// `no-store`.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

pub(crate) struct TokensApi;

#[OpenApi(tag = "Part::Access")]
impl TokensApi {
    /// List my tokens
    ///
    /// The newest first, revoked ones included. A token that is good for one project only shows those for that project.
    #[oai(path = "/api/v1/tokens", method = "get", operation_id = "listTokens")]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// `next` of the page before; left out, the list begins with the newest.
        after: Query<Option<String>>,
        /// The most tokens to return, 1 to 200.
        #[oai(default = "page::usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<TokenPage>, Failure> {
        let only = caller.grant().project;
        let list = List::of("tokens").by("user", Some(caller.user())).by("project", only);
        let after = list.position(after.as_deref())?.map(TokenId);
        let tokens = gateway.store.list_tokens(caller.user(), only, after, limit.0 + 1).await?;
        let (items, next) = list.cut(tokens, limit.0, |token| token.id.get());
        Ok(Found::Whole(Json(TokenPage { items: items.into_iter().map(Token::from).collect(), next })))
    }

    /// Make a token
    ///
    /// It never allows more than what you show allows: not more scopes, not another project, and nothing that your own roles
    /// do not. The token itself is in this answer and nowhere else.
    #[oai(path = "/api/v1/tokens", method = "post", operation_id = "createToken")]
    async fn create(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        body: Body<TokenWish>,
    ) -> Result<Minted, Failure> {
        let wish = body.0;
        let scopes = Scopes::of(wish.scopes.into_iter().map(domain::access::Scope::from));
        if !caller.grant().scopes.cover(scopes) {
            return Err(Failure::forbidden("a token cannot allow more than what made it"));
        }
        let project = match (wish.project_id, caller.grant().project) {
            (Some(id), _) => Some(caller.project(&gateway, id, Right::View).await?.id),
            (None, only) => only,
        };
        let name = wish.name.trim().to_owned();
        if name.is_empty() {
            return Err(Failure::invalid(vec![FieldError::at("/name", "it is blank")]));
        }
        let now = gateway.clock.now();
        let lasts = |days: u32| std::time::Duration::from_secs(u64::from(days) * 24 * 3600);
        let expires_at = wish.days.map(|days| now + lasts(days));
        let token = NewToken { user: caller.user(), project, name, scopes, expires_at };
        let (id, token) = gateway.store.create_token(&token, caller.actor(), now).await?;
        let made = MadeToken { id: id.get(), token: token.expose().to_owned(), scopes: shown(scopes) };
        Ok(Minted::Whole(Json(made), format!("/api/v1/tokens/{id}"), "no-store".into()))
    }

    /// Revoke a token
    ///
    /// From now on it opens nothing. Revoking it again changes nothing.
    #[oai(path = "/api/v1/tokens/:token_id", method = "delete", operation_id = "revokeToken")]
    async fn revoke(
        &self,
        gateway: Data<&Gateway>,
        caller: Administrator,
        /// The token.
        token_id: Path<i64>,
    ) -> Result<Gone, Failure> {
        let (only, now) = (caller.grant().project, gateway.clock.now());
        gateway.store.revoke_token(caller.user(), only, TokenId(token_id.0), caller.actor(), now).await?;
        Ok(Gone::Done)
    }
}
