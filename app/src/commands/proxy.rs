//! `beseda proxy`: a project's proxies, and which account goes through which.
//!
//! Everything here is done to the database and needs no running service; one that runs takes it in: it finds new proxies
//! within half an hour, and an account goes its new way when it connects the next time. A password is never an argument.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use actors::clock::SystemClock;
use actors::{ProxyReport, look_at_proxies};
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use domain::proxy::{AddressError, BadLine, BadList, Listed, ProxyAddress, parse_list};
use domain::time::Clock as _;
use persistence::Store;
use persistence::outbox::Actor;
use persistence::proxies::{ListedProxy, NewProxy, Way};
use persistence::setup::FoundProject;
use telegram::Probes;

use crate::cli::{AddProxyArgs, AssignProxyArgs, ProxyCommand};
use crate::commands::project;
use crate::config::Config;
use crate::console;
use crate::error::{AppError, ProxyError};
use crate::terminal::{Person as _, Terminal};
use crate::{adapter, store};

/// Carries out one of the commands about proxies.
pub(crate) async fn run(command: &ProxyCommand, config: &Config) -> Result<(), AppError> {
    let store = store::open(config).await?;
    let desk = Desk { project: project::find(&store, command.project()).await?, store };
    let done = match command {
        ProxyCommand::Add(args) => desk.add(args).await,
        ProxyCommand::Import { file, .. } => desk.import(file).await,
        ProxyCommand::List { .. } => desk.list().await,
        ProxyCommand::Check { names, .. } => desk.check(names, Arc::new(adapter::prober(config))).await,
        ProxyCommand::Assign(args) => desk.assign(args).await,
        ProxyCommand::Remove { name, .. } => desk.remove(name).await,
    };
    desk.store.close().await.map_err(ProxyError::Store)?;
    done
}

/// One project in the database.
struct Desk {
    store: Store,
    project: FoundProject,
}

impl Desk {
    async fn add(&self, args: &AddProxyArgs) -> Result<(), AppError> {
        let mut address: ProxyAddress = args.address.parse().map_err(ProxyError::Address)?;
        if address.credentials.is_some() {
            return Err(ProxyError::PasswordShown.into());
        }
        if let Some(user) = &args.user {
            let password =
                Terminal::default().ask_secret(&format!("password of {user} at {address}: ")).await?;
            address = address.entered_by(user.clone(), password).map_err(ProxyError::Address)?;
        }
        if knows(&self.listed().await?, &address) {
            return Err(ProxyError::Address(AddressError::Known).into());
        }
        let name = args.name.clone().unwrap_or_else(|| address.to_string());
        self.create(&[NewProxy { name: Some(name.clone()), address }]).await?;
        console::say(&format!("{name} is added; `beseda proxy check` tells whether it works"))
    }

    /// Takes a whole list or nothing of it.
    async fn import(&self, file: &Path) -> Result<(), AppError> {
        let listed = parse_list(&read(file)?).map_err(ProxyError::List)?;
        let known = self.listed().await?;
        let again: Vec<_> = listed
            .iter()
            .filter(|Listed { address, .. }| knows(&known, address))
            .map(|Listed { line, .. }| BadLine { line: *line, error: AddressError::Known })
            .collect();
        if !again.is_empty() {
            return Err(ProxyError::List(BadList(again)).into());
        }
        let new: Vec<_> =
            listed.into_iter().map(|Listed { address, .. }| NewProxy { name: None, address }).collect();
        self.create(&new).await?;
        console::say(&format!(
            "{} proxies are added; `beseda proxy check` tells which of them work",
            new.len()
        ))
    }

    async fn list(&self) -> Result<(), AppError> {
        let proxies = self.listed().await?;
        if proxies.is_empty() {
            return console::say("no proxies yet; `beseda proxy add` and `beseda proxy import` add some");
        }
        let mut table = Table::new();
        let head = ["proxy", "address", "is", "ms", "failures", "accounts", "looked at", "because"];
        table.load_style(NOTHING).set_header(head);
        for proxy in proxies {
            table.add_row([
                proxy.name,
                proxy.address,
                proxy.health.status.as_str().to_owned(),
                proxy.latency.map(|latency| latency.as_millis().to_string()).unwrap_or_default(),
                proxy.health.failures.to_string(),
                proxy.accounts.to_string(),
                proxy.last_check_at.map(|at| at.to_string()).unwrap_or_default(),
                proxy.last_error.unwrap_or_default(),
            ]);
        }
        console::say(&table.to_string())
    }

    /// Looks at the proxies of these names, or at all, and fails unless every one of them leads to Telegram.
    async fn check(&self, names: &[String], probes: Arc<dyn Probes>) -> Result<(), AppError> {
        let mut proxies =
            self.store.proxies_to_probe(Some(self.project.id)).await.map_err(ProxyError::Store)?;
        if let Some(unknown) = names.iter().find(|name| proxies.iter().all(|proxy| proxy.name != **name)) {
            return Err(ProxyError::Unknown(unknown.clone()).into());
        }
        proxies.retain(|proxy| names.is_empty() || names.contains(&proxy.name));
        let reports = look_at_proxies(&self.store, &probes, &Arc::new(SystemClock), proxies).await?;
        console::say(&results(&reports))?;
        match reports.iter().filter(|report| report.answer.is_err()).count() {
            0 => Ok(()),
            failed => Err(ProxyError::Fail { failed, of: reports.len() }.into()),
        }
    }

    async fn assign(&self, args: &AssignProxyArgs) -> Result<(), AppError> {
        let way = match &args.proxy {
            Some(name) => Way::Through(name),
            None if args.direct => Way::Direct,
            None => Way::AnyProxy,
        };
        let sent =
            self.store.send_account(self.project.id, args.account, way, self.owner(), SystemClock.now());
        let proxy = sent.await.map_err(ProxyError::Store)?;
        let name = self.listed().await?.into_iter().find(|listed| Some(listed.id) == proxy);
        let way = name.map_or_else(|| "straight".to_owned(), |listed| format!("through {}", listed.name));
        console::say(&format!("account {} goes {way} when it connects the next time", args.account))
    }

    async fn remove(&self, name: &str) -> Result<(), AppError> {
        let removed = self.store.delete_proxy(self.project.id, name, self.owner(), SystemClock.now());
        removed.await.map_err(ProxyError::Store)?;
        console::say(&format!("{name} is removed"))
    }

    async fn listed(&self) -> Result<Vec<ListedProxy>, AppError> {
        Ok(self.store.list_proxies(self.project.id).await.map_err(ProxyError::Store)?)
    }

    async fn create(&self, new: &[NewProxy]) -> Result<(), AppError> {
        let created = self.store.create_proxies(self.project.id, new, self.owner(), SystemClock.now());
        created.await.map(drop).map_err(|error| ProxyError::Store(error).into())
    }

    /// Whoever has the configuration acts for the project's owner.
    fn owner(&self) -> Actor {
        Actor::User(self.project.owner)
    }
}

fn knows(known: &[ListedProxy], address: &ProxyAddress) -> bool {
    let address = address.to_string();
    known.iter().any(|proxy| proxy.address == address)
}

/// Reads a list from a file, or from standard input if it is named `-`.
fn read(file: &Path) -> Result<String, ProxyError> {
    let mut text = String::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(file).map(|read| text = read)
    };
    read.map_err(|source| ProxyError::File { path: file.to_owned(), source })?;
    Ok(text)
}

fn results(reports: &[ProxyReport]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["proxy", "is", "ms", "because"]);
    for ProxyReport { name, answer, health, .. } in reports {
        let (latency, error) = match answer {
            Ok(latency) => (latency.as_millis().to_string(), String::new()),
            Err(error) => (String::new(), error.clone()),
        };
        table.add_row([name.clone(), health.status.as_str().to_owned(), latency, error]);
    }
    table.to_string()
}
