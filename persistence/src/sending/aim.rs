//! Noting the thread of a comment, as the last thing before the call that writes it.

use std::collections::HashSet;
use std::sync::Arc;

use domain::id::{CommentId, JobId, MessageId, PeerId};
use domain::time::Timestamp;
use serde::Serialize;

use crate::error::StoreError;
use crate::gather::Gather;
use crate::queue::Lease;
use crate::round::Round;
use crate::rows::{Sql, rows};
use crate::sending::Thread;
use crate::store::{Run as _, Store, Tx};

const AIMING: &str = "aim sends";

static AIM: Sql = Sql::new(
    "UPDATE comments SET thread_group = r.thread_group, thread_root = r.thread_root
     FROM rows($1: job bigint, fence bigint, comment bigint, thread_group bigint, thread_root bigint) r
     JOIN jobs j ON j.id = r.job AND j.fence = r.fence AND j.lease_owner = $2
     WHERE comments.id = r.comment AND comments.state = 'sending' RETURNING comments.id",
);

/// The thread that a comment is about to be written into.
#[derive(Clone, Copy, Debug)]
pub struct Aim {
    /// The job that sends it.
    pub lease: Lease,
    /// The comment.
    pub comment: CommentId,
    /// Its thread.
    pub thread: Thread,
}

#[derive(Serialize)]
struct AimRow {
    job: JobId,
    fence: i64,
    comment: CommentId,
    thread_group: PeerId,
    thread_root: MessageId,
}

impl Store {
    /// Notes where comments that are being sent go; answers in the order given whether each may be written now, which it may
    /// not where the lease was lost. Concurrent callers share a transaction.
    ///
    /// # Errors
    /// Only the database's own; then nothing may be written.
    pub async fn aim_sends(&self, node: &str, aims: &[Aim]) -> Result<Vec<bool>, StoreError> {
        self.gathers().aims.run(self, node, aims, Timestamp::EPOCH).await
    }
}

pub(crate) fn gather_aims(round: &Arc<Round>) -> Arc<Gather<Aim, bool>> {
    Gather::writing(round, AIMING, |tx, node, aims, _| Box::pin(async move { aim(tx, &node, &aims).await }))
}

async fn aim(tx: &Tx, node: &str, aims: &[Aim]) -> Result<Vec<bool>, StoreError> {
    let row = |aim: &Aim| AimRow {
        job: aim.lease.job,
        fence: aim.lease.fence,
        comment: aim.comment,
        thread_group: aim.thread.group,
        thread_root: aim.thread.root,
    };
    let asked: Vec<_> = aims.iter().map(row).collect();
    let noted = tx.rows(&AIM, [rows(AIMING, &asked)?, node.into()]).await?;
    let noted: HashSet<CommentId> = noted.iter().map(|row| row.get("id")).collect::<Result<_, _>>()?;
    Ok(aims.iter().map(|aim| noted.contains(&aim.comment)).collect())
}
