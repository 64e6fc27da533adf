//! What ends a command, each in one line for the person who typed it.
//!
//! The line is the error and its chain of causes; [`AppError::exit_code`] tells a script whether the command was asked for
//! in a wrong way (2) or went wrong (1).

use std::path::PathBuf;
use std::process::ExitCode;

use actors::{ActorError, ErrandError, LoginError};
use domain::disclosure::DisclosureError;
use domain::id::ProjectId;
use domain::login::LIFETIME;
use domain::proxy::{AddressError, BadList};
use http::HttpError;
use persistence::errands::ERRAND_LASTS;
use persistence::{StoreError, VaultError};
use simulator::{ExportError, WorldError};
use telegram::import::ImportError;

use crate::config::DatabaseUrl;

/// Why a command ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppError {
    /// What was configured cannot be used.
    #[error("configuration")]
    Config(#[from] ConfigError),
    /// The log could not be set up.
    #[error("the log cannot be set up")]
    Log(#[source] tracing_subscriber::util::TryInitError),
    /// The threads that everything runs on could not be started.
    #[error("the runtime cannot be started")]
    Runtime(#[source] std::io::Error),
    /// Standard output could not be written.
    #[error("standard output cannot be written")]
    Output(#[source] std::io::Error),
    /// The database cannot be used.
    #[error("{url}")]
    Open {
        /// The address, without what is secret.
        url: DatabaseUrl,
        /// Why not.
        source: Box<StoreError>,
    },
    /// The schema could not be brought up to date.
    #[error("the migration failed")]
    Migrate(#[source] StoreError),
    /// The schema is not up to date, and nothing was to be changed.
    #[error("migrations are to be applied: {}; run `beseda migrate`", .0.join(", "))]
    Pending(Vec<String>),
    /// The file with the vault's keys cannot be used.
    #[error("the vault's keys")]
    KeyFile(#[from] KeyFileError),
    /// No key could be made.
    #[error("no key can be made")]
    NewKey(#[source] VaultError),
    /// The vault could not be looked at or changed.
    #[error("the vault")]
    Vault(#[source] StoreError),
    /// No application of Telegram's is configured.
    #[error(
        "telegram.api_id and telegram.api_hash are not configured; my.telegram.org gives them to whoever asks"
    )]
    NoTelegram,
    /// A project could not be read or made.
    #[error("the project")]
    Project(#[source] StoreError),
    /// Somebody could not be made an administrator.
    #[error("the administrator")]
    Admin(#[source] StoreError),
    /// There is no such project.
    #[error("there is no project {0:?}; `beseda project list` shows those that are there")]
    NoProject(String),
    /// Several owners have a project of this name.
    #[error("several projects are named {name:?}; name one by its number: {}", ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    ManyProjects {
        /// The name.
        name: String,
        /// Their numbers.
        ids: Vec<ProjectId>,
    },
    /// An account could not be read or written.
    #[error("the account")]
    Account(#[source] StoreError),
    /// A channel could not be read or written.
    #[error("the channel")]
    Channel(#[source] StoreError),
    /// What only Telegram can answer came to nothing.
    #[error(transparent)]
    Errand(#[from] ErrandError),
    /// The same, as the service told it.
    #[error("{0}")]
    Told(String),
    /// A service holds the accounts and does not answer.
    #[error("the service that holds the accounts did not answer within {} s; look at its log", ERRAND_LASTS.as_secs())]
    Unanswered,
    /// A login did not come about.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// Something about proxies went wrong.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// A login took too long.
    #[error("the login was not finished within {} minutes; start it again", LIFETIME.as_secs() / 60)]
    LoginExpired,
    /// Nobody can be asked.
    #[error("this has to ask questions: run it at a terminal")]
    NoTerminal,
    /// The person at the terminal cannot be asked.
    #[error("the terminal")]
    Terminal(#[source] std::io::Error),
    /// The address of a login does not fit into a QR code.
    #[error("the QR code cannot be drawn")]
    QrCode,
    /// A session that was brought, or is to be taken out, is not what it should be.
    #[error("the session")]
    Session(#[source] ImportError),
    /// The file of a session cannot be read or made.
    #[error("the session's file {}", path.display())]
    SessionFile {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The person did not confirm what they were asked to.
    #[error("this was not confirmed; nothing was changed")]
    NotConfirmed,
    /// The state of the database could not be read.
    #[error("the status cannot be read")]
    Status(#[source] StoreError),
    /// The gateway cannot serve.
    #[error(transparent)]
    Gateway(#[from] HttpError),
    /// The tree did not start or did not stop well.
    #[error(transparent)]
    Tree(#[from] ActorError),
    /// The operating system gives no randomness.
    #[error("the operating system gives no random numbers")]
    Randomness(#[source] rand::rngs::SysError),
    /// The signals that ask to stop cannot be waited for.
    #[error("signals cannot be received")]
    Signals(#[source] std::io::Error),
    /// The Store failed while a demo ran.
    #[error("the demo's database")]
    Store(#[from] StoreError),
    /// A demo's world cannot be built, or its record cannot be used.
    #[error("the demo's world")]
    World(#[from] WorldError),
    /// A history cannot be replayed.
    #[error("the export cannot be replayed")]
    Export(#[from] ExportError),
    /// An export has no channel with posts.
    #[error("{}: no channel with posts is in this export", .0.display())]
    EmptyExport(PathBuf),
    /// The world's record can no longer be written.
    #[error("the world's record cannot be written: {0}")]
    Record(String),
    /// The database of a demo holds something that is not this demo.
    #[error("the database holds something else than this demo; give it an empty one")]
    OccupiedDatabase,
    /// The simulated Telegram cannot listen.
    #[error("the simulated Telegram cannot listen")]
    Simulator(#[source] std::io::Error),
    /// No temporary folder could be made.
    #[error("no temporary folder can be made")]
    Folder(#[source] std::io::Error),
    /// The label under the demo's comments is not accepted.
    #[error("the label of the demo")]
    Label(#[source] DisclosureError),
    /// The report could not be written as JSON.
    #[error("the report cannot be written")]
    Report(#[source] serde_json::Error),
    /// A task of the process ended in a panic.
    #[error("a task ended unexpectedly")]
    Task(#[source] tokio::task::JoinError),
}

impl AppError {
    /// What becomes of an error of the database at `url`.
    pub(crate) fn at(url: &DatabaseUrl) -> impl FnOnce(StoreError) -> Self {
        move |source| Self::Open { url: url.clone(), source: Box::new(source) }
    }

    /// 2 for a wrong request or configuration, 1 for everything that went wrong later.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Config(_) | Self::KeyFile(_) | Self::NoTelegram => ExitCode::from(2),
            Self::Log(_)
            | Self::Runtime(_)
            | Self::Output(_)
            | Self::Open { .. }
            | Self::Migrate(_)
            | Self::Pending(_)
            | Self::NewKey(_)
            | Self::Project(_)
            | Self::Admin(_)
            | Self::NoProject(_)
            | Self::ManyProjects { .. }
            | Self::Account(_)
            | Self::Channel(_)
            | Self::Errand(_)
            | Self::Told(_)
            | Self::Unanswered
            | Self::Login(_)
            | Self::Proxy(_)
            | Self::LoginExpired
            | Self::NoTerminal
            | Self::Terminal(_)
            | Self::QrCode
            | Self::NotConfirmed
            | Self::Session(_)
            | Self::SessionFile { .. }
            | Self::Vault(_)
            | Self::Status(_)
            | Self::Gateway(_)
            | Self::Tree(_)
            | Self::Randomness(_)
            | Self::Signals(_)
            | Self::Store(_)
            | Self::World(_)
            | Self::Export(_)
            | Self::EmptyExport(_)
            | Self::Record(_)
            | Self::OccupiedDatabase
            | Self::Simulator(_)
            | Self::Folder(_)
            | Self::Label(_)
            | Self::Report(_)
            | Self::Task(_) => ExitCode::FAILURE,
        }
    }

    /// The error and its causes, in one line.
    pub(crate) fn line(&self) -> String {
        let causes = std::iter::successors(Some(self as &dyn std::error::Error), |error| error.source());
        causes.map(ToString::to_string).collect::<Vec<_>>().join(": ").replace('\n', " ")
    }
}

/// What can go wrong with proxies.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProxyError {
    /// A proxy could not be read or written.
    #[error("the proxy")]
    Store(#[source] StoreError),
    /// An address is none.
    #[error("the proxy's address")]
    Address(#[source] AddressError),
    /// A list is not accepted.
    #[error("nothing is added")]
    List(#[source] BadList),
    /// A list cannot be read.
    #[error("the list {} cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A password was given as an argument.
    #[error(
        "everybody on this machine sees an argument: give the user as --user, and the password when it is asked for"
    )]
    PasswordShown,
    /// The project has no proxy of this name.
    #[error("there is no proxy {0:?}; `beseda proxy list` shows those that are there")]
    Unknown(String),
    /// Some proxies do not lead to Telegram.
    #[error("{failed} of {of} proxies do not lead to Telegram")]
    Fail {
        /// How many.
        failed: usize,
        /// Of how many.
        of: usize,
    },
}

/// Why a configuration is not accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file is missing or may not be read.
    #[error("the configuration file {} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{place}: {message}")]
    Syntax {
        /// Where it stops making sense.
        place: Place,
        /// What the parser expected there.
        message: String,
    },
    /// No setting has this name.
    #[error("{place}: there is no {}; there are: {known}", key.as_ref().map_or("such setting".into(), |key| format!("setting {key}")))]
    Unknown {
        /// Where it was given.
        place: Place,
        /// The key in a file; a variable is named by its place.
        key: Option<String>,
        /// The names that exist.
        known: String,
    },
    /// A setting is missing that another one needs.
    #[error("{0} is missing; without it the rest of telegram.* cannot be used")]
    Incomplete(&'static str),
    /// The value is not in the accepted form.
    #[error("{place}: {key} cannot be{given}; accepted: {accepted}")]
    Refused {
        /// Where it was given.
        place: Place,
        /// The setting.
        key: &'static str,
        /// The value behind a space, or nothing where it may be secret.
        given: String,
        /// What would be accepted.
        accepted: &'static str,
    },
}

/// Why a file with the vault's keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyFileError {
    /// It is missing or may not be read.
    #[error("the key file {} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It exists already, or may not be written.
    #[error("the key file {} cannot be written", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Others may read or change it.
    #[error(
        "the key file {0} is not safe: it must be a file of the user who runs this, for nobody else; `chmod 600 {0}`",
        path.display()
    )]
    Unsafe {
        /// The file.
        path: PathBuf,
    },
    /// A line of it is no key.
    #[error("{}:{line}: a key is 64 hexadecimal digits, as `beseda vault new-key` prints them", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
    /// There is no key in it.
    #[error("there is no key in {}; `beseda vault new-key` makes one", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// Where a value was given.
#[derive(Debug)]
pub(crate) enum Place {
    /// A line of a file.
    Line {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
    /// A variable.
    Variable(String),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Line { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => f.write_str(name),
        }
    }
}
