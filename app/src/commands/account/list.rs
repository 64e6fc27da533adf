//! `beseda account list`: a project's accounts and how they fare.

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use persistence::Store;
use persistence::health::AccountHealth;

use crate::commands::project;
use crate::console;
use crate::error::AppError;

/// Accounts read at once.
const PAGE: u32 = 500;

/// Prints the accounts of a project.
pub(super) async fn run(named: &str, store: &Store) -> Result<(), AppError> {
    let project = project::find(store, named).await?;
    let mut accounts: Vec<AccountHealth> = Vec::new();
    loop {
        let after = accounts.last().map(|account| account.account);
        let page = store.accounts_health(project.id, after, PAGE).await.map_err(AppError::Account)?;
        let ended = page.len() < PAGE as usize;
        accounts.extend(page);
        if ended {
            break;
        }
    }
    if accounts.is_empty() {
        return console::say("no accounts yet; `beseda account login` connects one");
    }
    console::say(&table(&accounts))
}

fn table(accounts: &[AccountHealth]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["id", "account", "name", "is", "because", "writes"]);
    for account in accounts {
        let writes = if account.kind.is_labelled(account.label_verified_at) {
            "with its label"
        } else {
            "not: its profile lacks the label"
        };
        table.add_row([
            account.account.to_string(),
            account.username.as_ref().map(|name| format!("@{name}")).unwrap_or_default(),
            account.display_name.clone(),
            account.status.name().to_string(),
            account.reason.clone().unwrap_or_default(),
            writes.to_owned(),
        ]);
    }
    table.to_string()
}
