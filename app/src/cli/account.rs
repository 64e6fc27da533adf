//! What can be asked of projects and accounts.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use domain::id::AccountId;
use domain::time::Zone;

pub(super) const HELP: &str = "\
Numbers, codes, passwords and sessions are asked for at the terminal and never shown. Only accounts that exist are connected:
nobody is registered here.

Examples:
  beseda account login --project news              by phone number and code
  beseda account login --project news --qr         by a QR code
  beseda account login --project news --again 7    bring back an account that needs a login";

/// What to do with projects.
#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Make a project.
    Create(NewProjectArgs),
    /// List the projects there are.
    List,
}

/// How a project is to be.
#[derive(Debug, Args)]
pub(crate) struct NewProjectArgs {
    /// Its name.
    pub(crate) name: String,
    /// What stands under every comment and in every account's profile, so that readers can tell who speaks. A profile text
    /// holds 70 characters.
    #[arg(long, value_name = "TEXT")]
    pub(crate) label: String,
    /// Who owns it; a user of this name is made if there is none.
    #[arg(long, value_name = "USERNAME", default_value = "owner")]
    pub(crate) owner: String,
    /// Where its days and quiet hours are.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub(crate) timezone: Zone,
    /// Who approves its drafts.
    #[arg(long, value_enum, default_value_t = Approval::Manual)]
    pub(crate) approval: Approval,
}

/// Who approves drafts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Approval {
    /// A person, each of them.
    Manual,
    /// The rule: whatever moderation has no remark on.
    ByRule,
}

impl From<Approval> for domain::policy::Approval {
    fn from(approval: Approval) -> Self {
        match approval {
            Approval::Manual => Self::Manual,
            Approval::ByRule => Self::ByRule,
        }
    }
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Log an account in.
    Login(LoginArgs),
    /// Connect an account with a session that was made elsewhere; one at a time, and only your own or your team's.
    Import(ImportArgs),
    /// Look at an account now: who Telegram says it is, whether it may write, and what leads it back.
    Check {
        /// The account's number.
        account: AccountId,
    },
    /// Write an account's session into a new file that only you may read.
    Export(ExportArgs),
    /// List a project's accounts and how they fare.
    List {
        /// The project, by name or number.
        #[arg(long, value_name = "NAME")]
        project: String,
    },
}

/// Which account is logged in, and how.
#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// The project that it is to speak for, by name or number.
    #[arg(long, value_name = "NAME")]
    pub(crate) project: String,
    /// Show a QR code to scan, instead of asking for the phone number.
    #[arg(long)]
    pub(crate) qr: bool,
    /// The number of the account that is to come back; another one is refused then.
    #[arg(long, value_name = "ID")]
    pub(crate) again: Option<AccountId>,
    /// The proxy that it goes through, now and later; without one, straight, or its own way if it comes back.
    #[arg(long, value_name = "NAME")]
    pub(crate) proxy: Option<String>,
}

/// Which session is imported.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The project that the account is to speak for, by name or number.
    #[arg(long, value_name = "NAME")]
    pub(crate) project: String,
    /// What kind of session it is.
    #[arg(long, value_enum)]
    pub(crate) format: SessionFormat,
    /// The file it is in; without one, the string is asked for and not shown.
    #[arg(long, value_name = "FILE", required_if_eq("format", "grammers"))]
    pub(crate) file: Option<PathBuf>,
    /// You say that the account is your own or your team's; this is written down.
    #[arg(long, required = true)]
    pub(crate) mine: bool,
    /// The number of the account that is to come back; another one is refused then.
    #[arg(long, value_name = "ID")]
    pub(crate) again: Option<AccountId>,
    /// The proxy that it goes through, now and later; without one, straight, or its own way if it comes back.
    #[arg(long, value_name = "NAME")]
    pub(crate) proxy: Option<String>,
}

/// What kind of session it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SessionFormat {
    /// A string session of Telethon.
    Telethon,
    /// A string session of Pyrogram.
    Pyrogram,
    /// A session file of grammers (SQLite).
    Grammers,
}

/// Which session is exported, and where to.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The project that the account speaks for, by name or number.
    #[arg(long, value_name = "NAME")]
    pub(crate) project: String,
    /// The account's number.
    pub(crate) account: AccountId,
    /// The new file, which gets a Telethon string session; one that exists is left alone.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}
