//! `beseda serve`: the tree and the gateway, until somebody asks to stop.
//!
//! What can fail for the operator's reasons comes first: the database is opened and the address bound before the tree
//! starts, so a wrong address never leaves half a product running. On the way down the gateway closes first, then the tree
//! drains, then the database is closed.

use std::sync::Arc;
use std::time::Duration;

use actors::clock::SystemClock;
use actors::{Ports, Records, Settings, System};
use domain::seed::Seed;
use domain::time::Clock as _;
use http::{Gateway, HttpCourier, Listener};
use persistence::Store;
use rand::TryRng as _;
use telegram::{Logins, Telegram, Unreached};
use writing::TemplateWriter;

use crate::adapter;
use crate::config::Config;
use crate::console;
use crate::error::AppError;
use crate::signals::Signals;
use crate::store;

/// Runs until SIGINT or SIGTERM.
pub(crate) async fn run(config: &Config) -> Result<(), AppError> {
    let mut signals = Signals::listen()?;
    let store = store::open(config).await?;
    if let Some(username) = &config.admin.username {
        store.appoint_admin(username, SystemClock.now()).await.map_err(AppError::Admin)?;
    }
    let listener = Listener::bind(config.http.listen).await?;
    let address = listener.address();
    let system = System::start(ports(config, &store)?, settings(config)?).await?;
    console::say(&format!("the gateway is at http://{address}, its description at http://{address}/docs"))?;

    let gateway = Gateway::new(store.clone(), system.clone()).with_settings(config.gateway());
    let served = listener.serve(gateway, signals.stop_asked()).await;
    let stopped = system.stop().await;
    served?;
    tracing::info!(given_back = stopped?.given_back, "stopped");
    store.close().await.map_err(AppError::at(&config.database.url))
}

fn ports(config: &Config, store: &Store) -> Result<Ports, AppError> {
    let records = Records::of(store.clone());
    let adapter = adapter::configured(config, &records)?;
    let (telegram, logins): (Arc<dyn Telegram>, Arc<dyn Logins>) = match adapter {
        Some(grammers) => (grammers.clone(), grammers),
        None => {
            tracing::warn!("telegram.api_id and telegram.api_hash are not configured: no account connects");
            (Arc::new(Unreached), Arc::new(Unreached))
        }
    };
    Ok(Ports {
        records,
        telegram,
        logins,
        probes: Arc::new(adapter::prober(config)),
        writer: Arc::new(TemplateWriter),
        courier: Arc::new(HttpCourier::new(config.webhooks.reach)?),
        clock: Arc::new(SystemClock),
        probe: None,
    })
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
