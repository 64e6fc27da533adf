//! `/api/v1/projects/{project_id}/accounts/{account_id}/proxy`: which way an account goes.

use domain::access::Right;
use domain::id::{AccountId, ProxyId};
use persistence::proxies::Way;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::account::{Account, read};
use super::refused;
use crate::auth::Writer;
use crate::body::Body;
use crate::gateway::Gateway;
use crate::problem::Failure;
use crate::routes::{Found, Part};

/// The proxy that an account is to go through.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct ProxyChoice {
    /// The proxy; without it, one that works and has a free place.
    #[oai(validator(minimum(value = "1")))]
    proxy_id: Option<i64>,
}

pub(crate) struct WayApi;

#[OpenApi(tag = "Part::Accounts")]
impl WayApi {
    /// Send an account through a proxy
    ///
    /// From now on: it connects anew. At most three accounts go through one proxy, and one that waits, or that Telegram
    /// limited, froze or banned, stays where it is: another way would not change what Telegram said to it.
    #[oai(
        path = "/api/v1/projects/:project_id/accounts/:account_id/proxy",
        method = "put",
        operation_id = "assignProxy"
    )]
    async fn assign(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The account.
        account_id: Path<i64>,
        body: Body<ProxyChoice>,
    ) -> Result<Found<Account>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let account = AccountId(account_id.0);
        let way = body.0.proxy_id.map_or(Way::AnyProxy, |proxy| Way::Over(ProxyId(proxy)));
        gateway.system.send_account(project, account, way, caller.actor()).await.map_err(refused)?;
        Ok(Found::Whole(Json(read(&gateway, project, account).await?)))
    }

    /// Send an account straight
    ///
    /// It goes through no proxy from now on, and its place there is free.
    #[oai(
        path = "/api/v1/projects/:project_id/accounts/:account_id/proxy",
        method = "delete",
        operation_id = "releaseProxy"
    )]
    async fn release(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The account.
        account_id: Path<i64>,
    ) -> Result<Found<Account>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let account = AccountId(account_id.0);
        gateway.system.send_account(project, account, Way::Direct, caller.actor()).await.map_err(refused)?;
        Ok(Found::Whole(Json(read(&gateway, project, account).await?)))
    }
}

impl Example for ProxyChoice {
    fn example() -> Self {
        Self { proxy_id: Some(2) }
    }
}
