//! Writing a comment, and finding out whether it was written.
//!
//! The call is `messages.sendMessage` itself, because the `random_id` must be the one that is stored. Its answer names the
//! message; where the answer is lost, the thread (the group, if the thread is gone with its post) is looked through for a
//! message of ours with this text that answers what it was to answer.

use domain::id::MessageId;
use grammers_tl_types::{enums, functions, types};

use super::account::Account;
use super::peers::Address;
use super::read::PER_QUESTION;
use super::threads::ids_before;
use super::{seen, updates};
use crate::{Outgoing, SentMessage, TelegramError};

/// How many pages of a thread are looked through for a message of ours, from the newest.
const PAGES: usize = 10;

/// Where a person's comment is looked for.
#[derive(Clone, Copy)]
enum Pages {
    /// In its thread.
    Thread,
    /// Among all that its speaker wrote in the group.
    Own,
}

/// What a page says about a comment that is looked for.
enum Search {
    Found(SentMessage),
    /// It may stand further back, before this message.
    Before(MessageId),
    /// It stands nowhere: everything since the post was looked through.
    Over,
}

impl Account {
    /// Writes a comment.
    pub(super) async fn comment(&self, comment: &Outgoing) -> Result<SentMessage, TelegramError> {
        let send_as = match comment.send_as {
            Some(channel) => Some(self.peers.address(channel)?.peer()),
            None => None,
        };
        let request = |group: &Address| message(group, comment, send_as.clone());
        let answer = self.tell_about(comment.thread.group, request).await?;
        sent(&answer, comment.random_id.get()).ok_or(TelegramError::UnknownOutcome)
    }

    /// The comment, if it stands in its thread. Where the post is gone, Telegram shows no thread any more, but what was
    /// written there still stands in the group.
    pub(super) async fn find_sent(&self, comment: &Outgoing) -> Result<Option<SentMessage>, TelegramError> {
        if self.me.bot {
            return self.find_by_id(comment).await;
        }
        match self.find_on(comment, Pages::Thread).await {
            Err(TelegramError::NoThread) => self.find_on(comment, Pages::Own).await,
            found => found,
        }
    }

    /// The comment among the newest messages of the group, whoever wrote them: bots may ask for nothing else.
    async fn find_by_id(&self, comment: &Outgoing) -> Result<Option<SentMessage>, TelegramError> {
        let group = comment.thread.group;
        let mut before = self.newest(&[group]).await?.first().map_or(MessageId(0), |id| id.next());
        for _ in 0..PAGES {
            let ids = ids_before(before);
            let page = self.messages(group, &ids).await?;
            match self.pick(comment, &page, ids.last().copied()) {
                Search::Found(sent) => return Ok(Some(sent)),
                Search::Before(oldest) => before = oldest,
                Search::Over => break,
            }
        }
        Ok(None)
    }

    /// The comment on pages that Telegram makes.
    async fn find_on(&self, comment: &Outgoing, pages: Pages) -> Result<Option<SentMessage>, TelegramError> {
        let mut before = MessageId(0);
        for _ in 0..PAGES {
            let page = match pages {
                Pages::Thread => self.replies(comment, before).await?,
                Pages::Own => self.own_messages(comment, before).await?,
            };
            let oldest = page.iter().map(|message| seen::message_id(message.id())).min();
            match self.pick(comment, &page, oldest) {
                Search::Found(sent) => return Ok(Some(sent)),
                Search::Before(oldest) => before = oldest,
                Search::Over => break,
            }
        }
        Ok(None)
    }

    /// What a page that ends with `oldest` says about the comment.
    fn pick(&self, comment: &Outgoing, page: &[enums::Message], oldest: Option<MessageId>) -> Search {
        let mut real = page.iter().filter_map(seen::real);
        match (real.find(|message| self.is_it(message, comment)), oldest) {
            (Some(ours), _) => {
                Search::Found(SentMessage { id: seen::message_id(ours.id), at: seen::at(ours.date) })
            }
            (None, Some(oldest)) if oldest > comment.thread.root => Search::Before(oldest),
            (None, Some(_) | None) => Search::Over,
        }
    }

    /// A page of a thread, from the newest message before `before`; from the newest of all for 0.
    async fn replies(
        &self,
        comment: &Outgoing,
        before: MessageId,
    ) -> Result<Vec<enums::Message>, TelegramError> {
        let request = |group: &Address| functions::messages::GetReplies {
            peer: group.peer(),
            msg_id: seen::wire_id(comment.thread.root),
            offset_id: seen::wire_id(before),
            offset_date: 0,
            add_offset: 0,
            limit: i32::try_from(PER_QUESTION).unwrap_or(i32::MAX),
            max_id: 0,
            min_id: 0,
            hash: 0,
        };
        let answer = self.ask_about(comment.thread.group, request).await?;
        Ok(self.unpack(answer).await)
    }

    /// A page of what was written in the group by whoever speaks here, from the newest message before `before`; from the newest
    /// of all for 0.
    async fn own_messages(
        &self,
        comment: &Outgoing,
        before: MessageId,
    ) -> Result<Vec<enums::Message>, TelegramError> {
        let speaker = match comment.send_as {
            Some(channel) => self.peers.address(channel)?.peer(),
            None => enums::InputPeer::PeerSelf,
        };
        let request = |group: &Address| functions::messages::Search {
            peer: group.peer(),
            q: String::new(),
            from_id: Some(speaker.clone()),
            saved_peer_id: None,
            saved_reaction: None,
            top_msg_id: None,
            filter: enums::MessagesFilter::InputMessagesFilterEmpty,
            min_date: 0,
            max_date: 0,
            offset_id: seen::wire_id(before),
            add_offset: 0,
            limit: i32::try_from(PER_QUESTION).unwrap_or(i32::MAX),
            max_id: 0,
            min_id: seen::wire_id(comment.thread.root),
            hash: 0,
        };
        let answer = self.ask_about(comment.thread.group, request).await?;
        Ok(self.unpack(answer).await)
    }

    /// Whether a message is this comment: ours, with its text, in answer to the same message.
    fn is_it(&self, message: &types::Message, comment: &Outgoing) -> bool {
        let root = comment.thread.root;
        let author = message.from_id.as_ref().map(seen::peer_id);
        let speaker = comment.send_as.unwrap_or(self.me.id);
        author == Some(speaker)
            && message.message.trim() == comment.text.as_str().trim()
            && seen::answered(message).unwrap_or(root) == comment.answers.unwrap_or(root)
    }
}

/// The call that writes a comment.
fn message(
    group: &Address,
    comment: &Outgoing,
    send_as: Option<enums::InputPeer>,
) -> functions::messages::SendMessage {
    let root = comment.thread.root;
    let reply_to = types::InputReplyToMessage {
        reply_to_msg_id: seen::wire_id(comment.answers.unwrap_or(root)),
        top_msg_id: Some(seen::wire_id(root)),
        reply_to_peer_id: None,
        quote_text: None,
        quote_entities: None,
        quote_offset: None,
        monoforum_peer_id: None,
        todo_item_id: None,
        poll_option: None,
    };
    functions::messages::SendMessage {
        no_webpage: false,
        silent: false,
        background: false,
        clear_draft: false,
        noforwards: false,
        update_stickersets_order: false,
        invert_media: false,
        allow_paid_floodskip: false,
        peer: group.peer(),
        reply_to: Some(reply_to.into()),
        message: comment.text.as_str().to_owned(),
        random_id: comment.random_id.get(),
        reply_markup: None,
        entities: None,
        schedule_date: None,
        schedule_repeat_period: None,
        send_as,
        quick_reply_shortcut: None,
        effect: None,
        allow_paid_stars: None,
        suggested_post: None,
        rich_message: None,
    }
}

/// The message that an answer names for this `random_id`, with Telegram's time of it.
fn sent(answer: &enums::Updates, random_id: i64) -> Option<SentMessage> {
    if let enums::Updates::UpdateShortSentMessage(short) = answer {
        return Some(SentMessage { id: seen::message_id(short.id), at: seen::at(short.date) });
    }
    let updates = updates::of(answer);
    let id = updates.iter().find_map(|update| {
        let enums::Update::MessageId(named) = update else { return None };
        (named.random_id == random_id).then_some(named.id)
    })?;
    let written = updates.iter().filter_map(updates::message).filter_map(seen::real);
    let date = written.filter(|message| message.id == id).map(|message| message.date).next();
    let at = date.or_else(|| updates::date(answer)).map(seen::at)?;
    Some(SentMessage { id: seen::message_id(id), at })
}

#[cfg(test)]
mod tests {
    use domain::disclosure::{Label, sign};
    use domain::id::{PeerId, RandomId};
    use domain::time::Timestamp;

    use super::*;
    use crate::Thread;

    fn updates(updates: Vec<enums::Update>) -> enums::Updates {
        types::Updates { updates, users: vec![], chats: vec![], date: 77, seq: 0 }.into()
    }

    #[test]
    fn the_answer_names_the_message_of_our_random_id() {
        let named = |id, random_id| types::UpdateMessageId { id, random_id }.into();
        let answer = updates(vec![named(8, 1), named(9, 2)]);
        let expected = SentMessage { id: MessageId(9), at: Timestamp::from_secs(77) };
        assert_eq!(sent(&answer, 2), Some(expected));
        assert_eq!(sent(&answer, 3), None, "an answer without it leaves the outcome unknown");
    }

    #[test]
    fn a_short_answer_is_read_too() {
        let short = types::UpdateShortSentMessage {
            out: true,
            id: 5,
            pts: 1,
            pts_count: 1,
            date: 60,
            media: None,
            entities: None,
            ttl_period: None,
        };
        let expected = SentMessage { id: MessageId(5), at: Timestamp::from_secs(60) };
        assert_eq!(sent(&short.into(), 2), Some(expected));
    }

    #[test]
    fn pages_go_down_to_the_first_message() {
        assert_eq!(ids_before(MessageId(4)), [3, 2, 1].map(MessageId));
        assert_eq!(ids_before(MessageId(1000)).len(), PER_QUESTION);
        assert_eq!(ids_before(MessageId(1)), []);
    }

    #[test]
    fn a_comment_goes_out_under_its_own_random_id_into_its_thread() {
        let label = Label::new("bot").unwrap();
        let comment = Outgoing {
            thread: Thread { group: PeerId(5), root: MessageId(40) },
            answers: Some(MessageId(44)),
            text: sign("hello", &label).unwrap(),
            random_id: RandomId(-9),
            send_as: None,
        };
        let call = message(&Address::by_hash(5, 6), &comment, None);
        let Some(enums::InputReplyTo::Message(reply)) = call.reply_to else { panic!("{:?}", call.reply_to) };
        assert_eq!((reply.reply_to_msg_id, reply.top_msg_id), (44, Some(40)));
        assert_eq!((call.random_id, call.message.as_str()), (-9, comment.text.as_str()));
        assert_eq!(call.peer, types::InputPeerChannel { channel_id: 5, access_hash: 6 }.into());
    }
}
