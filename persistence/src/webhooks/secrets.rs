//! The secrets of endpoints: made here, sealed in the vault, opened for signing.

use domain::id::WebhookId;
use domain::time::Timestamp;
use domain::webhook::{KEPT_AFTER_ROTATION, Secret};
use rand::TryRng as _;

use crate::error::{StoreError, VaultError};
use crate::row::Row;
use crate::rows::Sql;
use crate::store::{Run as _, Store, Tx};
use crate::vault::{Place, keep, open};

static KEEP_OLD: Sql = Sql::new("UPDATE webhooks SET old_secret_until = $2 WHERE id = $1");

/// Makes a secret for an endpoint and seals it into its row.
pub(super) async fn renew(tx: &Tx, webhook: WebhookId) -> Result<Secret, StoreError> {
    let mut bytes = vec![0; Secret::BYTES];
    let drawn = rand::rngs::SysRng.try_fill_bytes(&mut bytes).map_err(VaultError::Randomness);
    drawn.map_err(|source| StoreError::Vault { operation: tx.operation(), source })?;
    let secret = Secret::new(bytes.into());
    keep(tx, Place::WebhookSecret, &[(webhook.get(), secret.bytes())]).await?;
    Ok(secret)
}

/// Lets the secret of this row sign for another day.
pub(super) async fn retire(tx: &Tx, row: &Row, now: Timestamp) -> Result<(), StoreError> {
    let webhook: WebhookId = row.get("id")?;
    let Some(bytes) = open(tx.store(), row, Place::WebhookSecret, webhook.get(), "secret_sealed")? else {
        return Ok(());
    };
    let secret = Secret::new(bytes);
    keep(tx, Place::WebhookOldSecret, &[(webhook.get(), secret.bytes())]).await?;
    tx.run(&KEEP_OLD, [webhook.get().into(), (now + KEPT_AFTER_ROTATION).micros().into()]).await?;
    Ok(())
}

/// The secrets that sign for the endpoint of this row at `now`, the current one first.
pub(super) fn signing(store: &Store, row: &Row, now: Timestamp) -> Result<Vec<Secret>, StoreError> {
    let webhook = row.get::<WebhookId>("id")?.get();
    let current = open(store, row, Place::WebhookSecret, webhook, "secret_sealed")?;
    let old = match row.maybe::<Timestamp>("old_secret_until")? {
        Some(until) if now < until => {
            open(store, row, Place::WebhookOldSecret, webhook, "old_secret_sealed")?
        }
        Some(_) | None => None,
    };
    Ok(current.into_iter().chain(old).map(Secret::new).collect())
}
