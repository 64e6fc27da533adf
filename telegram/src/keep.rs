//! What an adapter keeps for an account between connections, by way of whoever owns the database.

use async_trait::async_trait;
use domain::id::{AccountId, MessageId, PeerId};

use crate::{ChatKind, Session};

/// Where an adapter keeps what it learns. Whatever is lost here can be asked of Telegram again.
#[async_trait]
pub trait Keep: Send + Sync + 'static {
    /// The chats that an account met.
    ///
    /// # Errors
    /// [`KeepError`] when they cannot be read.
    async fn peers(&self, account: AccountId) -> Result<Vec<KnownPeer>, KeepError>;

    /// Keeps chats, in place of what was known of them before.
    ///
    /// # Errors
    /// [`KeepError`] when they cannot be written.
    async fn keep_peers(&self, account: AccountId, peers: &[KnownPeer]) -> Result<(), KeepError>;

    /// The usernames of channels by which a chat may be found that this account never met: its own, or that of the channel
    /// whose discussion it is.
    ///
    /// # Errors
    /// [`KeepError`] when they cannot be read.
    async fn leads(&self, account: AccountId, chat: PeerId) -> Result<Vec<String>, KeepError>;

    /// Keeps an account's session as it is now (another home data centre, how far its updates were read).
    ///
    /// # Errors
    /// [`KeepError`] when it cannot be written.
    async fn keep_session(&self, account: AccountId, session: &Session) -> Result<(), KeepError>;
}

/// A chat as one account may address it. Access hashes belong to the account that received them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPeer {
    /// What it is.
    pub kind: ChatKind,
    /// Its id.
    pub id: PeerId,
    /// What proves that this account met it.
    pub access: Access,
    /// Its username, without `@`.
    pub username: Option<String>,
}

/// How an account may address a chat.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// By a hash that counts everywhere.
    Hash(i64),
    /// Its constructor was `min`: only by the message it was seen in (`inputPeerChannelFromMessage`,
    /// `inputPeerUserFromMessage`).
    SeenIn {
        /// The chat of that message.
        chat: PeerId,
        /// The message.
        message: MessageId,
    },
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Hash(_) => f.write_str("Hash(..)"),
            Self::SeenIn { chat, message } => {
                f.debug_struct("SeenIn").field("chat", chat).field("message", message).finish()
            }
        }
    }
}

/// What was to be kept was not, or cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the account's own records are out of reach")]
pub struct KeepError(#[source] pub Box<dyn std::error::Error + Send + Sync>);
