//! `beseda status`: the database, the queue in it and how completely channels are read, as they are now. It needs no running
//! service and changes nothing.

use actors::clock::SystemClock;
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use domain::time::Clock as _;
use persistence::Store;
use persistence::queue::KindDepth;
use persistence::reading::{ChannelReading, ReadingSum};

use crate::commands::channel;
use crate::config::Config;
use crate::console;
use crate::error::AppError;

/// Channels with holes that are shown, at most.
const SHOWN: u32 = 20;

/// Prints the status.
pub(crate) async fn run(config: &Config) -> Result<(), AppError> {
    let url = &config.database.url;
    let opened = Store::open(&config.database.to_store()).await;
    let store = opened.map_err(AppError::at(url))?;
    let depths = store.depths(SystemClock.now()).await.map_err(AppError::Status)?;
    let reading = store.reading_sum().await.map_err(AppError::Status)?;
    let behind = store.channels_behind(SHOWN).await.map_err(AppError::Status)?;
    store.close().await.map_err(AppError::Status)?;
    console::say(&format!("{url} is up to date"))?;
    if depths.is_empty() {
        console::say("no jobs wait, run or have failed")?;
    } else {
        console::say(&table(&depths))?;
    }
    let ReadingSum { watched, lost, gaps, missing } = reading;
    console::say(&format!("channels: {watched} watched, {lost} lost; {gaps} open gaps with {missing} ids"))?;
    if behind.is_empty() { Ok(()) } else { console::say(&holes(&behind)) }
}

fn holes(behind: &[ChannelReading]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header([
        "channel",
        "title",
        "is",
        "open gaps",
        "ids",
        "open since",
        "audited to",
    ]);
    for channel in behind {
        table.add_row([
            channel.channel.to_string(),
            channel.title.clone(),
            channel::is(channel.status).to_owned(),
            channel.gaps.to_string(),
            channel.missing.to_string(),
            channel.open_since.map(|at| at.to_string()).unwrap_or_default(),
            format!("{} of {}", channel.audited_up_to, channel.newest),
        ]);
    }
    table.to_string()
}

fn table(depths: &[KindDepth]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["jobs", "ready", "due", "running", "failed", "oldest due since"]);
    for depth in depths {
        let numbers = [depth.ready, depth.due, depth.running, depth.failed].map(|count| count.to_string());
        let oldest = depth.oldest_due.map(|at| at.to_string()).unwrap_or_default();
        table.add_row([depth.kind.as_str().to_owned()].into_iter().chain(numbers).chain([oldest]));
    }
    table.to_string()
}
