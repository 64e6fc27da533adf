//! What can be asked about channels.

use clap::{Args, Subcommand, ValueEnum};
use domain::id::ChannelId;

/// How `beseda channel` is explained.
pub(super) const HELP: &str = "\
A channel is only commented where its owner agreed, and agreement is proven: an account of the project administers the
channel, or its owner puts a code into its description, where it may be removed once it was seen. An administrator's rights
are looked at every day; when they are gone, so is the agreement, and what was written on it.

While a service runs, it answers these commands through its own connections; else they connect an account themselves.

Examples:
  beseda channel add t.me/tram_news --project news
  beseda channel verify 3 --project news --scope comment
  beseda channel verify 3 --project news --scope index --code   a code for the description; then again without --code
  beseda channel revoke 3 --project news --scope comment";

/// What to do with channels.
#[derive(Debug, Subcommand)]
pub(crate) enum ChannelCommand {
    /// Watch a channel from now on.
    Add(AddArgs),
    /// Prove that a channel's owner agrees.
    Verify(VerifyArgs),
    /// Take an agreement back: work on it stops at once, and what was derived from it is deleted.
    Revoke(RevokeArgs),
    /// List a project's channels, what their owners agreed to, and how completely they are read.
    List {
        /// The project, by name or number.
        #[arg(long, value_name = "NAME")]
        project: String,
    },
}

/// Which channel is added.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// A link to it: @name, t.me/name, t.me/c/123 or an invitation.
    pub(crate) link: String,
    /// The project that watches it, by name or number.
    #[arg(long, value_name = "NAME")]
    pub(crate) project: String,
    /// It is not to be commented, so it needs no discussion group.
    #[arg(long)]
    pub(crate) read_only: bool,
}

/// Which agreement is proven, and how.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The channel's number, as `beseda channel list` shows it.
    pub(crate) channel: ChannelId,
    /// The project that watches it, by name or number.
    #[arg(long, value_name = "NAME")]
    pub(crate) project: String,
    /// What its owner agrees to.
    #[arg(long, value_enum)]
    pub(crate) scope: Scope,
    /// Make a code for the channel's description, instead of looking for a proof.
    #[arg(long, conflicts_with = "days")]
    pub(crate) code: bool,
    /// The agreement ends after this many days, whatever the proof says.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3_650))]
    pub(crate) days: Option<u32>,
}

/// Which agreement is taken back.
#[derive(Debug, Args)]
pub(crate) struct RevokeArgs {
    /// The channel's number, as `beseda channel list` shows it.
    pub(crate) channel: ChannelId,
    /// The project that watches it, by name or number.
    #[arg(long, value_name = "NAME")]
    pub(crate) project: String,
    /// What its owner no longer agrees to.
    #[arg(long, value_enum)]
    pub(crate) scope: Scope,
}

/// What an owner agrees to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scope {
    /// Comments in the channel's threads.
    Comment,
    /// That the channel's posts are kept.
    Read,
    /// That texts are given to a language model or a search index.
    Index,
}

impl From<Scope> for domain::consent::Scope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Comment => Self::Comment,
            Scope::Read => Self::Read,
            Scope::Index => Self::Index,
        }
    }
}
