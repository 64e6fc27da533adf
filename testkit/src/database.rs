//! A migrated database that lives as long as one test.

use std::sync::atomic::{AtomicU32, Ordering};

use persistence::vault::{Vault, VaultKey};
use persistence::{DatabaseConfig, Durability, Store};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};

/// A fresh, migrated database and the Store that opened it.
pub struct Database {
    store: Store,
    config: DatabaseConfig,
}

impl Database {
    /// Runs a test on a new SQLite file.
    pub fn with_sqlite(test: impl AsyncFnOnce(&Self)) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("test.db").display());
        block_on(async {
            let database = Self::open(url).await;
            test(&database).await;
            database.store.close().await.unwrap();
        });
    }

    /// Runs a test on a new PostgreSQL database, which is dropped afterwards.
    pub fn with_postgres(test: impl AsyncFnOnce(&Self)) {
        let Ok(address) = std::env::var("BESEDA_TEST_POSTGRES") else {
            panic!("BESEDA_TEST_POSTGRES names no PostgreSQL; run `make test`, which starts one");
        };
        block_on(async {
            let server: PgConnectOptions = address.parse().unwrap();
            let mut admin = server.connect().await.unwrap();
            let name = unused_name();
            run(&mut admin, format!("CREATE DATABASE {name}")).await;
            let database = Self::open(server.database(&name).to_url_lossy().to_string()).await;
            test(&database).await;
            database.store.close().await.unwrap();
            run(&mut admin, format!("DROP DATABASE {name} WITH (FORCE)")).await;
            admin.close().await.unwrap();
        });
    }

    /// The Store that migrated it.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// How it is opened.
    #[must_use]
    pub fn config(&self) -> &DatabaseConfig {
        &self.config
    }

    /// Another Store on it, as another process would open it.
    pub async fn open_again(&self) -> Store {
        Store::open(&self.config).await.unwrap().unlock(Some(Self::vault())).await.unwrap()
    }

    /// What its secrets are sealed with.
    #[must_use]
    pub fn vault() -> Vault {
        Vault::new(vec![VaultKey::from_bytes([7; 32])]).unwrap()
    }

    async fn open(url: String) -> Self {
        let config = DatabaseConfig { url, durability: Durability::Process, max_connections: 4 };
        let store = Store::connect(&config).await.unwrap();
        store.migrate().await.unwrap();
        let store = store.unlock(Some(Self::vault())).await.unwrap();
        Self { store, config }
    }
}

/// Tests want real threads: what races in the product must race here.
fn block_on(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(test);
}

fn unused_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("beseda_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

async fn run(admin: &mut PgConnection, text: String) {
    admin.execute(AssertSqlSafe(text)).await.unwrap();
}
