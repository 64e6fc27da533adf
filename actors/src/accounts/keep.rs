//! Where an adapter keeps what it learns for an account: the Store, in the Store's own words. A session is kept only for an
//! account that this process holds: what comes from a line that lost its account would overwrite somebody else's.

use std::sync::Arc;

use async_trait::async_trait;
use domain::id::{AccountId, PeerId};
use persistence::{PeerAccess, PeerKind, PeerRow, Store, StoreError};
use telegram::{Access, ChatKind, Keep, KeepError, KnownPeer, Session};

use crate::tenure::Tenure;

/// The accounts' records in the Store. An adapter and the tree that it serves share one: clones are handles to the same.
#[derive(Clone, Debug)]
pub struct Records {
    store: Store,
    tenure: Arc<Tenure>,
}

impl Records {
    /// The records of a Store whose vault is open.
    #[must_use]
    pub fn of(store: Store) -> Self {
        Self { store, tenure: Arc::default() }
    }

    /// This process's right to connect accounts, once somebody has entered.
    pub(crate) fn tenure(&self) -> Arc<Tenure> {
        self.tenure.clone()
    }

    /// The Store that they stand in.
    pub(crate) fn into_store(self) -> Store {
        self.store
    }
}

#[async_trait]
impl Keep for Records {
    async fn peers(&self, account: AccountId) -> Result<Vec<KnownPeer>, KeepError> {
        let rows = self.store.peers_of(account).await.map_err(out_of_reach)?;
        Ok(rows.into_iter().map(known).collect())
    }

    async fn keep_peers(&self, account: AccountId, peers: &[KnownPeer]) -> Result<(), KeepError> {
        let rows: Vec<_> = peers.iter().map(row).collect();
        self.store.keep_peers(account, &rows).await.map_err(out_of_reach)
    }

    async fn leads(&self, account: AccountId, chat: PeerId) -> Result<Vec<String>, KeepError> {
        self.store.leads_to(account, chat).await.map_err(out_of_reach)
    }

    async fn keep_session(&self, account: AccountId, session: &Session) -> Result<(), KeepError> {
        let session = session.reveal().to_vec().into();
        let hold =
            self.tenure.latest_hold(account).ok_or(NotHeld(account)).map_err(|why| KeepError(why.into()))?;
        self.store.keep_held_session(hold, &session).await.map_err(out_of_reach)
    }
}

/// The session came from a line of an account that this process does not hold.
#[derive(Debug, thiserror::Error)]
#[error("account {0} is not held by this process")]
struct NotHeld(AccountId);

fn out_of_reach(error: StoreError) -> KeepError {
    KeepError(error.into())
}

fn known(row: PeerRow) -> KnownPeer {
    let kind = match row.kind {
        PeerKind::Channel => ChatKind::Channel,
        PeerKind::Group => ChatKind::Group,
        PeerKind::User => ChatKind::User,
    };
    let access = match row.access {
        PeerAccess::Hash(hash) => Access::Hash(hash),
        PeerAccess::SeenIn { chat, message } => Access::SeenIn { chat, message },
    };
    KnownPeer { kind, id: row.id, access, username: row.username }
}

fn row(peer: &KnownPeer) -> PeerRow {
    let kind = match peer.kind {
        ChatKind::Channel => PeerKind::Channel,
        ChatKind::Group => PeerKind::Group,
        ChatKind::User => PeerKind::User,
    };
    let access = match peer.access {
        Access::Hash(hash) => PeerAccess::Hash(hash),
        Access::SeenIn { chat, message } => PeerAccess::SeenIn { chat, message },
    };
    PeerRow { kind, id: peer.id, access, username: peer.username.clone() }
}
