//! `beseda account export`: an account's own session, for the owner of its project. It is written down who took it.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use actors::clock::SystemClock;
use domain::time::Clock as _;
use persistence::Store;
use secrecy::{ExposeSecret as _, SecretString};
use telegram::Session;
use telegram::import;

use crate::cli::ExportArgs;
use crate::commands::project;
use crate::error::AppError;
use crate::terminal::Person;

/// Writes a session into a new file.
pub(super) async fn run(args: &ExportArgs, store: &Store, person: &mut impl Person) -> Result<(), AppError> {
    let project = project::find(store, &args.project).await?;
    let now = SystemClock.now();
    let session = store.export_session(args.account, project.owner, now).await.map_err(AppError::Account)?;
    let session = Session::new(session.expose_secret().to_vec());
    let text = import::to_telethon(&session).map_err(AppError::Session)?;
    keep(&args.out, &text).map_err(|source| AppError::SessionFile { path: args.out.clone(), source })?;
    person.tell(&format!(
        "The session of account {} is in {}, as a Telethon string. It is a key to the whole account, and it must not be used \
         while the account works here: Telegram voids a session that is used in two places.",
        args.account,
        args.out.display()
    ))
}

/// Writes a secret into a new file that only its owner may read.
fn keep(path: &Path, text: &SecretString) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{}", text.expose_secret())?;
    file.sync_all()
}
