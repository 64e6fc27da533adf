//! How a command gets an answer that only Telegram has: from the service that runs beside it, or on a visit of its own.
//!
//! An account has one connection. Where a service holds the accounts, the question is left in the database and the service's
//! answer waited for; where none does, the command holds and connects them for as long as it takes.

use std::sync::Arc;
use std::time::Duration;

use actors::clock::SystemClock;
use actors::{Client, Errand, Outcome, Records, Visit};
use domain::time::Clock as _;
use persistence::Store;
use persistence::errands::ERRAND_LASTS;
use telegram::{Telegram, Unreached};

use crate::adapter;
use crate::commands::project;
use crate::config::Config;
use crate::error::AppError;

/// How often the answer is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Runs an errand for a project's owner.
pub(super) async fn run(
    config: &Config,
    store: &Store,
    client: Client,
    errand: &Errand,
) -> Result<Outcome, AppError> {
    let records = Records::of(store.clone());
    let adapter = adapter::configured(config, &records)?;
    let reached = adapter.is_some();
    let telegram: Arc<dyn Telegram> = match adapter {
        Some(adapter) => adapter,
        None => Arc::new(Unreached),
    };
    let visit = Visit::begin(records, telegram, Arc::new(SystemClock), client.project).await;
    let Some(visit) = visit.map_err(AppError::Channel)? else { return ask(store, client, errand).await };
    let outcome = if reached {
        visit.run(client, errand).await.map_err(AppError::Errand)
    } else {
        Err(AppError::NoTelegram)
    };
    visit.end().await.map_err(AppError::Channel)?;
    outcome
}

/// For whom a command is run: whoever has the database speaks for the project's owner.
pub(super) async fn client(store: &Store, named: &str) -> Result<Client, AppError> {
    let project = project::find(store, named).await?;
    Ok(Client { project: project.id, user: project.owner })
}

/// Leaves the question to the service, and waits for the answer.
async fn ask(store: &Store, client: Client, errand: &Errand) -> Result<Outcome, AppError> {
    let question = serde_json::to_string(errand).map_err(AppError::Report)?;
    let left = store.leave_errand(client.project, client.user, &question, SystemClock.now()).await;
    let left = left.map_err(AppError::Channel)?;
    let mut waited = Duration::ZERO;
    while waited < ERRAND_LASTS {
        tokio::time::sleep(LOOK_EVERY).await;
        waited += LOOK_EVERY;
        if let Some(answer) = store.fetch_answer(left).await.map_err(AppError::Channel)? {
            let answer: Result<Outcome, String> = serde_json::from_str(&answer).map_err(AppError::Report)?;
            return answer.map_err(AppError::Told);
        }
    }
    Err(AppError::Unanswered)
}
