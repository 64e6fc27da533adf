//! `beseda account`: how accounts come in, and how they fare.
//!
//! A login needs no running service: the command has logins of its own, and a service that runs beside it hears of the new
//! account from the database. Nobody but the person at the terminal sees a code, a password or a session.

mod check;
mod export;
mod import;
mod list;
mod login;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use actors::clock::SystemClock;
use actors::{NoCourier, Part, Ports, Records, Settings, System};
use domain::id::{ProjectId, ProxyId};
use domain::login::Welcome;
use persistence::Store;
use telegram::{Logins, Unreached};
use writing::TemplateWriter;

use crate::adapter;
use crate::cli::AccountCommand;
use crate::config::Config;
use crate::error::{AppError, ProxyError};
use crate::store;
use crate::terminal::{Person, Terminal};

/// Carries out one of the commands about accounts.
pub(crate) async fn run(command: &AccountCommand, config: &Config) -> Result<(), AppError> {
    let person = &mut Terminal::default();
    let store = store::open(config).await?;
    let records = Records::of(store.clone());
    let done = match command {
        AccountCommand::Login(args) => {
            let system = logins(&records, adapter::required(config, &records)?).await?;
            let done = login::run(args, &store, &system, person).await;
            system.stop().await?;
            done
        }
        AccountCommand::Import(args) => {
            let system = logins(&records, adapter::required(config, &records)?).await?;
            let done = import::run(args, &store, &system, person).await;
            system.stop().await?;
            done
        }
        AccountCommand::Check { account } => check::run(config, &store, *account).await,
        AccountCommand::Export(args) => export::run(args, &store, person).await,
        AccountCommand::List { project } => list::run(project, &store).await,
    };
    store.close().await.map_err(AppError::Account)?;
    done
}

/// A tree that has logins and nothing else.
async fn logins(records: &Records, logins: Arc<dyn Logins>) -> Result<System, AppError> {
    let ports = Ports {
        telegram: Arc::new(Unreached),
        logins,
        records: records.clone(),
        probes: Arc::new(Unreached),
        writer: Arc::new(TemplateWriter),
        courier: Arc::new(NoCourier),
        clock: Arc::new(SystemClock),
        probe: None,
    };
    Ok(System::start(ports, Settings { part: Part::Logins, ..Settings::default() }).await?)
}

/// The proxy of this name, if one was named.
async fn find_proxy(
    store: &Store,
    project: ProjectId,
    named: Option<&str>,
) -> Result<Option<ProxyId>, AppError> {
    let Some(name) = named else { return Ok(None) };
    let listed = store.list_proxies(project).await.map_err(AppError::Account)?;
    let found = listed.into_iter().find(|proxy| proxy.name == name);
    found.map(|proxy| Some(proxy.id)).ok_or_else(|| ProxyError::Unknown(name.to_owned()).into())
}

/// Tells who came in, and what is still missing before they write.
fn tell_welcome(welcome: &Welcome, person: &mut impl Person) -> Result<(), AppError> {
    let account = welcome.account;
    let what = if welcome.is_new { "is connected" } else { "is back" };
    person.tell(&format!("Account {account} {what}."))?;
    if let Some(label) = &welcome.missing_label {
        person.tell(&format!(
            "It does not write yet: readers must be able to tell what it is. Put this into its profile text (in Telegram: \
             Settings, Edit profile, Bio), among other words if you like:\n\n    {}\n\nIt is looked for once a day, or at \
             once with `beseda account check {account}`.",
            label.as_str()
        ))?;
    }
    Ok(())
}
