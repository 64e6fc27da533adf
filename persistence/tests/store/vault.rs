//! The vault in a database: nothing stands there in the clear, nothing opens elsewhere, and keys come and go.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use domain::id::AccountId;
use persistence::start::KeptSession;
use persistence::vault::{KeyId, Sealing, Vault, VaultKey};
use persistence::{Store, StoreError, VaultError};
use sea_orm::{ConnectionTrait as _, Database as Connector, DatabaseConnection, Statement};
use secrecy::{ExposeSecret as _, SecretSlice};
use testkit::{Database, Scene, Sketch};

fn session_of(account: AccountId) -> SecretSlice<u8> {
    format!("the session of account {account}").into_bytes().into()
}

/// A scene of so many accounts that are logged in.
async fn logged_in(store: &Store, accounts: i64) -> Scene {
    let scene = Scene::new(store, &Sketch { accounts, ..Sketch::default() }).await.unwrap();
    for account in &scene.accounts {
        store.keep_session(*account, &session_of(*account)).await.unwrap();
    }
    scene
}

async fn read_session(store: &Store, account: AccountId) -> Result<Option<SecretSlice<u8>>, StoreError> {
    Ok(store.account_to_run(account).await?.unwrap().session.opened())
}

async fn raw(db: &Database) -> DatabaseConnection {
    Connector::connect(db.config().url.as_str()).await.unwrap()
}

/// What stands in the database where the sessions are.
async fn sealed_sessions(db: &Database) -> Vec<Vec<u8>> {
    let raw = raw(db).await;
    let every = "SELECT session_sealed FROM accounts ORDER BY id";
    let rows = raw.query_all_raw(Statement::from_string(raw.get_database_backend(), every)).await.unwrap();
    rows.iter().map(|row| row.try_get_by("session_sealed").unwrap()).collect()
}

async fn assert_all_open(store: &Store, scene: &Scene) {
    for account in &scene.accounts {
        let session = read_session(store, *account).await.unwrap().unwrap();
        assert_eq!(session.expose_secret(), session_of(*account).expose_secret(), "account {account}");
    }
}

async fn unlock(db: &Database, keys: &[VaultKey]) -> Result<Store, StoreError> {
    Store::open(db.config()).await.unwrap().unlock(Vault::new(keys.to_vec())).await
}

fn refused(answer: &Result<impl Sized, StoreError>) -> Option<&VaultError> {
    match answer {
        Err(StoreError::Vault { source, .. }) => Some(source),
        _ => None,
    }
}

fn old_key() -> VaultKey {
    VaultKey::from_bytes([7; 32])
}

fn new_key() -> VaultKey {
    VaultKey::from_bytes([8; 32])
}

/// Polls a future at most `polls` times, then drops it: what it had begun is broken off there, as if its process had died.
async fn break_off<T>(polls: u32, future: impl Future<Output = T>) -> Option<T> {
    let (mut future, mut left) = (pin!(future), polls);
    std::future::poll_fn(move |cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

testkit::on_every_database! {
    async fn a_session_stands_sealed_in_the_database_and_comes_back_as_it_was(db: &Database) {
        let store = db.store();
        let scene = logged_in(store, 3).await;
        assert_all_open(store, &scene).await;
        assert_all_open(&db.open_again().await, &scene).await;
        let sealed = sealed_sessions(db).await;
        assert_eq!(sealed.len(), 3);
        for bytes in sealed {
            assert!(!bytes.windows(7).any(|window| window == b"session"), "{bytes:?}");
        }
        let shown = format!("{:?}", store.account_to_run(scene.accounts[0]).await.unwrap());
        assert!(!shown.contains("the session of"), "{shown}");
        let gone = store.keep_session(AccountId(99), &session_of(AccountId(99))).await;
        assert!(matches!(gone, Err(StoreError::NotFound { what: "account", .. })), "{gone:?}");
    }

    async fn many_sessions_kept_at_once_are_each_their_accounts_own(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch { accounts: 200, ..Sketch::default() }).await.unwrap();
        let kept = scene.accounts.iter().map(|account| {
            let (store, account) = (store.clone(), *account);
            testkit::tokio::spawn(async move { store.keep_session(account, &session_of(account)).await })
        });
        for kept in kept.collect::<Vec<_>>() {
            kept.await.unwrap().unwrap();
        }
        assert_all_open(store, &scene).await;
    }

    async fn a_sealed_session_moved_to_another_account_does_not_open(db: &Database) {
        let store = db.store();
        let scene = logged_in(store, 2).await;
        let (first, second) = (scene.accounts[0], scene.accounts[1]);
        let moving = format!(
            "UPDATE accounts SET session_sealed = (SELECT session_sealed FROM accounts WHERE id = {first}) WHERE id = {second}"
        );
        raw(db).await.execute_unprepared(&moving).await.unwrap();
        let moved = store.account_to_run(second).await.unwrap().unwrap().session;
        assert!(matches!(moved, KeptSession::Spoilt), "{moved:?}");
        let exported = store.export_session(second, scene.user, scene.now).await;
        assert!(matches!(refused(&exported), Some(VaultError::Damaged)), "{exported:?}");
        assert!(read_session(store, first).await.unwrap().is_some(), "the others are as they were");
        store.keep_session(second, &session_of(second)).await.unwrap();
        assert_all_open(store, &scene).await;
    }

    async fn a_missing_or_wrong_key_is_told_when_the_vault_is_opened(db: &Database) {
        let scene = logged_in(db.store(), 1).await;
        let missing = unlock(db, &[]).await;
        assert!(matches!(refused(&missing), Some(VaultError::Missing)), "{missing:?}");
        let wrong = unlock(db, &[new_key()]).await;
        assert!(matches!(refused(&wrong), Some(VaultError::Foreign { needed }) if *needed == old_key().id()), "{wrong:?}");
        let several = unlock(db, &[new_key(), old_key()]).await.unwrap();
        assert_all_open(&several, &scene).await;
    }

    async fn without_a_key_everything_works_but_secrets(db: &Database) {
        let scene = Scene::new(db.store(), &Sketch::default()).await.unwrap();
        let account = scene.accounts[0];
        let locked = unlock(db, &[]).await.unwrap();
        assert!(locked.account_to_run(account).await.unwrap().unwrap().session.is_none());
        let kept = locked.keep_session(account, &session_of(account)).await;
        assert!(matches!(refused(&kept), Some(VaultError::Missing)), "{kept:?}");
        db.store().keep_session(account, &session_of(account)).await.unwrap();
        let read = read_session(&Store::open(db.config()).await.unwrap(), account).await;
        assert!(matches!(refused(&read), Some(VaultError::Missing)), "{read:?}");
    }

    async fn a_rotation_broken_off_anywhere_loses_nothing_and_ends_when_it_is_done_again(db: &Database) {
        let scene = logged_in(db.store(), 500).await;
        let both = unlock(db, &[old_key(), new_key()]).await.unwrap();
        let (mut interrupted, mut keys_seen) = (0, 1);
        for polls in 0.. {
            if let Some(rotated) = break_off(polls, both.rotate(new_key().id(), scene.now)).await {
                rotated.unwrap();
                break;
            }
            interrupted += 1;
            keys_seen = keys_seen.max(both.sealing().await.unwrap().values.len());
            let account = scene.accounts[interrupted * 7 % scene.accounts.len()];
            let session = read_session(&both, account).await.unwrap().unwrap();
            assert_eq!(session.expose_secret(), session_of(account).expose_secret());
            both.keep_session(account, &session).await.unwrap();
        }
        assert!(interrupted > 4 && keys_seen == 2, "broken off {interrupted} times, {keys_seen} keys at once");
        assert_all_open(&unlock(db, &[new_key()]).await.unwrap(), &scene).await;
        let done = Sealing { key: Some(new_key().id()), values: vec![(new_key().id(), 500)] };
        assert_eq!(both.sealing().await.unwrap(), done);
        assert_eq!(both.rotate(new_key().id(), scene.now).await.unwrap().values, 0, "once more is nothing");
        let old = unlock(db, &[old_key()]).await;
        assert!(matches!(refused(&old), Some(VaultError::Foreign { needed }) if *needed == new_key().id()), "{old:?}");
    }

    async fn who_has_the_old_key_alone_writes_nothing_once_a_rotation_began(db: &Database) {
        let old = db.store();
        let scene = logged_in(old, 2).await;
        let both = unlock(db, &[old_key(), new_key()]).await.unwrap();
        both.rotate(new_key().id(), scene.now).await.unwrap();
        let account = scene.accounts[0];
        let written = old.keep_session(account, &session_of(account)).await;
        assert!(matches!(refused(&written), Some(VaultError::Foreign { .. })), "{written:?}");
        let read = read_session(old, account).await;
        assert!(matches!(refused(&read), Some(VaultError::Foreign { .. })), "{read:?}");
        both.keep_session(account, &session_of(account)).await.unwrap();
        assert_all_open(&both, &scene).await;
    }

    async fn a_rotation_needs_every_key_that_is_in_use(db: &Database) {
        let scene = logged_in(db.store(), 1).await;
        let target: KeyId = new_key().id();
        let rotated = db.store().rotate(target, scene.now).await;
        assert!(matches!(refused(&rotated), Some(VaultError::Foreign { needed }) if *needed == target), "{rotated:?}");
        assert_eq!(db.store().sealing().await.unwrap().key, Some(old_key().id()), "nothing was begun");
        assert_all_open(db.store(), &scene).await;
    }

    async fn a_lost_key_is_forgotten_together_with_what_it_sealed(db: &Database) {
        let scene = logged_in(db.store(), 2).await;
        let locked = Store::open(db.config()).await.unwrap();
        assert_eq!(locked.forget_secrets(scene.now).await.unwrap(), 2);
        let anew = unlock(db, &[new_key()]).await.unwrap();
        assert!(read_session(&anew, scene.accounts[0]).await.unwrap().is_none());
        anew.keep_session(scene.accounts[0], &session_of(scene.accounts[0])).await.unwrap();
        assert_eq!(anew.sealing().await.unwrap().values, [(new_key().id(), 1)]);
    }
}
