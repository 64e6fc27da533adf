//! Where an adapter keeps what it learns for an account: the Store, in the Store's own words.

use async_trait::async_trait;
use domain::id::{AccountId, PeerId};
use persistence::{PeerAccess, PeerKind, PeerRow, Store, StoreError};
use telegram::{Access, ChatKind, Keep, KeepError, KnownPeer, Session};

/// The accounts' records in the Store.
#[derive(Clone, Debug)]
pub struct Records(Store);

impl Records {
    /// The records of a Store whose vault is open.
    #[must_use]
    pub const fn of(store: Store) -> Self {
        Self(store)
    }
}

#[async_trait]
impl Keep for Records {
    async fn peers(&self, account: AccountId) -> Result<Vec<KnownPeer>, KeepError> {
        let rows = self.0.peers_of(account).await.map_err(out_of_reach)?;
        Ok(rows.into_iter().map(known).collect())
    }

    async fn keep_peers(&self, account: AccountId, peers: &[KnownPeer]) -> Result<(), KeepError> {
        let rows: Vec<_> = peers.iter().map(row).collect();
        self.0.keep_peers(account, &rows).await.map_err(out_of_reach)
    }

    async fn leads(&self, account: AccountId, chat: PeerId) -> Result<Vec<String>, KeepError> {
        self.0.leads_to(account, chat).await.map_err(out_of_reach)
    }

    async fn keep_session(&self, account: AccountId, session: &Session) -> Result<(), KeepError> {
        let session = session.reveal().to_vec().into();
        self.0.keep_session(account, &session).await.map_err(out_of_reach)
    }
}

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
