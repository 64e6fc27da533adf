//! The chats that an account met.

use domain::id::{AccountId, MessageId, PeerId};
use persistence::setup::NewChannel;
use persistence::{PeerAccess, PeerKind, PeerRow};
use testkit::{Scene, Sketch};

fn peer(id: i64, kind: PeerKind, access: PeerAccess) -> PeerRow {
    PeerRow { kind, id: PeerId(id), access, username: Some(format!("chat_{id}")) }
}

testkit::on_every_database! {
    async fn a_chat_is_kept_for_the_account_that_met_it_with_its_hash_or_its_context(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch { accounts: 2, ..Sketch::default() }).await.unwrap();
        let (one, two) = (scene.accounts[0], scene.accounts[1]);
        let seen_in = PeerAccess::SeenIn { chat: PeerId(1), message: MessageId(77) };
        let met = [
            peer(1, PeerKind::Channel, PeerAccess::Hash(i64::MIN)),
            peer(2, PeerKind::Group, PeerAccess::Hash(i64::MAX)),
            peer(2, PeerKind::User, seen_in),
        ];
        store.keep_peers(one, &met).await.unwrap();
        store.keep_peers(one, &[]).await.unwrap();
        assert_eq!(store.peers_of(one).await.unwrap(), met);
        assert_eq!(store.peers_of(two).await.unwrap(), []);
        let better = PeerRow { username: None, ..peer(2, PeerKind::User, PeerAccess::Hash(5)) };
        store.keep_peers(one, &[met[2].clone(), better.clone()]).await.unwrap();
        assert_eq!(store.peers_of(one).await.unwrap(), [met[0].clone(), met[1].clone(), better]);
        assert!(!format!("{:?}", met[1]).contains(&i64::MAX.to_string()));
    }

    async fn a_chat_that_was_never_met_is_found_by_the_usernames_of_the_accounts_own_project(db: &Database) {
        let store = db.store();
        let ours = Scene::new(store, &Sketch::default()).await.unwrap();
        let theirs = Scene::new(store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        let channel = NewChannel {
            telegram_id: PeerId(4001),
            username: Some("spring".to_owned()),
            title: "Spring".to_owned(),
            about: String::new(),
            discussion: Some(PeerId(4002)),
            newest: MessageId(0),
            members: None,
        };
        store.create_channels(ours.project, &[channel], ours.now).await.unwrap();
        for chat in [4001, 4002].map(PeerId) {
            assert_eq!(store.leads_to(ours.accounts[0], chat).await.unwrap(), ["spring"]);
            assert!(store.leads_to(theirs.accounts[0], chat).await.unwrap().is_empty(), "another project's");
        }
        assert!(store.leads_to(ours.accounts[0], PeerId(4003)).await.unwrap().is_empty());
    }

    async fn an_account_that_is_gone_keeps_no_chats_and_harms_nobody(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let met = [peer(1, PeerKind::Channel, PeerAccess::Hash(1))];
        store.keep_peers(AccountId(99), &met).await.unwrap();
        store.keep_peers(scene.accounts[0], &met).await.unwrap();
        assert_eq!(store.peers_of(AccountId(99)).await.unwrap(), []);
        assert_eq!(store.peers_of(scene.accounts[0]).await.unwrap(), met);
    }
}
