//! `beseda account import`: one session, brought by a person who confirms that the account is theirs or their team's.

use actors::{ImportSession, System};
use persistence::Store;
use secrecy::SecretString;
use telegram::Session;
use telegram::import::{self, ImportError};

use super::{find_proxy, tell_welcome};
use crate::cli::{ImportArgs, SessionFormat};
use crate::commands::project;
use crate::error::AppError;
use crate::terminal::Person;

/// What the person types who confirms.
const YES: &str = "yes";

/// Imports a session.
pub(super) async fn run(
    args: &ImportArgs,
    store: &Store,
    system: &System,
    person: &mut impl Person,
) -> Result<(), AppError> {
    let project = project::find(store, &args.project).await?;
    confirm(person).await?;
    let session = read(args, person).await?;
    let import = ImportSession {
        project: project.id,
        confirmed_by: project.owner,
        session,
        for_account: args.again,
        proxy: find_proxy(store, project.id, args.proxy.as_deref()).await?,
    };
    let welcome = system.import_session(import).await?;
    tell_welcome(&welcome, person)
}

async fn confirm(person: &mut impl Person) -> Result<(), AppError> {
    person.tell(
        "A session is a key to the whole account. Import only one of an account that is your own or your team's, and stop \
         using it anywhere else: Telegram voids a session that is used in two places.",
    )?;
    let answer = person
        .ask("Is this account your own or your team's, and is the session used nowhere else? (yes/no) ");
    if answer.await?.eq_ignore_ascii_case(YES) { Ok(()) } else { Err(AppError::NotConfirmed) }
}

async fn read(args: &ImportArgs, person: &mut impl Person) -> Result<Session, AppError> {
    let refused = |source: ImportError| AppError::Session(source);
    match (args.format, &args.file) {
        (SessionFormat::Grammers, Some(path)) => import::grammers_file(path).await.map_err(refused),
        (SessionFormat::Grammers, None) => Err(AppError::NoTerminal),
        (SessionFormat::Telethon, file) => {
            import::telethon(&text(file.as_deref(), person).await?).map_err(refused)
        }
        (SessionFormat::Pyrogram, file) => {
            import::pyrogram(&text(file.as_deref(), person).await?).map_err(refused)
        }
    }
}

/// The string of a session: from a file, or from the person.
async fn text(file: Option<&std::path::Path>, person: &mut impl Person) -> Result<SecretString, AppError> {
    match file {
        Some(path) => {
            let read = std::fs::read_to_string(path);
            let text = read.map_err(|source| AppError::SessionFile { path: path.to_owned(), source })?;
            Ok(text.trim().into())
        }
        None => person.ask_secret("The session's string (not shown): ").await,
    }
}
