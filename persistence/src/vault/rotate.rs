//! Exchanging the key: everything is sealed again with another one, row by row, in transactions of bounded size.
//!
//! The first of them lets the new key seal from then on; a process that has both keys notices nothing, one that has only the
//! old key is refused to write. How far it is stands in the sealed values themselves, each of which names its key: so a
//! rotation that was interrupted is gone on with by doing it again, and doing it once more finds nothing to do.

use domain::time::Timestamp;
use secrecy::ExposeSecret as _;

use super::key::KeyId;
use super::place::Place;
use super::record::{choose, log, sealing_key, write};
use super::seal;
use crate::error::{StoreError, VaultError};
use crate::store::{Run as _, Store};

const ROTATING: &str = "seal the secrets again";

/// Values sealed again in one transaction.
const BATCH: i64 = 200;

/// What a rotation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// The key that seals now.
    pub key: KeyId,
    /// How many values were sealed again.
    pub values: u64,
}

impl Store {
    /// Lets the key `to` seal from now on, and seals with it whatever another key had sealed. The vault must hold `to` and
    /// every key in use. Interrupted anywhere, it is gone on with by calling it again.
    ///
    /// # Errors
    /// [`StoreError::Vault`] when a key is missing or a value does not open; [`StoreError::Overtaken`] when another rotation
    /// began meanwhile. What was sealed again until then stays so.
    pub async fn rotate(&self, to: KeyId, now: Timestamp) -> Result<Rotated, StoreError> {
        let tx = self.begin(ROTATING).await?;
        if choose(&tx, to).await? {
            log(&tx, "vault.rotate", to.to_string(), now).await?;
        }
        sealing_key(&tx).await?; // without it there is nothing to seal with
        tx.commit().await?;
        let mut values = 0;
        for place in Place::ALL {
            let mut after = i64::MIN;
            while let Some((last, sealed)) = self.seal_again(place, to, after).await? {
                after = last;
                values += sealed;
            }
        }
        Ok(Rotated { key: to, values })
    }

    /// Seals the next values of a column again; the last row and how many there were, or `None` when none is left.
    async fn seal_again(
        &self,
        place: Place,
        to: KeyId,
        after: i64,
    ) -> Result<Option<(i64, u64)>, StoreError> {
        let tx = self.begin(ROTATING).await?;
        let values = [after.into(), to.bytes().to_vec().into(), BATCH.into()];
        let stale = tx.rows(&place.statements().stale, values).await?;
        let mut sealed = Vec::with_capacity(stale.len());
        let key = sealing_key(&tx).await?;
        if key.id() != to {
            return Err(StoreError::Overtaken { operation: ROTATING });
        }
        for row in &stale {
            let id: i64 = row.get("id")?;
            let old: Vec<u8> = row.get("sealed")?;
            let again = || -> Result<_, VaultError> {
                let vault = self.vault().ok_or(VaultError::Missing)?;
                let secret = seal::open(vault.key(seal::sealed_with(&old)?)?, place, id, &old)?;
                seal::seal(key, place, id, secret.expose_secret())
            };
            sealed.push((id, again().map_err(|source| StoreError::Vault { operation: ROTATING, source })?));
        }
        let Some(last) = sealed.last().map(|(id, _)| *id) else { return Ok(None) };
        let amount = write(&tx, place, sealed).await?.len() as u64;
        tx.commit().await?;
        Ok(Some((last, amount)))
    }
}
