//! The vault and the database: which key seals there, and how secrets get in and out of their rows.
//!
//! The id of the key that seals is a row of `settings`. Whoever seals reads it in the transaction that writes, and holds it
//! until the commit; so once the row names another key, nothing sealed with the old one can still appear.

use std::collections::{BTreeMap, HashSet};

use domain::time::Timestamp;
use secrecy::SecretSlice;
use serde::Serialize;

use super::key::{KeyId, VaultKey};
use super::place::Place;
use super::{Vault, seal};
use crate::error::{StoreError, VaultError};
use crate::outbox::{Actor, AuditEntry, audit};
use crate::row::Row;
use crate::rows::{Bytes, Sql, rows};
use crate::store::{Run, Store, Tx};

/// The setting that names the key that seals.
const KEY: &str = "vault.key_id";

static CHOSEN: Sql = Sql::new("SELECT value FROM settings WHERE project_id IS NULL AND key = $1 {FOR SHARE}");

static CHOOSE: Sql = Sql::new(
    "INSERT INTO settings (project_id, key, value) VALUES (NULL, $1, $2)
     ON CONFLICT (coalesce(project_id, 0), key) DO NOTHING",
);

static CHOOSE_ANOTHER: Sql =
    Sql::new("UPDATE settings SET value = $2 WHERE project_id IS NULL AND key = $1 AND value <> $2");

static FORGET_CHOICE: Sql = Sql::new("DELETE FROM settings WHERE project_id IS NULL AND key = $1");

/// With which keys a database's secrets are sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealing {
    /// The key that seals; `None` as long as no vault was ever opened there.
    pub key: Option<KeyId>,
    /// How many values each key sealed. More than one key: a rotation has begun and not ended.
    pub values: Vec<(KeyId, u64)>,
}

impl Store {
    /// This Store with its secrets within reach; without a vault, it still is all of a Store but for those. A database that
    /// had no vault before belongs to this one from now on.
    ///
    /// # Errors
    /// [`StoreError::Vault`]: there are secrets, or a choice of key, for which the right key was not given.
    pub async fn unlock(self, vault: Option<Vault>) -> Result<Self, StoreError> {
        const UNLOCKING: &str = "open the vault";
        let refused = |source| StoreError::Vault { operation: UNLOCKING, source };
        let sealing = self.sealing().await?;
        let Some(vault) = vault else {
            return if sealing.values.is_empty() { Ok(self) } else { Err(refused(VaultError::Missing)) };
        };
        for id in sealing.key.iter().chain(sealing.values.iter().map(|(key, _)| key)) {
            vault.key(*id).map_err(refused)?;
        }
        let first = vault.first().id();
        let store = self.with_vault(vault);
        if sealing.key.is_none() {
            let tx = store.begin(UNLOCKING).await?;
            tx.run(&CHOOSE, [KEY.into(), first.to_string().into()]).await?;
            sealing_key(&tx).await?; // another process may have been faster, with another key
            tx.commit().await?;
        }
        Ok(store)
    }

    /// With which keys the secrets here are sealed. It needs no vault.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn sealing(&self) -> Result<Sealing, StoreError> {
        let read = self.read("look at the vault");
        let mut values: BTreeMap<[u8; KeyId::BYTES], u64> = BTreeMap::new();
        for place in Place::ALL {
            for row in &read.rows(&place.statements().keys, []).await? {
                let id: Vec<u8> = row.get("key_id")?;
                let id = id.try_into().map_err(|_| row.unreadable("key_id", VaultError::Malformed))?;
                *values.entry(id).or_default() += row.small::<u64>("amount")?;
            }
        }
        let key = chosen(&read).await?;
        Ok(Sealing { key, values: values.into_iter().map(|(id, amount)| (KeyId::new(id), amount)).collect() })
    }

    /// Empties every sealed column and lets the next vault choose its key: the way on for those who lost theirs. Returns how
    /// many secrets are gone; the accounts are to be logged in again.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn forget_secrets(&self, now: Timestamp) -> Result<u64, StoreError> {
        let tx = self.begin("forget all secrets").await?;
        let mut forgotten = 0;
        for place in Place::ALL {
            forgotten += tx.run(&place.statements().forget, []).await?;
        }
        tx.run(&FORGET_CHOICE, [KEY.into()]).await?;
        log(&tx, "vault.forget", format!("{forgotten} secrets"), now).await?;
        tx.commit().await?;
        Ok(forgotten)
    }
}

/// Seals secrets with the key that the database has chosen and writes them into their rows, all in one statement. Returns
/// the rows that exist; the others' secrets are not kept.
pub(crate) async fn keep(
    tx: &Tx,
    place: Place,
    secrets: &[(i64, &[u8])],
) -> Result<HashSet<i64>, StoreError> {
    if secrets.is_empty() {
        return Ok(HashSet::new());
    }
    let key = sealing_key(tx).await?;
    let refused = |source| StoreError::Vault { operation: tx.operation(), source };
    let sealed = secrets.iter().map(|(row, secret)| Ok((*row, seal::seal(key, place, *row, secret)?)));
    let sealed: Vec<_> = sealed.collect::<Result<_, _>>().map_err(refused)?;
    write(tx, place, sealed).await
}

/// Opens the value of a row, if it has one.
pub(crate) fn open(
    store: &Store,
    row: &Row,
    place: Place,
    id: i64,
    column: &'static str,
) -> Result<Option<SecretSlice<u8>>, StoreError> {
    let Some(sealed) = row.maybe::<Vec<u8>>(column)? else { return Ok(None) };
    let opened = seal::sealed_with(&sealed).and_then(|needed| {
        let vault = store.vault().ok_or(VaultError::Missing)?;
        seal::open(vault.key(needed)?, place, id, &sealed)
    });
    opened.map(Some).map_err(|source| StoreError::Vault { operation: row.operation(), source })
}

#[derive(Serialize)]
struct SealedRow {
    id: i64,
    sealed: Bytes,
}

/// Writes sealed values into their rows.
pub(super) async fn write(
    tx: &Tx,
    place: Place,
    sealed: Vec<(i64, Vec<u8>)>,
) -> Result<HashSet<i64>, StoreError> {
    let sealed: Vec<_> =
        sealed.into_iter().map(|(id, sealed)| SealedRow { id, sealed: Bytes(sealed) }).collect();
    let written = tx.rows(&place.statements().keep, [rows(tx.operation(), &sealed)?]).await?;
    written.iter().map(|row| row.get("id")).collect()
}

/// The key that seals, until the transaction ends.
pub(super) async fn sealing_key(tx: &Tx) -> Result<&VaultKey, StoreError> {
    let chosen = chosen(tx).await?;
    let key = match (tx.store().vault(), chosen) {
        (Some(vault), Some(id)) => vault.key(id),
        (Some(_) | None, _) => Err(VaultError::Missing),
    };
    key.map_err(|source| StoreError::Vault { operation: tx.operation(), source })
}

/// Makes `key` the one that seals; whether it was another one before.
pub(super) async fn choose(tx: &Tx, key: KeyId) -> Result<bool, StoreError> {
    Ok(tx.run(&CHOOSE_ANOTHER, [KEY.into(), key.to_string().into()]).await? > 0)
}

/// Writes down what happened to the vault.
pub(super) async fn log(tx: &Tx, action: &str, detail: String, at: Timestamp) -> Result<(), StoreError> {
    let (action, subject) = (action.to_owned(), "vault".to_owned());
    audit(tx, &AuditEntry { actor: Actor::System, project: None, action, subject, detail, at }).await
}

async fn chosen(run: &impl Run) -> Result<Option<KeyId>, StoreError> {
    let Some(row) = run.row(&CHOSEN, [KEY.into()]).await? else { return Ok(None) };
    let id: String = row.get("value")?;
    id.parse().map(Some).map_err(|source: VaultError| row.unreadable("value", source))
}
