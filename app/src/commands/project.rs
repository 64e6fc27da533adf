//! `beseda project`: the least that a team needs to begin: a project and its owner.

use actors::clock::SystemClock;
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use domain::disclosure::Label;
use domain::time::Clock as _;
use persistence::Store;
use persistence::setup::{FoundProject, Locale, NewProject, NewUser, Role};

use crate::cli::{NewProjectArgs, ProjectCommand};
use crate::config::Config;
use crate::console;
use crate::error::AppError;

/// Carries out one of the commands about projects.
pub(crate) async fn run(command: &ProjectCommand, config: &Config) -> Result<(), AppError> {
    let at = AppError::at(&config.database.url);
    let store = Store::open(&config.database.to_store()).await.map_err(at)?;
    let done = match command {
        ProjectCommand::Create(args) => create(&store, args).await,
        ProjectCommand::List => list(&store).await,
    };
    store.close().await.map_err(AppError::Project)?;
    done
}

async fn create(store: &Store, args: &NewProjectArgs) -> Result<(), AppError> {
    let now = SystemClock.now();
    let label = Label::new(&args.label).map_err(AppError::Label)?;
    let owner = match store.find_user(&args.owner).await.map_err(AppError::Project)? {
        Some(owner) => owner,
        None => store.create_user(&new_owner(args), now).await.map_err(AppError::Project)?,
    };
    let project = NewProject {
        owner,
        name: args.name.clone(),
        zone: args.timezone,
        approval: args.approval.into(),
        label,
    };
    let id = store.create_project(&project, now).await.map_err(AppError::Project)?;
    console::say(&format!(
        "project {id} \"{}\" of {} is there; it has no accounts yet:",
        args.name, args.owner
    ))?;
    console::say(&format!("  beseda account login --project {}", quoted(&args.name)))
}

async fn list(store: &Store) -> Result<(), AppError> {
    let projects = store.find_projects(None).await.map_err(AppError::Project)?;
    if projects.is_empty() {
        return console::say("no projects yet; `beseda project create NAME --label TEXT` makes one");
    }
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["id", "project", "label"]);
    for project in projects {
        table.add_row([project.id.to_string(), project.name, project.label.as_str().to_owned()]);
    }
    console::say(&table.to_string())
}

/// The first user of an installation is whoever sets it up; there is no other way to become one yet.
fn new_owner(args: &NewProjectArgs) -> NewUser {
    NewUser {
        telegram_id: None,
        username: Some(args.owner.clone()),
        display_name: args.owner.clone(),
        role: Role::Admin,
        locale: Locale::En,
        zone: args.timezone,
    }
}

/// The project that a person named, by its name or by its number.
///
/// # Errors
/// [`AppError::NoProject`] when there is none, [`AppError::ManyProjects`] when the name is not enough.
pub(crate) async fn find(store: &Store, named: &str) -> Result<FoundProject, AppError> {
    let mut found = store.find_projects(Some(named)).await.map_err(AppError::Project)?;
    if found.is_empty()
        && let Ok(id) = named.parse()
    {
        found = store.find_projects(None).await.map_err(AppError::Project)?;
        found.retain(|project| project.id == id);
    }
    if found.len() > 1 {
        return Err(AppError::ManyProjects {
            name: named.to_owned(),
            ids: found.iter().map(|project| project.id).collect(),
        });
    }
    found.pop().ok_or_else(|| AppError::NoProject(named.to_owned()))
}

/// A name as a shell takes it.
fn quoted(name: &str) -> String {
    let plain = name.chars().all(|symbol| symbol.is_alphanumeric() || "-_.".contains(symbol));
    if plain { name.to_owned() } else { format!("'{}'", name.replace('\'', r"'\''")) }
}
