//! Databases that cannot be opened or written: each has an error of its own, and nothing panics.

use persistence::{DatabaseConfig, Durability, Store, StoreError};
use testkit::{Scene, Sketch};

fn config(url: String) -> DatabaseConfig {
    DatabaseConfig { url, durability: Durability::Power, max_connections: 2 }
}

#[tokio::test]
async fn a_database_that_was_never_migrated_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(format!("sqlite://{}?mode=rwc", folder.path().join("new.db").display()));
    match Store::open(&config).await {
        Err(StoreError::NotMigrated { missing }) => assert!(missing.len() >= 8),
        other => panic!("{other:?}"),
    }
    Store::connect(&config).await.unwrap().migrate().await.unwrap();
    Store::open(&config).await.unwrap();
}

#[tokio::test]
async fn a_file_that_may_not_be_written_is_read_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kept.db");
    let store = Store::connect(&config(format!("sqlite://{}?mode=rwc", path.display()))).await.unwrap();
    store.migrate().await.unwrap();
    store.close().await.unwrap();
    let refused = async {
        let store = Store::connect(&config(format!("sqlite://{}?mode=ro", path.display()))).await?;
        Scene::new(&store, &Sketch::default()).await
    };
    assert!(matches!(refused.await, Err(StoreError::ReadOnly { .. })));
}

#[tokio::test]
async fn a_file_that_does_not_exist_cannot_be_reached() {
    let folder = tempfile::tempdir().unwrap();
    let missing = config(format!("sqlite://{}?mode=rw", folder.path().join("none.db").display()));
    assert!(matches!(Store::open(&missing).await, Err(StoreError::Unreachable { .. })));
}

#[tokio::test]
async fn a_server_that_does_not_answer_cannot_be_reached() {
    let silent = config("postgres://nobody:secret@127.0.0.1:1/none".to_owned());
    let refused = Store::open(&silent).await.unwrap_err();
    assert!(matches!(refused, StoreError::Unreachable { .. }), "{refused:?}");
    assert!(!format!("{silent:?} {refused:?} {refused}").contains("secret"));
}
