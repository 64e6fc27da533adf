//! Errands: what a person wants done that only Telegram can answer. Adding a channel, proving a consent, looking at an account.
//!
//! An errand is the same whoever runs it: the tree, through its accounts' actors ([`crate::System::run_errand`]), or a command
//! on a [`Visit`] of its own while no service runs. Who asks Telegram is an [`Envoy`]. A wait that Telegram imposes on the
//! account asked ends the errand; no other account is asked instead.

mod add;
mod envoy;
mod look;
mod verify;
mod visit;

use domain::consent::{CODE_LASTS, ConsentCode, Evidence, Scope};
use domain::id::{AccountId, ChannelId, ConsentId, ProjectId, UserId};
use domain::time::Timestamp;
use persistence::Store;
use serde::{Deserialize, Serialize};

pub(crate) use crate::error::ErrandError;
pub(crate) use envoy::{Envoy, Staff};
pub use visit::Visit;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// Watch a channel.
    AddChannel {
        /// A link to it, in any spelling.
        link: String,
        /// Whether it is to be commented: then it must have a discussion group.
        comment: bool,
    },
    /// Prove that a channel's owner agrees.
    VerifyChannel {
        /// The channel.
        channel: ChannelId,
        /// To what.
        scope: Scope,
        /// When the agreement ends whatever the proof says.
        until: Option<Timestamp>,
    },
    /// Look how an account fares.
    CheckAccount {
        /// The account.
        account: AccountId,
    },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The channel is watched from now on.
    Added {
        /// Its row.
        channel: ChannelId,
        /// Its title.
        title: String,
        /// Its username, without `@`.
        username: Option<String>,
        /// The account that reads it.
        reader: AccountId,
    },
    /// The consent is proven and counts.
    Verified {
        /// Its row.
        consent: ConsentId,
        /// How it was proven.
        evidence: Evidence,
        /// When it ends by itself.
        until: Option<Timestamp>,
    },
    /// The account was looked at; the Store has what was found.
    Checked,
}

/// For whom an errand is run.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    /// The project.
    pub project: ProjectId,
    /// The person.
    pub user: UserId,
}

/// Runs an errand.
pub(crate) async fn run(
    store: &Store,
    envoy: &impl Envoy,
    client: Client,
    errand: &Errand,
    now: Timestamp,
) -> Result<Outcome, ErrandError> {
    match errand {
        Errand::AddChannel { link, comment } => add::add(store, envoy, client, link, *comment, now).await,
        Errand::VerifyChannel { channel, scope, until } => {
            let wanted = verify::Wanted { channel: *channel, scope: *scope, until: *until };
            verify::verify(store, envoy, client, wanted, now).await
        }
        Errand::CheckAccount { account } => look::look(store, envoy, client, *account).await,
    }
}

/// Makes a code that the channel's owner puts into its description; whoever verifies the channel next looks for it there.
/// `random` must come from the operating system. Needs no connection.
///
/// # Errors
/// [`ErrandError::Store`] when the project has no such channel, or the Store does not answer.
pub async fn start_code(
    store: &Store,
    client: Client,
    channel: ChannelId,
    scope: Scope,
    random: u64,
    now: Timestamp,
) -> Result<ConsentCode, ErrandError> {
    let code = ConsentCode::of_random(random);
    store.await_code(client.project, channel, scope, &code.hash(), client.user, now + CODE_LASTS).await?;
    Ok(code)
}
