//! Looking for a chat that the account never met, or whose hash does not count any more.
//!
//! By the usernames that lead to it: its own, or that of the channel whose discussion it is. By the channel it is known to
//! belong to. And last among the account's own chats, whose list is read at most once a connection.

use domain::id::{MessageId, PeerId};
use grammers_tl_types::{enums, functions, types};

use super::account::Account;
use super::read::PER_QUESTION;
use super::seen;
use crate::TelegramError;

/// How many pages of its list of chats an account reads at most.
const PAGES: usize = 10;

/// Where a page of the list of chats begins.
struct Offset {
    date: i32,
    id: MessageId,
    peer: enums::InputPeer,
}

impl Account {
    /// Finds out how a chat is addressed now.
    ///
    /// # Errors
    /// `PeerInvalid` when nothing leads to it.
    pub(super) async fn look_for(&self, chat: PeerId) -> Result<(), TelegramError> {
        let known = self.peers.forget(chat);
        let mut leads: Vec<_> = known.and_then(|known| known.username).into_iter().collect();
        leads.extend(self.keep.leads(self.peers.account(), chat).await.unwrap_or_default());
        for username in leads {
            match self.follow(&username, chat).await {
                Ok(()) if self.peers.address(chat).is_ok() => return Ok(()),
                Ok(()) | Err(TelegramError::PeerInvalid | TelegramError::ChannelPrivate) => {}
                Err(error) => return Err(error),
            }
        }
        if let Some(channel) = self.peers.channel_of(chat)
            && let Ok(address) = self.peers.address(channel)
        {
            self.meet_company(address.channel()).await?;
        }
        if self.peers.address(chat).is_err() && !self.me.bot {
            self.listed.get_or_try_init(|| self.list()).await?;
        }
        self.peers.address(chat).map(drop)
    }

    /// Follows a username to a chat: it is the one, or a channel with it as its discussion.
    async fn follow(&self, username: &str, chat: PeerId) -> Result<(), TelegramError> {
        let resolved = self.resolve_username(username).await?;
        let found = seen::channel_id(&resolved.peer).filter(|found| *found != chat);
        match found {
            Some(channel) => self.meet_company(self.peers.address(channel)?.channel()).await,
            None => Ok(()),
        }
    }

    /// Meets the chats that belong to a channel.
    async fn meet_company(&self, channel: enums::InputChannel) -> Result<(), TelegramError> {
        let request = functions::channels::GetFullChannel { channel };
        let enums::messages::ChatFull::Full(full) = self.line.ask(&request).await?;
        self.peers.meet(&full.chats, []).await;
        Ok(())
    }

    /// What a username leads to.
    pub(super) async fn resolve_username(
        &self,
        username: &str,
    ) -> Result<types::contacts::ResolvedPeer, TelegramError> {
        let request = functions::contacts::ResolveUsername { username: username.to_owned(), referer: None };
        let enums::contacts::ResolvedPeer::Peer(resolved) = self.line.ask(&request).await?;
        self.peers.meet(&resolved.chats, []).await;
        Ok(resolved)
    }

    /// Reads the list of the account's chats.
    async fn list(&self) -> Result<(), TelegramError> {
        let mut offset = Offset { date: 0, id: MessageId(0), peer: enums::InputPeer::Empty };
        for _ in 0..PAGES {
            let request = functions::messages::GetDialogs {
                exclude_pinned: false,
                folder_id: None,
                offset_date: offset.date,
                offset_id: seen::wire_id(offset.id),
                offset_peer: offset.peer,
                limit: i32::try_from(PER_QUESTION).unwrap_or(i32::MAX),
                hash: 0,
            };
            use enums::messages::Dialogs as D;
            let page = match self.line.ask(&request).await? {
                D::Dialogs(all) => {
                    self.peers.meet(&all.chats, &all.messages).await;
                    return Ok(());
                }
                D::Slice(page) => page,
                D::NotModified(_) => return Ok(()),
            };
            self.peers.meet(&page.chats, &page.messages).await;
            let Some(next) = self.after(&page) else { return Ok(()) };
            offset = next;
        }
        Ok(())
    }

    /// Where the next page begins: after the last chat of this one that can be named.
    fn after(&self, page: &types::messages::DialogsSlice) -> Option<Offset> {
        page.dialogs.iter().rev().find_map(|dialog| {
            let enums::Dialog::Dialog(dialog) = dialog else { return None };
            let mut messages = page.messages.iter().filter_map(seen::real);
            let last = messages.find(|it| it.peer_id == dialog.peer && it.id == dialog.top_message)?;
            let peer = self.peers.address(seen::channel_id(&dialog.peer)?).ok()?.peer();
            Some(Offset { date: last.date, id: seen::message_id(last.id), peer })
        })
    }
}
