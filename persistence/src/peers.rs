//! What an account's connection keeps between its lives: its session as it is now, and the chats it met.
//!
//! Access hashes belong to the account that received them, so every row does too. Connections come one at a time and, after
//! an outage, all at once: they share transactions.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use domain::id::{AccountId, MessageId, PeerId};
use domain::time::Timestamp;
use secrecy::{ExposeSecret as _, SecretSlice};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::gather::Gather;
use crate::nodes::{self, Hold};
use crate::round::Round;
use crate::row::Row;
use crate::rows::{Sql, rows, storable};
use crate::store::{Run as _, Store, Tx};
use crate::vault::{Place, keep};

const SESSIONS: &str = "keep an account's session";
const PEERS: &str = "keep the chats that an account met";

static OF_ACCOUNT: Sql = Sql::new(
    "SELECT kind, peer_id, access_hash, seen_in_chat, seen_in_message, username FROM peers
     WHERE account_id = $1 ORDER BY kind, peer_id",
);

static LEADS: Sql = Sql::new(
    "SELECT ch.username FROM accounts a JOIN channels ch ON ch.project_id = a.project_id
     WHERE a.id = $1 AND (ch.telegram_id = $2 OR ch.discussion_id = $2) AND ch.username IS NOT NULL ORDER BY ch.id",
);

static KEEP: Sql = Sql::new(
    "INSERT INTO peers (account_id, kind, peer_id, access_hash, seen_in_chat, seen_in_message, username)
     SELECT a.id, r.kind, r.peer_id, r.access_hash, r.seen_in_chat, r.seen_in_message, r.username
     FROM rows($1: account_id bigint, kind text, peer_id bigint, access_hash bigint, seen_in_chat bigint,
         seen_in_message bigint, username text) r CROSS JOIN accounts a
     WHERE a.id = r.account_id
     ON CONFLICT (account_id, kind, peer_id) DO UPDATE SET access_hash = excluded.access_hash,
         seen_in_chat = excluded.seen_in_chat, seen_in_message = excluded.seen_in_message,
         username = excluded.username",
);

/// A chat as one account may address it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerRow {
    /// What it is.
    pub kind: PeerKind,
    /// Its id.
    pub id: PeerId,
    /// What proves that the account met it.
    pub access: PeerAccess,
    /// Its username, without `@`.
    pub username: Option<String>,
}

/// What a chat is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeerKind {
    /// A person or a bot.
    User,
    /// A group.
    Group,
    /// A broadcast channel.
    Channel,
}

/// How an account may address a chat. An access hash does not print.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PeerAccess {
    /// By a hash that counts everywhere.
    Hash(i64),
    /// By a message that it was seen in alone (Telegram's `min` constructors).
    SeenIn {
        /// The chat of that message.
        chat: PeerId,
        /// The message.
        message: MessageId,
    },
}

impl std::fmt::Debug for PeerAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Hash(_) => f.write_str("Hash(..)"),
            Self::SeenIn { chat, message } => {
                f.debug_struct("SeenIn").field("chat", chat).field("message", message).finish()
            }
        }
    }
}

impl Store {
    /// The chats that an account met.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn peers_of(&self, account: AccountId) -> Result<Vec<PeerRow>, StoreError> {
        let read = self.read("read the chats that an account met");
        read.rows(&OF_ACCOUNT, [account.get().into()]).await?.iter().map(read_peer).collect()
    }

    /// The usernames of its project's channels by which an account may find a chat that it never met: the chat's own, and
    /// that of the channel whose discussion group it is.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn leads_to(&self, account: AccountId, chat: PeerId) -> Result<Vec<String>, StoreError> {
        let read = self.read("read what leads to a chat");
        let found = read.rows(&LEADS, [account.get().into(), chat.get().into()]).await?;
        found.iter().map(|row| row.get("username")).collect()
    }

    /// Keeps chats that an account met, in place of what was known of them. An account that is gone keeps none.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn keep_peers(&self, account: AccountId, peers: &[PeerRow]) -> Result<(), StoreError> {
        let met: Vec<_> = peers.iter().map(|peer| (account, peer.clone())).collect();
        self.gathers().peers.run(self, "", &met, Timestamp::EPOCH).await?;
        Ok(())
    }

    /// Keeps a session that an account's owner brought.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such account, [`StoreError::Vault`] when it cannot be sealed.
    pub async fn keep_session(
        &self,
        account: AccountId,
        session: &SecretSlice<u8>,
    ) -> Result<(), StoreError> {
        self.keep_held_session(Hold::of_owner(account), session).await
    }

    /// Keeps an account's session as it is now, as told by the node that holds the account's connection.
    ///
    /// # Errors
    /// Those of [`Store::keep_session`], and [`StoreError::NotHeld`] when another node holds the account by now: the session
    /// that stands there is that node's.
    pub async fn keep_held_session(&self, hold: Hold, session: &SecretSlice<u8>) -> Result<(), StoreError> {
        let sessions = [(hold, session.clone())];
        match self.gathers().sessions.run(self, "", &sessions, Timestamp::EPOCH).await?.first() {
            Some(Kept::Stored) => Ok(()),
            Some(Kept::NotHeld) => Err(StoreError::NotHeld { operation: SESSIONS }),
            Some(Kept::NoAccount) | None => {
                Err(StoreError::NotFound { operation: SESSIONS, what: "account" })
            }
        }
    }
}

/// What became of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    Stored,
    NotHeld,
    NoAccount,
}

pub(crate) fn gather_sessions(round: &Arc<Round>) -> Arc<Gather<(Hold, SecretSlice<u8>), Kept>> {
    Gather::writing(round, SESSIONS, |tx, _, sessions, _| {
        Box::pin(async move { write_sessions(tx, &sessions).await })
    })
}

pub(crate) fn gather_peers(round: &Arc<Round>) -> Arc<Gather<(AccountId, PeerRow), ()>> {
    Gather::writing(round, PEERS, |tx, _, met, _| Box::pin(async move { write_peers(tx, &met).await }))
}

/// Of two sessions of one account the later one counts.
async fn write_sessions(tx: &Tx, sessions: &[(Hold, SecretSlice<u8>)]) -> Result<Vec<Kept>, StoreError> {
    let holds: Vec<_> = sessions.iter().map(|(hold, _)| *hold).collect();
    let held = nodes::still_held(tx, &holds).await?;
    let latest: BTreeMap<_, _> = sessions
        .iter()
        .filter(|(hold, _)| held.contains(hold))
        .map(|(hold, session)| (hold.account.get(), session.expose_secret()))
        .collect();
    let kept = keep(tx, Place::Session, &latest.into_iter().collect::<Vec<_>>()).await?;
    let outcome = |hold: &Hold| match (held.contains(hold), kept.contains(&hold.account.get())) {
        (true, true) => Kept::Stored,
        (true, false) => Kept::NoAccount,
        (false, _) => Kept::NotHeld,
    };
    Ok(holds.iter().map(outcome).collect())
}

#[derive(Serialize)]
struct MetRow<'a> {
    account_id: AccountId,
    kind: PeerKind,
    peer_id: PeerId,
    access_hash: Option<i64>,
    seen_in_chat: Option<PeerId>,
    seen_in_message: Option<MessageId>,
    username: Option<Cow<'a, str>>,
}

async fn write_peers(tx: &Tx, met: &[(AccountId, PeerRow)]) -> Result<Vec<()>, StoreError> {
    let latest: BTreeMap<_, _> =
        met.iter().map(|(account, peer)| ((*account, peer.kind, peer.id), peer)).collect();
    let met_rows: Vec<_> = latest.into_iter().map(|((account, ..), peer)| met_row(account, peer)).collect();
    tx.run(&KEEP, [rows(PEERS, &met_rows)?]).await?;
    Ok(vec![(); met.len()])
}

fn met_row(account_id: AccountId, peer: &PeerRow) -> MetRow<'_> {
    let (access_hash, seen_in_chat, seen_in_message) = match peer.access {
        PeerAccess::Hash(hash) => (Some(hash), None, None),
        PeerAccess::SeenIn { chat, message } => (None, Some(chat), Some(message)),
    };
    let username = peer.username.as_deref().map(storable);
    MetRow {
        account_id,
        kind: peer.kind,
        peer_id: peer.id,
        access_hash,
        seen_in_chat,
        seen_in_message,
        username,
    }
}

fn read_peer(row: &Row) -> Result<PeerRow, StoreError> {
    let access = match row.maybe("access_hash")? {
        Some(hash) => PeerAccess::Hash(hash),
        None => PeerAccess::SeenIn { chat: row.get("seen_in_chat")?, message: row.get("seen_in_message")? },
    };
    Ok(PeerRow {
        kind: row.named("kind")?,
        id: row.get("peer_id")?,
        access,
        username: row.maybe("username")?,
    })
}
