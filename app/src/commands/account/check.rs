//! `beseda account check`: looks at an account now, instead of once a day.

use actors::{Client, Errand};
use domain::account::WayBack;
use domain::id::AccountId;
use persistence::Store;

use crate::commands::errand;
use crate::config::Config;
use crate::console;
use crate::error::AppError;

/// Looks at an account, and tells how it fares and what leads it back.
pub(super) async fn run(config: &Config, store: &Store, account: AccountId) -> Result<(), AppError> {
    let known = store.account_health(account).await.map_err(AppError::Account)?;
    if known.status.connects() {
        let owner = store.find_projects(None).await.map_err(AppError::Project)?;
        let owner = owner.into_iter().find(|project| project.id == known.project);
        let owner = owner.ok_or_else(|| AppError::NoProject(known.project.to_string()))?;
        let client = Client { project: owner.id, user: owner.owner };
        errand::run(config, store, client, &Errand::CheckAccount { account }).await?;
    }
    let health = store.account_health(account).await.map_err(AppError::Account)?;
    let since = health.since.map(|since| format!(" since {since}")).unwrap_or_default();
    let reason = health.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    console::say(&format!("account {account} is {}{since}{reason}", health.status.name()))?;
    match health.status.way_back() {
        WayBack::None if health.kind.is_labelled(health.label_verified_at) => console::say("it writes"),
        WayBack::None => console::say(&format!(
            "it does not write: put this into its profile text, then look again:\n  {}",
            health.label.as_str()
        )),
        WayBack::Wait { until } => console::say(&format!("it goes on by itself at {until}")),
        WayBack::LogIn => console::say(&format!(
            "its owner logs it in again: beseda account login --again {account} --project {}",
            known.project
        )),
        WayBack::AskTelegram => console::say(
            "Telegram bars it from writing; its owner asks @SpamBot in Telegram what can be done",
        ),
        WayBack::Resume => console::say("a person stopped it, and a person lets it go on"),
        WayBack::Gone => console::say("the account no longer exists"),
    }
}
