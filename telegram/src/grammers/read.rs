//! Reading messages by their ids, and finding out which ids there are.

use domain::id::{MessageId, PeerId};
use grammers_tl_types::{enums, functions, types};

use super::account::Account;
use super::peers::Address;
use super::seen;
use crate::{ChatKind, HistorySlot, Look, TelegramError};

/// How many dialogs or messages one question may name.
pub(super) const PER_QUESTION: usize = 100;

/// How many answers a bot reads at most to find out where a chat stands.
const BOT_READS: usize = 16;

/// Where a chat stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) chat: PeerId,
    pub(super) newest: MessageId,
    pub(super) pts: Option<i32>,
}

impl Account {
    /// The newest message id of each chat, in the order asked.
    pub(super) async fn newest(&self, chats: &[PeerId]) -> Result<Vec<MessageId>, TelegramError> {
        few(chats)?;
        let standings = match chats {
            [one] => vec![self.standing(*one).await?],
            _ if self.me.bot => {
                let mut standings = Vec::with_capacity(chats.len());
                for chat in chats {
                    standings.push(self.standing(*chat).await?);
                }
                standings
            }
            _ => {
                for chat in chats.iter().filter(|chat| self.peers.address(**chat).is_err()) {
                    self.look_for(*chat).await?;
                }
                self.standings(chats).await?
            }
        };
        let newest = |chat: &PeerId| standings.iter().find(|one| one.chat == *chat).map(|one| one.newest);
        Ok(chats.iter().map(|chat| newest(chat).unwrap_or(MessageId(0))).collect())
    }

    /// Where one chat stands.
    async fn standing(&self, chat: PeerId) -> Result<Standing, TelegramError> {
        if self.me.bot {
            return Ok(Standing { chat, newest: self.bot_newest(chat).await?, pts: None });
        }
        let answer = self.ask_about(chat, |chat| dialogs(vec![chat.peer()])).await?;
        let found = self.standings_in(answer).await;
        found.into_iter().find(|found| found.chat == chat).ok_or(TelegramError::PeerInvalid)
    }

    /// Where several chats stand, in one question. Only people may ask it.
    pub(super) async fn standings(&self, chats: &[PeerId]) -> Result<Vec<Standing>, TelegramError> {
        let peers: Result<_, _> = chats.iter().map(|chat| Ok(self.peers.address(*chat)?.peer())).collect();
        let answer = self.line.ask(&dialogs(peers?)).await?;
        Ok(self.standings_in(answer).await)
    }

    async fn standings_in(&self, answer: enums::messages::PeerDialogs) -> Vec<Standing> {
        let enums::messages::PeerDialogs::Dialogs(answer) = answer;
        self.peers.meet(&answer.chats, &answer.messages).await;
        let standing = |dialog: &enums::Dialog| match dialog {
            enums::Dialog::Dialog(dialog) => Some(Standing {
                chat: seen::channel_id(&dialog.peer)?,
                newest: seen::message_id(dialog.top_message),
                pts: dialog.pts,
            }),
            enums::Dialog::Folder(_) | enums::Dialog::Community(_) => None,
        };
        answer.dialogs.iter().filter_map(standing).collect()
    }

    /// The newest id of a chat for a bot, which has no dialogs: from the chat's updates, read from their beginning or, where
    /// they are too many, as Telegram sums them up.
    async fn bot_newest(&self, chat: PeerId) -> Result<MessageId, TelegramError> {
        let (mut pts, mut newest) = (1, MessageId(0));
        for _ in 0..BOT_READS {
            let request = |chat: &Address| difference(chat, pts, true);
            use enums::updates::ChannelDifference as D;
            match self.ask_about(chat, request).await? {
                D::Empty(_) => break,
                D::TooLong(answer) => {
                    let enums::Dialog::Dialog(dialog) = answer.dialog else { break };
                    newest = newest.max(seen::message_id(dialog.top_message));
                    break;
                }
                D::Difference(answer) => {
                    let ids = answer.new_messages.iter().map(|message| seen::message_id(message.id()));
                    newest = ids.fold(newest, MessageId::max);
                    if answer.r#final {
                        break;
                    }
                    pts = answer.pts;
                }
            }
        }
        Ok(newest)
    }

    /// What stands at these ids of a channel.
    pub(super) async fn history(
        &self,
        channel: PeerId,
        ids: &[MessageId],
    ) -> Result<Vec<HistorySlot>, TelegramError> {
        Ok(seen::history(ids, &self.messages(channel, ids).await?))
    }

    /// What became of messages in a group.
    pub(super) async fn look(&self, group: PeerId, ids: &[MessageId]) -> Result<Vec<Look>, TelegramError> {
        Ok(seen::looks(ids, &self.messages(group, ids).await?))
    }

    /// The messages with these ids, in no order; missing ones may come as empty or not at all.
    pub(super) async fn messages(
        &self,
        chat: PeerId,
        ids: &[MessageId],
    ) -> Result<Vec<enums::Message>, TelegramError> {
        few(ids)?;
        let id: Vec<_> =
            ids.iter().map(|id| types::InputMessageId { id: seen::wire_id(*id) }.into()).collect();
        let request =
            |chat: &Address| functions::channels::GetMessages { channel: chat.channel(), id: id.clone() };
        let answer = self.ask_about(chat, request).await?;
        Ok(self.unpack(answer).await)
    }

    /// The messages of an answer, after meeting the chats that came with them.
    pub(super) async fn unpack(&self, answer: enums::messages::Messages) -> Vec<enums::Message> {
        use enums::messages::Messages as M;
        let (messages, chats) = match answer {
            M::Messages(answer) => (answer.messages, answer.chats),
            M::Slice(answer) => (answer.messages, answer.chats),
            M::ChannelMessages(answer) => (answer.messages, answer.chats),
            M::NotModified(_) => (Vec::new(), Vec::new()),
        };
        self.peers.meet(&chats, &messages).await;
        messages
    }

    /// Whether a chat is a group, as far as the account met it.
    pub(super) fn is_group(&self, chat: PeerId) -> bool {
        self.peers.known(chat).is_some_and(|known| known.kind == ChatKind::Group)
    }
}

/// Telegram answers a question about too many things as if it were about the first ones.
fn few<T>(asked: &[T]) -> Result<(), TelegramError> {
    if asked.len() <= PER_QUESTION {
        return Ok(());
    }
    Err(TelegramError::Other(format!("{} things in a question for at most {PER_QUESTION}", asked.len())))
}

fn dialogs(peers: Vec<enums::InputPeer>) -> functions::messages::GetPeerDialogs {
    let dialog = |peer| types::InputDialogPeer { peer }.into();
    functions::messages::GetPeerDialogs { peers: peers.into_iter().map(dialog).collect() }
}

/// What happened in a chat since `pts`. Bots may ask for much more at once than people.
pub(super) fn difference(chat: &Address, pts: i32, bot: bool) -> functions::updates::GetChannelDifference {
    functions::updates::GetChannelDifference {
        force: false,
        channel: chat.channel(),
        filter: enums::ChannelMessagesFilter::Empty,
        pts,
        limit: if bot { 100_000 } else { 100 },
    }
}
