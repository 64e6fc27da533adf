//! Looking at an account on demand.

use domain::id::AccountId;
use persistence::{Store, StoreError};

use super::{Client, Envoy, ErrandError, Outcome};

/// Looks; an account of another project does not exist here.
pub(super) async fn look(
    store: &Store,
    envoy: &impl Envoy,
    client: Client,
    account: AccountId,
) -> Result<Outcome, ErrandError> {
    let health = store.account_health(account).await?;
    if health.project != client.project {
        let missing = StoreError::NotFound { operation: "look at an account", what: "account" };
        return Err(missing.into());
    }
    if envoy.check(account).await? { Ok(Outcome::Checked) } else { Err(ErrandError::NobodyToAsk) }
}
