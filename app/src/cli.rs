//! The command line, as `beseda --help` shows it. It only names what is wanted; `commands` carries it out.

mod account;
mod channel;

use std::net::{SocketAddr, SocketAddrV4};
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use domain::id::AccountId;

use crate::config::DatabaseUrl;

pub(crate) use account::{
    AccountCommand, ExportArgs, ImportArgs, LoginArgs, NewProjectArgs, ProjectCommand, SessionFormat,
};
pub(crate) use channel::{AddArgs, ChannelCommand, RevokeArgs, VerifyArgs};

/// An engagement desk for Telegram channels: it watches them, drafts comments and answers, has a person approve them, and
/// sends them through the team's own accounts, labelled and within Telegram's limits.
#[derive(Debug, Parser)]
#[command(name = "beseda", version, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    /// A configuration file; without it, beseda.toml of the working directory is read if it is there.
    #[arg(long, global = true, value_name = "FILE", env = "BESEDA_CONFIG")]
    pub(crate) config: Option<PathBuf>,

    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "\
New here? `beseda demo` shows everything at work on a simulated Telegram: no account, no key, no server.

Every setting can stand in the configuration file or in a variable: http.listen is BESEDA_HTTP_LISTEN.
Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.";

const DEMO_HELP: &str = "\
Examples:
  beseda demo                                         some days, an hour a second
  beseda demo --channels 1000 --days 30 --speed max   a month, as fast as the work gets done
  beseda demo --world result.json                     the history of a real channel

Ctrl-C finishes what is in hand and reports.";

const VAULT_HELP: &str = "\
The key is given as vault.key_file (a file that only you may read) or as vault.key, which is BESEDA_VAULT_KEY.

Examples:
  beseda vault new-key --out vault.key       a first key; then set BESEDA_VAULT_KEY_FILE=vault.key
  beseda vault rotate --to new.key           seal everything with the key in new.key
  beseda vault status                        which keys are in use";

const PROXY_HELP: &str = "\
At most three accounts go through one proxy. A running service looks at every proxy every few minutes, and moves an account
to one that works when its own is down; an account that waits, or that Telegram limited, froze or banned, is never moved.

A list has a proxy a line: host:port, host:port:user:password or scheme://user:password@host:port, IPv6 in brackets; empty
lines and what follows # are left out. One bad line, and nothing is added.

Examples:
  beseda proxy add --project news socks5://proxy.example:1080 --user ann
  beseda proxy import --project news proxies.txt
  beseda proxy check --project news
  beseda proxy assign --project news 7";

const SIMULATOR_HELP: &str = "\
The client and this server must share telegram.login_key; docs/simulator.md says what the control does.";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the whole loop on a simulated Telegram and report what happened.
    #[command(after_help = DEMO_HELP)]
    Demo(Box<DemoArgs>),
    /// Run the service: the gateway and everything behind it, until SIGINT or SIGTERM.
    Serve,
    /// Run a Telegram of one's own on loopback: a simulated world that speaks MTProto, with a control over HTTP.
    #[command(after_help = SIMULATOR_HELP)]
    Simulator(SimulatorArgs),
    /// Bring the database up to this version.
    Migrate(MigrateArgs),
    /// Tell in what state the database and its work are.
    Status,
    /// Make projects: everything a team owns hangs on one.
    Project {
        /// What to do with them.
        #[command(subcommand)]
        command: ProjectCommand,
    },
    /// Appoint administrators of the installation.
    Admin {
        /// What to do with them.
        #[command(subcommand)]
        command: AdminCommand,
    },
    /// Connect the team's own accounts, one at a time, and see how they fare.
    #[command(after_help = account::HELP)]
    Account {
        /// What to do with them.
        #[command(subcommand)]
        command: AccountCommand,
    },
    /// Watch channels, and prove what their owners agreed to.
    #[command(after_help = channel::HELP)]
    Channel {
        /// What to do with them.
        #[command(subcommand)]
        command: ChannelCommand,
    },
    /// Keep the project's proxies, and choose which account goes through which.
    #[command(after_help = PROXY_HELP)]
    Proxy {
        /// What to do with them.
        #[command(subcommand)]
        command: ProxyCommand,
    },
    /// Keep the keys that sessions, phone numbers and proxies' passwords are sealed with.
    #[command(after_help = VAULT_HELP)]
    Vault {
        /// What to do with them.
        #[command(subcommand)]
        command: VaultCommand,
    },
    /// Print the description of the HTTP API (OpenAPI, JSON).
    Openapi,
    /// Print a completion script for a shell.
    Completions {
        /// The shell to complete for.
        shell: Shell,
    },
}

/// How the demo is to be.
#[derive(Clone, Debug, Args)]
pub(crate) struct DemoArgs {
    /// The same seed makes the same world.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Channels in the world.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) channels: u32,
    /// Simulated days to run.
    #[arg(long, value_name = "D", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    pub(crate) days: u32,
    /// How many times faster than life simulated time goes, or "max": as fast as the work gets done.
    #[arg(long, value_name = "X|max", default_value = "3600")]
    pub(crate) speed: Speed,
    /// Replay a channel's history instead: the result.json of a Telegram Desktop export.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["channels", "days"])]
    pub(crate) world: Option<PathBuf>,
    /// The database to work in; without it, a temporary SQLite file that is removed at the end.
    #[arg(long, value_name = "URL", value_parser = database_url)]
    pub(crate) database: Option<DatabaseUrl>,
    /// How often the simulated Telegram is in a bad mood: waits, refusals, lost answers, disconnects.
    #[arg(long, value_enum, default_value_t = Faults::Some)]
    pub(crate) faults: Faults,
    /// Which way the product takes to the simulated Telegram: within the process, or as in service, through a real client
    /// over MTProto on loopback.
    #[arg(long, value_enum, default_value_t = DoorKind::InProcess)]
    pub(crate) door: DoorKind,
    /// Where the gateway of the demo listens.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// How the outcome is told: a table, or one JSON object as the last line of standard output.
    #[arg(long, value_enum, default_value_t = Report::Text)]
    pub(crate) report: Report,
    /// Keep the world's own record in this file; a demo that was killed goes on in the same world with it.
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
}

/// How the simulated Telegram is to be.
#[derive(Debug, Args)]
pub(crate) struct SimulatorArgs {
    /// The same seed makes the same world.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Channels in the world.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) channels: u32,
    /// Accounts in the world.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) accounts: u32,
    /// Posts a day and channel, on average.
    #[arg(long, value_name = "X", default_value_t = 8.0)]
    pub(crate) posts_per_day: f64,
    /// Messages a day that the judge allows each account.
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub(crate) daily: u32,
    /// Seconds that the judge wants between two messages of an account.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) gap: u64,
    /// How often Telegram is in a bad mood: waits, refusals, lost answers, disconnects.
    #[arg(long, value_enum, default_value_t = Faults::None)]
    pub(crate) faults: Faults,
    /// The label that every comment must carry, and every account's profile does.
    #[arg(long, value_name = "TEXT", default_value = "The channel's team, with an assistant")]
    pub(crate) label: String,
    /// Where it speaks MTProto.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4430")]
    pub(crate) listen: SocketAddrV4,
    /// Where its control is; an address that others reach gives them the whole world.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4431")]
    pub(crate) control: SocketAddr,
    /// Keep the world's record in this file; a world that was killed goes on with it.
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
}

/// What to do with administrators.
#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Make somebody an administrator, a user if they are none yet, and print a token of theirs, once.
    Create {
        /// Their Telegram username, without @; they may log in through the bot as well.
        #[arg(default_value = "admin")]
        username: String,
    },
}

/// What to do with proxies.
#[derive(Debug, Subcommand)]
pub(crate) enum ProxyCommand {
    /// Add a proxy.
    Add(AddProxyArgs),
    /// Add a list of proxies, all of them or none.
    Import {
        /// The project, by name or number.
        #[arg(long, value_name = "NAME")]
        project: String,
        /// The list, one proxy a line; - is standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// List a project's proxies and how they fare.
    List {
        /// The project, by name or number.
        #[arg(long, value_name = "NAME")]
        project: String,
    },
    /// Look at proxies now: whether each can be reached, keeps to its protocol, and leads to Telegram.
    Check {
        /// The project, by name or number.
        #[arg(long, value_name = "NAME")]
        project: String,
        /// Which of them; without a name, all.
        #[arg(value_name = "PROXY")]
        names: Vec<String>,
    },
    /// Send an account through a proxy, or straight.
    Assign(AssignProxyArgs),
    /// Remove a proxy that no account goes through.
    Remove {
        /// The project, by name or number.
        #[arg(long, value_name = "NAME")]
        project: String,
        /// Which one.
        #[arg(value_name = "PROXY")]
        name: String,
    },
}

/// Which proxy is added.
#[derive(Debug, Args)]
pub(crate) struct AddProxyArgs {
    /// The project, by name or number.
    #[arg(long, value_name = "NAME")]
    pub(crate) project: String,
    /// Where it is: host:port for SOCKS5, or socks5://host:port or http://host:port.
    pub(crate) address: String,
    /// Who one is to it; the password is asked for.
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// What to call it; its address, if nothing.
    #[arg(long)]
    pub(crate) name: Option<String>,
}

/// Which way an account goes.
#[derive(Debug, Args)]
pub(crate) struct AssignProxyArgs {
    /// The project, by name or number.
    #[arg(long, value_name = "NAME")]
    pub(crate) project: String,
    /// The account's number.
    pub(crate) account: AccountId,
    /// Through which proxy; without a name, the one that works and has the most free places.
    #[arg(conflicts_with = "direct")]
    pub(crate) proxy: Option<String>,
    /// Through none.
    #[arg(long)]
    pub(crate) direct: bool,
}

impl ProxyCommand {
    /// The project it is about.
    pub(crate) fn project(&self) -> &str {
        match self {
            Self::Add(AddProxyArgs { project, .. }) | Self::Assign(AssignProxyArgs { project, .. }) => {
                project
            }
            Self::Import { project, .. } | Self::Check { project, .. } => project,
            Self::List { project } | Self::Remove { project, .. } => project,
        }
    }
}

/// What to do with the vault's keys.
#[derive(Debug, Subcommand)]
pub(crate) enum VaultCommand {
    /// Make a key and print it, or write it into a new file that only you may read.
    NewKey {
        /// The file; one that exists is left alone.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Tell which keys are in use and which of them are given.
    Status,
    /// Seal everything with another key. Interrupted, it is gone on with by doing it again.
    Rotate {
        /// A file with the new key; the old one stays configured until this is done.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Empty every sealed column: the way on when the key is lost.
    Forget {
        /// Yes: every account has to be logged in again.
        #[arg(long, required = true)]
        yes: bool,
    },
}

/// How to migrate.
#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// Change nothing; fail if there is something to do.
    #[arg(long)]
    pub(crate) check: bool,
}

/// Which way the product takes to the simulated Telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DoorKind {
    /// Within the process.
    InProcess,
    /// Over MTProto on loopback.
    Mtproto,
}

/// How often things go wrong in the simulated world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Faults {
    /// Never.
    None,
    /// As on an ordinary day.
    Some,
    /// As on a bad day.
    Many,
}

/// How the outcome is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Report {
    /// A table.
    Text,
    /// One JSON object.
    Json,
}

/// How fast simulated time goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Speed {
    /// This many simulated seconds a second.
    Times(f64),
    /// From one due thing to the next, without waiting.
    Max,
}

impl FromStr for Speed {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "max" {
            return Ok(Self::Max);
        }
        let times = text.parse().ok().filter(|times| (0.001..=1_000_000.0).contains(times));
        times.map(Self::Times).ok_or("accepted: a number from 0.001 to 1000000, or max")
    }
}

fn database_url(text: &str) -> Result<DatabaseUrl, &'static str> {
    text.parse().map_err(|_| "accepted: sqlite://FILE?mode=rwc or postgres://USER:PASSWORD@HOST:PORT/NAME")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_speed_is_a_positive_number_or_max() {
        assert_eq!("max".parse(), Ok(Speed::Max));
        assert_eq!("0.5".parse(), Ok(Speed::Times(0.5)));
        for text in ["", "0", "-1", "NaN", "inf", "fast", "1e9"] {
            assert!(text.parse::<Speed>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_demo_can_be_asked_for_in_every_detail() {
        let line = "beseda demo --seed 7 --channels 1000 --days 30 --speed max --database sqlite://demo.db?mode=rwc \
                    --faults many --listen 127.0.0.1:0 --report json --record world.jsonl";
        let Command::Demo(demo) = Cli::try_parse_from(line.split_whitespace()).unwrap().command else {
            panic!("another command was understood");
        };
        assert_eq!((demo.seed, demo.channels, demo.days), (7, 1000, 30));
        assert_eq!((demo.speed, demo.faults, demo.report), (Speed::Max, Faults::Many, Report::Json));
        assert!(demo.world.is_none() && demo.record.is_some() && demo.database.is_some());
    }

    #[test]
    fn a_replayed_history_has_its_own_channels_and_days() {
        let line = ["beseda", "demo", "--world", "result.json", "--channels", "5"];
        assert!(Cli::try_parse_from(line).is_err());
    }
}
