//! A client and the door it goes through.

use std::net::{Ipv4Addr, SocketAddrV4, SocketAddrV6};
use std::sync::Arc;
use std::time::Duration;

use beseda_simulator::record::Intervention;
use beseda_simulator::{MtprotoDoor, WorldPlan};
use domain::id::{MessageId, PeerId};
use grammers_mtsender::{ConnectionParams, InvocationError, NoRetries, SenderPool, SenderPoolHandle};
use grammers_session::storages::MemorySession;
use grammers_session::types::DcOption;
use grammers_session::{SessionData, updates::UpdatesLike};
use grammers_tl_types::{RemoteCall, enums, functions, types};
use telegram::grammers::{KeyPurpose, shared_key};
use tokio::sync::mpsc;

use crate::stage::{Stage, silent};

/// What both sides derive their keys from.
const SEED: &str = "the seed of a test";
/// Longer than anything takes; only a client that waits for ever gets there.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A world with a door on loopback.
pub(crate) struct Loopback {
    pub(crate) stage: Stage,
    pub(crate) door: MtprotoDoor,
}

/// A client with a key.
pub(crate) struct Client {
    pub(crate) handle: SenderPoolHandle,
    pub(crate) updates: mpsc::Receiver<UpdatesLike>,
}

impl Loopback {
    pub(crate) async fn new() -> Self {
        Self::of(silent()).await
    }

    pub(crate) async fn of(plan: WorldPlan) -> Self {
        Self::around(Stage::new(plan)).await
    }

    pub(crate) async fn around(stage: Stage) -> Self {
        let anywhere = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0);
        let door =
            MtprotoDoor::open(stage.world.clone(), stage.clock.clone(), anywhere, SEED.into()).await.unwrap();
        Self { stage, door }
    }

    /// A client of the account with this index, on its first login.
    pub(crate) fn client(&self, account: u32) -> Client {
        self.client_with(KeyPurpose::Account { index: account, logins: 0 })
    }

    pub(crate) fn client_with(&self, purpose: KeyPurpose) -> Client {
        self.client_by(shared_key(&SEED.into(), purpose))
    }

    pub(crate) fn client_by(&self, key: [u8; 256]) -> Client {
        let ipv4 = self.door.address();
        let ipv6 = SocketAddrV6::new(ipv4.ip().to_ipv6_mapped(), ipv4.port(), 0, 0);
        let mut data = SessionData { home_dc: 2, ..SessionData::default() };
        data.dc_options.insert(2, DcOption { id: 2, ipv4, ipv6, auth_key: Some(key) });
        let parameters = ConnectionParams { retry_policy: Box::new(NoRetries), ..Default::default() };
        let pool = SenderPool::with_configuration(Arc::new(MemorySession::from(data)), 1, parameters);
        drop(tokio::spawn(pool.runner.run()));
        Client { handle: pool.handle.thin, updates: pool.updates }
    }

    pub(crate) fn intervene(&self, intervention: Intervention) {
        self.stage.world.intervene(intervention, self.stage.now());
    }

    /// Publishes a post in the first channel and lets it reach its group.
    pub(crate) fn publish(&self) -> MessageId {
        self.intervene(Intervention::Publish { channel: channel() });
        self.stage.pass(Duration::from_secs(60));
        MessageId(1 + i64::from(self.stage.world.published(0)))
    }
}

/// The first channel; its speakers are the accounts 0 and 1, and account 2 is no member.
pub(crate) fn channel() -> PeerId {
    WorldPlan::channel_peer(0)
}

impl Client {
    pub(crate) async fn call<R: RemoteCall>(&self, request: &R) -> Result<R::Return, InvocationError> {
        let answered = tokio::time::timeout(PATIENCE, self.handle.invoke_in_dc(2, request)).await;
        answered.expect("an answer in time")
    }

    /// Calls what is to be refused, and yields the error as `CODE NAME`, with what it measures.
    pub(crate) async fn refusal<R: RemoteCall>(&self, request: &R) -> (String, Option<u32>) {
        match self.call(request).await {
            Err(InvocationError::Rpc(error)) => (format!("{} {}", error.code, error.name), error.value),
            Err(other) => panic!("it ended otherwise: {other}"),
            Ok(_) => panic!("it was answered"),
        }
    }

    /// The first channel and its group, as this client may address them.
    pub(crate) async fn chats(&self) -> (types::InputChannel, types::InputChannel) {
        let username = "world_channel_0".to_owned();
        let resolve = functions::contacts::ResolveUsername { username, referer: None };
        let enums::contacts::ResolvedPeer::Peer(found) = self.call(&resolve).await.unwrap();
        let channel = input(&found.chats, channel());
        let full = functions::channels::GetFullChannel { channel: channel.clone().into() };
        let enums::messages::ChatFull::Full(full) = self.call(&full).await.unwrap();
        (channel, input(&full.chats, WorldPlan::group_peer(0)))
    }

    /// The next push that is none of the connection's own notices.
    pub(crate) async fn pushed(&mut self) -> (Vec<enums::Update>, Vec<enums::Chat>) {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.updates.recv()).await;
            let pushed = next.expect("a push in time").expect("the pool lives");
            if let UpdatesLike::Updates(enums::Updates::Updates(updates)) = pushed {
                return (updates.updates, updates.chats);
            } else if let UpdatesLike::Updates(enums::Updates::UpdateShort(short)) = pushed {
                return (vec![short.update], vec![]);
            }
        }
    }
}

/// How a chat that came with an answer is addressed.
pub(crate) fn input(chats: &[enums::Chat], id: PeerId) -> types::InputChannel {
    let channels = chats.iter().filter_map(|chat| {
        let enums::Chat::Channel(channel) = chat else { return None };
        Some(channel)
    });
    let found = channels.into_iter().find(|channel| channel.id == id.get());
    let channel = found.unwrap_or_else(|| panic!("{id} is not among {chats:?}"));
    types::InputChannel { channel_id: channel.id, access_hash: channel.access_hash.unwrap() }
}

pub(crate) fn peer(channel: &types::InputChannel) -> enums::InputPeer {
    let types::InputChannel { channel_id, access_hash } = *channel;
    types::InputPeerChannel { channel_id, access_hash }.into()
}

/// The messages of an answer.
pub(crate) fn messages(answer: enums::messages::Messages) -> Vec<enums::Message> {
    let enums::messages::Messages::ChannelMessages(found) = answer else { panic!("{answer:?}") };
    found.messages
}

/// A message that is one.
pub(crate) fn message(message: &enums::Message) -> &types::Message {
    let enums::Message::Message(message) = message else { panic!("{message:?}") };
    message
}
