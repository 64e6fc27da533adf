//! What the book of chats holds on to, and what it lets go of.

use async_trait::async_trait;

use super::super::seen::tests::{blank, blank_channel, copy};
use super::*;
use crate::{KeepError, Session};

/// Counts what it is given, and keeps nothing.
#[derive(Default)]
struct Counting(Mutex<Vec<KnownPeer>>);

#[async_trait]
impl Keep for Counting {
    async fn peers(&self, _: AccountId) -> Result<Vec<KnownPeer>, KeepError> {
        Err(KeepError("out of reach".into()))
    }

    async fn keep_peers(&self, _: AccountId, peers: &[KnownPeer]) -> Result<(), KeepError> {
        self.0.lock().unwrap().extend_from_slice(peers);
        Ok(())
    }

    async fn leads(&self, _: AccountId, _: PeerId) -> Result<Vec<String>, KeepError> {
        Ok(Vec::new())
    }

    async fn keep_session(&self, _: AccountId, _: &Session) -> Result<(), KeepError> {
        Ok(())
    }
}

const CHANNEL: PeerId = PeerId(5);
const GROUP: PeerId = PeerId(6);

async fn peers(bot: bool) -> (Peers, Arc<Counting>) {
    let keep = Arc::new(Counting::default());
    (Peers::load(AccountId(1), keep.clone(), bot).await, keep)
}

fn chat(access_hash: i64, min: bool) -> enums::Chat {
    blank_channel(CHANNEL.get(), Some(access_hash), min).into()
}

#[tokio::test]
async fn only_news_is_kept_and_a_hash_outlives_a_min() {
    let (peers, keep) = peers(false).await;
    let places = [copy(7, 40).into()];
    for (chat, kept) in [(chat(1, false), 1), (chat(1, false), 1), (chat(9, true), 1), (chat(2, false), 2)] {
        peers.meet(&[chat], &places).await;
        assert_eq!(keep.0.lock().unwrap().len(), kept);
    }
    let expected = types::InputChannel { channel_id: CHANNEL.get(), access_hash: 2 }.into();
    assert_eq!(peers.address(CHANNEL).unwrap().channel(), expected);
}

#[tokio::test]
async fn a_min_chat_is_addressed_through_the_group_it_was_seen_in() {
    let (peers, _) = peers(false).await;
    peers.meet(&[chat(9, true)], &[copy(7, 40).into()]).await;
    assert!(peers.address(CHANNEL).is_err(), "the group itself is unknown");
    peers.meet(&[blank_channel(GROUP.get(), Some(3), false).into()], &[]).await;
    let enums::InputChannel::FromMessage(seen) = peers.address(CHANNEL).unwrap().channel() else { panic!() };
    assert_eq!((seen.msg_id, seen.channel_id), (7, CHANNEL.get()));
    assert_eq!(seen.peer, types::InputPeerChannel { channel_id: GROUP.get(), access_hash: 3 }.into());
}

#[tokio::test]
async fn a_bot_addresses_what_it_never_met_and_a_person_does_not() {
    let unknown = PeerId(77);
    assert_eq!(peers(false).await.0.address(unknown).err(), Some(TelegramError::PeerInvalid));
    let expected = types::InputChannel { channel_id: 77, access_hash: 0 }.into();
    assert_eq!(peers(true).await.0.address(unknown).unwrap().channel(), expected);
}

#[tokio::test]
async fn the_root_of_an_album_is_its_smallest_copy_and_roots_are_bounded() {
    let (peers, _) = peers(true).await;
    let post = Post { channel: CHANNEL, id: MessageId(40) };
    for copy in [8, 7, 9] {
        peers.note_root(GROUP, MessageId(copy), Some(post));
    }
    peers.note_root(GROUP, MessageId(6), seen::copied(&blank(6, GROUP.get())));
    assert_eq!(peers.root_of(post), Some((GROUP, MessageId(7))));
    assert_eq!(peers.root(GROUP, MessageId(6)), Some(None), "known to be none");
    assert_eq!(peers.group_of(CHANNEL), Some(GROUP));
    for id in 0..2 * i64::try_from(ROOTS).unwrap() {
        peers.note_root(GROUP, MessageId(id), None);
    }
    assert!(peers.book().roots.len() <= ROOTS);
}
