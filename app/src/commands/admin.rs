//! `beseda admin`: who administers the installation. The first administrator cannot be appointed by another one.

use actors::clock::SystemClock;
use domain::access::Scopes;
use domain::time::Clock as _;
use persistence::access::NewToken;
use persistence::outbox::Actor;
use persistence::{Store, StoreError};

use crate::cli::AdminCommand;
use crate::config::Config;
use crate::console;
use crate::error::AppError;

/// Carries out one of the commands about administrators.
pub(crate) async fn run(command: &AdminCommand, config: &Config) -> Result<(), AppError> {
    let at = AppError::at(&config.database.url);
    let store = Store::open(&config.database.to_store()).await.map_err(at)?;
    let AdminCommand::Create { username } = command;
    let token = appoint(&store, username).await;
    store.close().await.map_err(AppError::Admin)?;
    console::say(&format!("{username} administers this installation; the token, shown this once:"))?;
    console::say(&token.map_err(AppError::Admin)?)
}

/// Appoints somebody and makes them a token for everything.
async fn appoint(store: &Store, username: &str) -> Result<String, StoreError> {
    let now = SystemClock.now();
    let user = store.appoint_admin(username, now).await?;
    let token = NewToken {
        user,
        project: None,
        name: "made at the command line".into(),
        scopes: Scopes::ALL,
        expires_at: None,
    };
    let (_, token) = store.create_token(&token, Actor::System, now).await?;
    Ok(token.expose().to_owned())
}
