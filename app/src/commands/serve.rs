//! `beseda serve`: the tree and the gateway, until somebody asks to stop.
//!
//! What can fail for the operator's reasons comes first: the database is opened and the address bound before the tree
//! starts, so a wrong address never leaves half a product running. On the way down the gateway closes first, then the tree
//! drains, then the database is closed.

use std::sync::Arc;
use std::time::Duration;

use actors::clock::SystemClock;
use actors::{Ports, Settings, System};
use async_trait::async_trait;
use domain::id::AccountId;
use domain::seed::Seed;
use http::{Gateway, Listener};
use persistence::Store;
use rand::TryRng as _;
use telegram::proxy::Prober;
use telegram::{Connection, Route, Session, Telegram, TelegramError};
use writing::TemplateWriter;

use crate::config::Config;
use crate::console;
use crate::error::AppError;
use crate::signals::Signals;
use crate::store;

/// Runs until SIGINT or SIGTERM.
pub(crate) async fn run(config: &Config) -> Result<(), AppError> {
    let mut signals = Signals::listen()?;
    let store = store::open(config).await?;
    let listener = Listener::bind(config.http.listen).await?;
    let address = listener.address();
    let system = System::start(ports(&store), settings(config)?).await?;
    console::say(&format!("the gateway is at http://{address}, its description at http://{address}/docs"))?;

    let gateway = Gateway { store: store.clone(), system: system.clone() };
    let served = listener.serve(gateway, signals.stop_asked()).await;
    let stopped = system.stop().await;
    served?;
    tracing::info!(given_back = stopped?.given_back, "stopped");
    store.close().await.map_err(AppError::at(&config.database.url))
}

fn ports(store: &Store) -> Ports {
    Ports {
        store: store.clone(),
        telegram: Arc::new(Unreached),
        probes: Arc::new(Prober::new(Arc::new(SystemClock))),
        writer: Arc::new(TemplateWriter),
        clock: Arc::new(SystemClock),
        probe: None,
    }
}

fn settings(config: &Config) -> Result<Settings, AppError> {
    let days = |days: u32| Duration::from_secs(u64::from(days) * 24 * 60 * 60);
    // What follows from the seed and must stay (a random_id) is stored, so each run may have its own; one that is the same
    // everywhere would give two installations the same random_ids.
    let seed = rand::rngs::SysRng.try_next_u64().map_err(AppError::Randomness)?;
    Ok(Settings {
        node: config.node.name.clone(),
        seed: Seed(seed),
        retention: days(config.retention.days),
        readers_text_retention: days(config.retention.readers_text_days),
        ..Settings::default()
    })
}

/// There is no adapter to Telegram's own servers yet: every account finds itself disconnected, and its work waits for it.
struct Unreached;

#[async_trait]
impl Telegram for Unreached {
    async fn connect(
        &self,
        _: AccountId,
        _: &Session,
        _: &Route,
    ) -> Result<Box<dyn Connection>, TelegramError> {
        Err(TelegramError::Disconnected)
    }
}
