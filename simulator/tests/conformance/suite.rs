//! The cases, each on a silent, faultless world of its own.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use beseda_simulator::record::Intervention;
use beseda_simulator::{MtprotoDoor, WorldPlan};
use domain::id::{AccountId, MessageId, PeerId, RandomId};
use domain::link::ChatLink;
use telegram::grammers::{Grammers, Patience, Settings};
use telegram::{
    Connection, HistorySlot, Keep, KeepError, KnownPeer, Outgoing, Route, Session, Telegram, TelegramError,
    Thread, Update, Updates,
};

use crate::stage::{Stage, next, outgoing, signed, silent};

const MINUTE: Duration = Duration::from_secs(60);

/// A door, and the world behind it.
pub(crate) struct Behind {
    stage: Stage,
    door: Box<dyn Telegram>,
    /// The server on loopback, where the door is the adapter in front of it.
    server: Option<MtprotoDoor>,
}

impl Behind {
    pub(crate) fn in_process() -> Self {
        let stage = Stage::new(silent());
        Self { door: Box::new(stage.door.clone()), stage, server: None }
    }

    pub(crate) async fn mtproto() -> Self {
        let stage = Stage::new(silent());
        let anywhere = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0);
        let server = MtprotoDoor::open(stage.world.clone(), stage.clock.clone(), anywhere, "seed".into())
            .await
            .unwrap();
        let settings = Settings {
            api_id: 1,
            api_hash: "hash".into(),
            servers: Some(vec![server.server()]),
            patience: Patience::default(),
        };
        Self { door: Box::new(Grammers::new(settings, Arc::new(Usernames))), stage, server: Some(server) }
    }

    /// The session that an account's owner got at the latest login, as the door's clients have it.
    fn session(&self, account: u32) -> Session {
        let session = match &self.server {
            Some(server) => server.session(account),
            None => self.stage.world.session(account),
        };
        session.unwrap()
    }

    async fn connect_with(
        &self,
        account: u32,
        session: &Session,
    ) -> Result<Box<dyn Connection>, TelegramError> {
        self.door.connect(AccountId(account.into()), session, &Route::Direct).await
    }

    async fn connect(&self, account: u32) -> Box<dyn Connection> {
        self.connect_with(account, &self.session(account)).await.unwrap()
    }

    fn intervene(&self, intervention: Intervention) {
        self.stage.world.intervene(intervention, self.stage.now());
    }

    /// Publishes a post and lets it reach its group.
    fn publish(&self, channel: PeerId) -> MessageId {
        self.intervene(Intervention::Publish { channel });
        self.stage.pass(MINUTE);
        let index = self.stage.world.plan().channel_index(channel).unwrap();
        MessageId(2 + self.published(index))
    }

    /// How many posts were published in a channel before the last one; each takes one id, the first is 2.
    fn published(&self, channel: u32) -> i64 {
        i64::from(self.stage.world.published(channel)) - 1
    }
}

/// What an adapter keeps here: nothing. But it is told by which usernames chats are found, as the product would tell it.
struct Usernames;

#[async_trait]
impl Keep for Usernames {
    async fn peers(&self, _: AccountId) -> Result<Vec<KnownPeer>, KeepError> {
        Ok(Vec::new())
    }

    async fn keep_peers(&self, _: AccountId, _: &[KnownPeer]) -> Result<(), KeepError> {
        Ok(())
    }

    async fn leads(&self, _: AccountId, chat: PeerId) -> Result<Vec<String>, KeepError> {
        let plan = silent();
        let index = plan.channel_index(chat).or_else(|| plan.group_index(chat));
        Ok(index.map(|index| format!("world_channel_{index}")).into_iter().collect())
    }

    async fn keep_session(&self, _: AccountId, _: &Session) -> Result<(), KeepError> {
        Ok(())
    }
}

/// The first channel; its speakers are the accounts 0 and 1, and account 2 is no member.
fn channel() -> PeerId {
    WorldPlan::channel_peer(0)
}

/// A stream of what happens in the first channel and its group. Who wants to be told of a chat has looked into it before.
async fn listen(connection: &dyn Connection) -> Box<dyn Updates> {
    connection.newest(&[channel()]).await.unwrap();
    connection.look(WorldPlan::group_peer(0), &[MessageId(1)]).await.unwrap();
    connection.updates().await.unwrap()
}

/// The next that a stream tells, but for the hint that an audit may be due, which is always allowed.
async fn told(updates: &mut dyn Updates) -> Result<Update, TelegramError> {
    loop {
        match next(updates).await {
            Ok(Update::TooLong) => {}
            other => return other,
        }
    }
}

async fn thread(connection: &dyn Connection, post: MessageId) -> Thread {
    connection.thread(channel(), post).await.unwrap()
}

pub(crate) async fn a_session_opens_the_account_it_belongs_to(behind: &Behind) {
    for account in 0..3 {
        let identity = behind.connect(account).await.identify().await.unwrap();
        assert_eq!(identity.id, WorldPlan::account_peer(account));
        assert!(!identity.is_bot);
    }
}

pub(crate) async fn a_worthless_session_is_unauthorized(behind: &Behind) {
    for bytes in [b"".to_vec(), b"1 99".to_vec(), b"99 0".to_vec(), vec![0xff]] {
        let refused = behind.connect_with(1, &Session::new(bytes)).await.err();
        assert_eq!(refused, Some(TelegramError::Unauthorized));
    }
}

pub(crate) async fn a_second_connection_closes_the_first(behind: &Behind) {
    let first = behind.connect(0).await;
    let mut stream = first.updates().await.unwrap();
    let second = behind.connect(0).await;
    assert_eq!(first.identify().await, Err(TelegramError::Disconnected));
    assert_eq!(next(stream.as_mut()).await, Err(TelegramError::Disconnected));
    drop((first, stream));
    assert!(second.identify().await.is_ok(), "dropping the first leaves the second alone");
}

pub(crate) async fn a_link_leads_to_its_channel_or_nowhere(behind: &Behind) {
    let connection = behind.connect(0).await;
    let by_id = connection.resolve(&ChatLink::Id(channel())).await.unwrap();
    let by_name = connection.resolve(&ChatLink::Username(by_id.username.clone().unwrap())).await.unwrap();
    assert_eq!(by_id, by_name);
    assert_eq!((by_id.id, by_id.discussion), (channel(), Some(WorldPlan::group_peer(0))));
    let nowhere =
        [ChatLink::Username("nobody".into()), ChatLink::Id(PeerId(12)), ChatLink::Invite("AbCdEf".into())];
    for link in nowhere {
        assert_eq!(connection.resolve(&link).await, Err(TelegramError::PeerInvalid), "{link:?}");
    }
    behind.stage.world.describe(channel(), "code 123", behind.stage.now());
    assert_eq!(connection.resolve(&ChatLink::Id(channel())).await.unwrap().about, "code 123");
}

pub(crate) async fn rights_tell_members_and_administrators(behind: &Behind) {
    for (account, member) in [(0, true), (1, true), (2, false)] {
        let connection = behind.connect(account).await;
        let rights = connection.rights(channel()).await.unwrap();
        assert_eq!(rights.member, member, "account {account}");
        assert_eq!(rights.administrator, rights.speaks_as_channel);
        assert!(!rights.administrator || account == 0);
        assert_eq!(connection.rights(PeerId(12)).await, Err(TelegramError::PeerInvalid));
    }
}

pub(crate) async fn history_answers_in_the_order_asked_with_holes(behind: &Behind) {
    let (first, second, third) =
        (behind.publish(channel()), behind.publish(channel()), behind.publish(channel()));
    behind.intervene(Intervention::DeletePost { channel: channel(), post: second });
    let connection = behind.connect(0).await;
    assert_eq!(
        connection.newest(&[channel(), WorldPlan::channel_peer(1)]).await.unwrap(),
        [third, MessageId(1)]
    );
    let slots = connection.history(channel(), &[third, MessageId(99), second, first]).await.unwrap();
    let [HistorySlot::Post(new), HistorySlot::Empty(none), HistorySlot::Empty(gone), HistorySlot::Post(old)] =
        &slots[..]
    else {
        panic!("{slots:?}");
    };
    assert_eq!((new.id, *none, *gone, old.id), (third, MessageId(99), second, first));
    assert!(new.comments_open && !new.text.is_empty() && new.published_at > old.published_at);
}

pub(crate) async fn a_call_for_too_many_ids_is_refused(behind: &Behind) {
    let connection = behind.connect(0).await;
    let ids: Vec<MessageId> = (1..=101).map(MessageId).collect();
    assert!(connection.history(channel(), &ids[..100]).await.is_ok());
    assert!(connection.history(channel(), &ids).await.is_err());
    assert!(connection.look(WorldPlan::group_peer(0), &ids).await.is_err());
    assert!(connection.newest(&[channel(); 101]).await.is_err());
}

pub(crate) async fn a_thread_begins_at_the_posts_copy_in_the_group(behind: &Behind) {
    let (first, second) = (behind.publish(channel()), behind.publish(channel()));
    let connection = behind.connect(0).await;
    let (one, two) = (thread(connection.as_ref(), first).await, thread(connection.as_ref(), second).await);
    assert_eq!((one.group, two.group), (WorldPlan::group_peer(0), WorldPlan::group_peer(0)));
    assert!(one.root < two.root);
    assert!(connection.look(one.group, &[one.root]).await.unwrap()[0].seen.is_some());
}

pub(crate) async fn a_post_that_is_gone_or_closed_has_no_thread(behind: &Behind) {
    let (closed, gone) = (behind.publish(channel()), behind.publish(channel()));
    let connection = behind.connect(0).await;
    let roots = (thread(connection.as_ref(), closed).await, thread(connection.as_ref(), gone).await);
    behind.intervene(Intervention::CloseComments { channel: channel(), post: closed });
    behind.intervene(Intervention::DeletePost { channel: channel(), post: gone });
    for post in [closed, gone, MessageId(99)] {
        assert_eq!(connection.thread(channel(), post).await, Err(TelegramError::NoThread));
    }
    for (root, random_id) in [(roots.0, 1), (roots.1, 2)] {
        assert_eq!(
            connection.comment(&outgoing(root, "Late", random_id)).await,
            Err(TelegramError::ReplyGone)
        );
    }
}

pub(crate) async fn a_comment_stands_where_it_was_put(behind: &Behind) {
    let post = behind.publish(channel());
    let connection = behind.connect(0).await;
    let out = outgoing(thread(connection.as_ref(), post).await, "Good to know", 11);
    assert_eq!(connection.find_sent(&out).await, Ok(None));
    let sent = connection.comment(&out).await.unwrap();
    assert!(sent.id > out.thread.root);
    assert_eq!(connection.find_sent(&out).await, Ok(Some(sent)));
    let looks = connection.look(out.thread.group, &[MessageId(99), sent.id]).await.unwrap();
    assert_eq!((looks[0].id, looks[0].seen), (MessageId(99), None));
    assert!(looks[1].seen.is_some());
    let nowhere = Thread { group: PeerId(5), ..out.thread };
    assert_eq!(connection.comment(&outgoing(nowhere, "Lost", 12)).await, Err(TelegramError::PeerInvalid));
}

pub(crate) async fn a_repeated_random_id_never_writes_twice(behind: &Behind) {
    let post = behind.publish(channel());
    let connection = behind.connect(0).await;
    let out = outgoing(thread(connection.as_ref(), post).await, "Once", 11);
    let sent = connection.comment(&out).await.unwrap();
    behind.stage.pass(MINUTE);
    assert_eq!(connection.comment(&out).await, Err(TelegramError::RandomIdDuplicate));
    assert_eq!(connection.find_sent(&out).await, Ok(Some(sent)));
    assert_eq!(connection.look(out.thread.group, &[sent.id.next()]).await.unwrap()[0].seen, None);

    let other = behind.connect(1).await;
    assert_eq!(other.find_sent(&out).await, Ok(None), "another account has its own ids");
}

pub(crate) async fn an_answer_to_a_message_that_is_gone_is_refused(behind: &Behind) {
    let post = behind.publish(channel());
    let connection = behind.connect(0).await;
    behind.intervene(Intervention::AskQuestion { channel: channel(), post });
    let thread = thread(connection.as_ref(), post).await;
    let question = thread.root.next();
    let mut answer = outgoing(thread, "Yes", 21);
    answer.answers = Some(question);
    let sent = connection.comment(&answer).await.unwrap();
    let seen = connection.look(thread.group, &[question]).await.unwrap()[0].seen.unwrap();
    assert_eq!(seen.replies, 1);

    behind.intervene(Intervention::RemoveMessage { channel: channel(), message: question });
    behind.stage.pass(MINUTE);
    let mut late = outgoing(thread, "No", 22);
    late.answers = Some(question);
    assert_eq!(connection.comment(&late).await, Err(TelegramError::ReplyGone));
    assert_eq!(
        connection.look(thread.group, &[sent.id.next()]).await.unwrap()[0].seen,
        None,
        "nothing at the top instead"
    );
}

pub(crate) async fn a_comment_that_was_removed_is_seen_to_be_gone(behind: &Behind) {
    let post = behind.publish(channel());
    let connection = behind.connect(0).await;
    let out = outgoing(thread(connection.as_ref(), post).await, "Good to know", 11);
    let sent = connection.comment(&out).await.unwrap();
    behind.intervene(Intervention::RemoveMessage { channel: channel(), message: sent.id });
    assert_eq!(connection.look(out.thread.group, &[sent.id]).await.unwrap()[0].seen, None);
    assert_eq!(connection.find_sent(&out).await, Ok(None));
    assert_eq!(connection.comment(&out).await, Err(TelegramError::RandomIdDuplicate));
}

pub(crate) async fn a_comment_is_found_also_when_its_post_is_gone(behind: &Behind) {
    let (post, other) = (behind.publish(channel()), behind.publish(channel()));
    let connection = behind.connect(0).await;
    let out = outgoing(thread(connection.as_ref(), post).await, "Good to know", 11);
    let elsewhere = outgoing(thread(connection.as_ref(), other).await, "Good to know", 12);
    let sent = connection.comment(&out).await.unwrap();
    let never_sent = Outgoing { random_id: RandomId(13), text: signed("Something else"), ..out.clone() };
    behind.intervene(Intervention::DeletePost { channel: channel(), post });
    assert_eq!(connection.thread(channel(), post).await, Err(TelegramError::NoThread));
    assert_eq!(connection.find_sent(&out).await, Ok(Some(sent)));
    assert!(connection.look(out.thread.group, &[sent.id]).await.unwrap()[0].seen.is_some());
    assert_eq!(connection.find_sent(&never_sent).await, Ok(None));
    assert_eq!(connection.find_sent(&elsewhere).await, Ok(None), "the same words under another post");
}

pub(crate) async fn joining_twice_is_no_error(behind: &Behind) {
    let connection = behind.connect(0).await;
    for _ in 0..2 {
        assert_eq!(connection.join(WorldPlan::group_peer(0)).await, Ok(()));
        assert_eq!(connection.join(channel()).await, Ok(()));
    }
    assert_eq!(connection.join(PeerId(5)).await, Err(TelegramError::PeerInvalid));
    assert!(
        behind.connect(2).await.join(channel()).await.is_err(),
        "only the plan makes members of channels"
    );
}

pub(crate) async fn what_happens_in_a_channel_is_streamed(behind: &Behind) {
    let connection = behind.connect(0).await;
    let mut stream = listen(connection.as_ref()).await;
    let post = behind.publish(channel());
    let Ok(Update::NewPost { post: new, channel: there }) = told(stream.as_mut()).await else {
        panic!("no post")
    };
    assert_eq!((new.id, there), (post, channel()));
    behind.intervene(Intervention::EditPost { channel: channel(), post });
    let Ok(Update::EditedPost { post: edited, .. }) = told(stream.as_mut()).await else { panic!("no edit") };
    assert!(edited.text != new.text && edited.edited_at.is_some() && edited.id == post);
    behind.intervene(Intervention::AskQuestion { channel: channel(), post });
    let Ok(Update::NewThreadMessage { message, .. }) = told(stream.as_mut()).await else {
        panic!("no message")
    };
    assert_eq!((message.post, message.answers), (post, message.root));

    behind.intervene(Intervention::RemoveMessage { channel: channel(), message: message.id });
    behind.intervene(Intervention::DeletePost { channel: channel(), post });
    let removed = Update::DeletedThreadMessages { channel: channel(), ids: vec![message.id] };
    assert_eq!(told(stream.as_mut()).await, Ok(removed));
    assert_eq!(told(stream.as_mut()).await, Ok(Update::DeletedPosts { channel: channel(), ids: vec![post] }));
}

pub(crate) async fn the_writer_of_a_comment_is_not_told_of_it_but_others_are(behind: &Behind) {
    let post = behind.publish(channel());
    let (writer, other, stranger) =
        (behind.connect(0).await, behind.connect(1).await, behind.connect(2).await);
    stranger.newest(&[WorldPlan::channel_peer(1)]).await.unwrap();
    let mut streams =
        [listen(writer.as_ref()).await, listen(other.as_ref()).await, stranger.updates().await.unwrap()];
    // Once they were told of something they have caught up: a client may sum up what happened before.
    behind.publish(channel());
    for stream in &mut streams[..2] {
        assert!(matches!(told(stream.as_mut()).await, Ok(Update::NewPost { .. })));
    }
    let out = outgoing(thread(writer.as_ref(), post).await, "Good to know", 11);
    let sent = writer.comment(&out).await.unwrap();
    let Ok(Update::NewThreadMessage { message, .. }) = told(streams[1].as_mut()).await else {
        panic!("no message")
    };
    assert_eq!((message.id, message.author), (sent.id, WorldPlan::account_peer(0)));
    assert_eq!(message.text, out.text.as_str());
    behind.intervene(Intervention::DeletePost { channel: channel(), post });
    behind.intervene(Intervention::Publish { channel: WorldPlan::channel_peer(1) });
    for stream in &mut streams[..2] {
        let deleted = Update::DeletedPosts { channel: channel(), ids: vec![post] };
        assert_eq!(told(stream.as_mut()).await, Ok(deleted));
    }
    let Ok(Update::NewPost { channel: elsewhere, .. }) = told(streams[2].as_mut()).await else {
        panic!("no post")
    };
    assert_eq!(elsewhere, WorldPlan::channel_peer(1), "who is no member hears nothing of a channel");
}

pub(crate) async fn a_new_stream_replaces_the_old_one(behind: &Behind) {
    let connection = behind.connect(0).await;
    let mut old = connection.updates().await.unwrap();
    let mut new = listen(connection.as_ref()).await;
    assert_eq!(next(old.as_mut()).await, Err(TelegramError::Disconnected));
    behind.publish(channel());
    assert!(matches!(told(new.as_mut()).await, Ok(Update::NewPost { .. })));
}

pub(crate) async fn a_lost_connection_ends_its_stream_and_a_new_one_works(behind: &Behind) {
    let connection = behind.connect(0).await;
    let mut stream = connection.updates().await.unwrap();
    behind.intervene(Intervention::Disconnect { account: WorldPlan::account_peer(0) });
    assert_eq!(told(stream.as_mut()).await, Err(TelegramError::Disconnected));
    assert_eq!(connection.newest(&[channel()]).await, Err(TelegramError::Disconnected));
    assert!(behind.connect(0).await.newest(&[channel()]).await.is_ok());

    let connection = behind.connect(1).await;
    let mut stream = connection.updates().await.unwrap();
    drop(connection);
    assert_eq!(
        told(stream.as_mut()).await,
        Err(TelegramError::Disconnected),
        "dropping a connection closes it"
    );
}

pub(crate) async fn a_revoked_session_counts_again_once_its_owner_logged_in(behind: &Behind) {
    let connection = behind.connect(0).await;
    let mut stream = connection.updates().await.unwrap();
    let old = behind.session(0);
    behind.intervene(Intervention::Revoke { account: WorldPlan::account_peer(0) });
    // Whether the end of the connection or the end of the session is noticed first is open.
    let ended = [told(stream.as_mut()).await.map(drop), connection.identify().await.map(drop)];
    for end in ended {
        assert!(matches!(end, Err(TelegramError::Unauthorized | TelegramError::Disconnected)), "{end:?}");
    }
    assert_eq!(behind.connect_with(0, &old).await.err(), Some(TelegramError::Unauthorized));

    behind.stage.pass(Duration::from_secs(7 * 3_600));
    behind.stage.world.advance(behind.stage.now());
    assert_eq!(behind.stage.world.owners_back(), [0]);
    behind.stage.world.log_in(0, behind.stage.now());
    assert_eq!(behind.stage.world.owners_back(), [0; 0]);
    assert_eq!(behind.connect_with(0, &old).await.err(), Some(TelegramError::Unauthorized));
    assert!(behind.connect(0).await.identify().await.is_ok());
}
