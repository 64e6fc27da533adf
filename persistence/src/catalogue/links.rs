//! Sets of rows that another row has: a playlist's channels, a campaign's channels, playlists and accounts.

use domain::id::ProjectId;
use serde::Serialize;

use super::missing;
use crate::error::StoreError;
use crate::rows::{Sql, rows};
use crate::store::{Run as _, Tx};

/// How one kind of set is kept.
pub(super) struct Links {
    /// How many of the ids `$1` are rows of project `$2`, as `count`.
    pub(super) ours: Sql,
    /// Adds the ids `$1` to the set of row `$2`, as far as they are rows of project `$3` and not in it.
    pub(super) add: Sql,
    /// Takes the ids `$1` out of the set of row `$2`.
    pub(super) remove: Sql,
    /// What stands in the set.
    pub(super) what: &'static str,
}

#[derive(Serialize)]
struct IdRow {
    id: i64,
}

impl Links {
    /// Adds rows to a set; those in it stay.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when one of them is not the project's.
    pub(super) async fn add(
        &self,
        tx: &Tx,
        project: ProjectId,
        owner: i64,
        ids: &[i64],
    ) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let (ids, count) = distinct(tx, ids)?;
        let ours = tx.row(&self.ours, [ids.clone(), project.get().into()]).await?;
        if ours.map_or(Ok(0), |row| row.small::<usize>("count"))? < count {
            return Err(missing(tx, self.what));
        }
        tx.run(&self.add, [ids, owner.into(), project.get().into()]).await?;
        Ok(())
    }

    /// Takes rows out of a set. Returns how many were in it.
    pub(super) async fn remove(&self, tx: &Tx, owner: i64, ids: &[i64]) -> Result<u64, StoreError> {
        if ids.is_empty() {
            return Ok(0);
        }
        tx.run(&self.remove, [distinct(tx, ids)?.0, owner.into()]).await
    }
}

/// Ids as rows, each once, and how many they are.
fn distinct(tx: &Tx, ids: &[i64]) -> Result<(sea_orm::Value, usize), StoreError> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let ids: Vec<_> = ids.into_iter().map(|id| IdRow { id }).collect();
    Ok((rows(tx.operation(), &ids)?, ids.len()))
}
