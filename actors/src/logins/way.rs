//! Which way a login takes to Telegram: through the proxy that the account will go through, too.

use domain::id::{AccountId, ProjectId, ProxyId};
use domain::proxy::ACCOUNTS_PER_PROXY;
use persistence::StoreError;
use telegram::Route;

use crate::deps::Deps;

/// The way through a proxy; without one, the own way of the account that comes back, or the straight one.
///
/// # Errors
/// [`StoreError::NotFound`] when the project has no such proxy, [`StoreError::NoSeat`] when the account has none there.
pub(crate) async fn route(
    deps: &Deps,
    project: ProjectId,
    proxy: Option<ProxyId>,
    account: Option<AccountId>,
) -> Result<Route, StoreError> {
    const OPERATION: &str = "go through the proxy";
    let own = match account {
        Some(account) => deps.store.account_to_run(account).await?.and_then(|account| account.proxy),
        None => None,
    };
    let Some(proxy) = proxy else { return Ok(own.map_or(Route::Direct, Route::Through)) };
    let listed = deps.store.list_proxies(project).await?;
    let listed = listed.into_iter().find(|listed| listed.id == proxy);
    let listed = listed.ok_or(StoreError::NotFound { operation: OPERATION, what: "proxy" })?;
    if own.is_none() && listed.accounts >= ACCOUNTS_PER_PROXY {
        return Err(StoreError::NoSeat { operation: OPERATION });
    }
    let open = deps.store.proxies_to_probe(Some(project)).await?;
    let open = open.into_iter().find(|open| open.id == proxy);
    open.map(|open| Route::Through(open.address))
        .ok_or(StoreError::NotFound { operation: OPERATION, what: "proxy" })
}
