//! `beseda channel`: which channels are watched, and what their owners agreed to.

mod list;

use actors::clock::SystemClock;
use actors::{Client, Errand, Outcome};
use domain::consent::{CODE_LASTS, Evidence};
use domain::time::Clock as _;
use persistence::Store;
use persistence::outbox::Actor;
use rand::TryRng as _;

use crate::cli::{AddArgs, ChannelCommand, RevokeArgs, VerifyArgs};
use crate::commands::errand;
use crate::config::Config;
use crate::console;
use crate::error::AppError;
use crate::store;

pub(super) use list::is;

/// Carries out one of the commands about channels.
pub(crate) async fn run(command: &ChannelCommand, config: &Config) -> Result<(), AppError> {
    let store = store::open(config).await?;
    let done = match command {
        ChannelCommand::Add(args) => add(config, &store, args).await,
        ChannelCommand::Verify(args) if args.code => make_code(&store, args).await,
        ChannelCommand::Verify(args) => verify(config, &store, args).await,
        ChannelCommand::Revoke(args) => revoke(&store, args).await,
        ChannelCommand::List { project } => list::run(&store, project).await,
    };
    store.close().await.map_err(AppError::Channel)?;
    done
}

async fn add(config: &Config, store: &Store, args: &AddArgs) -> Result<(), AppError> {
    let client = errand::client(store, &args.project).await?;
    let wanted = Errand::AddChannel { link: args.link.clone(), comment: !args.read_only };
    if let Outcome::Added { channel, title, username, reader } =
        errand::run(config, store, client, &wanted).await?
    {
        let name = username.map(|name| format!(" (@{name})")).unwrap_or_default();
        console::say(&format!("channel {channel} \"{title}\"{name} is watched, through account {reader}"))?;
        if !args.read_only {
            console::say(&format!(
                "it is not commented before its owner's agreement is proven:\n  beseda channel verify {channel} --project {} \
                 --scope comment",
                args.project
            ))?;
        }
    }
    Ok(())
}

async fn make_code(store: &Store, args: &VerifyArgs) -> Result<(), AppError> {
    let client = errand::client(store, &args.project).await?;
    let random = rand::rngs::SysRng.try_next_u64().map_err(AppError::Randomness)?;
    let (scope, now) = (args.scope.into(), SystemClock.now());
    let code = actors::start_code(store, client, args.channel, scope, random, now).await?;
    console::say(code.reveal())?;
    console::say(&format!(
        "put this anywhere into the channel's description within {} hours, then run the command again without --code; \
         afterwards it may be removed",
        CODE_LASTS.as_secs() / 3600
    ))
}

async fn verify(config: &Config, store: &Store, args: &VerifyArgs) -> Result<(), AppError> {
    const DAY_S: u64 = 24 * 3600;
    let client = errand::client(store, &args.project).await?;
    let until =
        args.days.map(|days| SystemClock.now() + std::time::Duration::from_secs(u64::from(days) * DAY_S));
    let wanted = Errand::VerifyChannel { channel: args.channel, scope: args.scope.into(), until };
    if let Outcome::Verified { evidence, until, .. } = errand::run(config, store, client, &wanted).await? {
        let how = match evidence {
            Evidence::TelegramAdmin => "an account of the project administers the channel",
            Evidence::DescriptionCode => {
                "the code stands in its description, from where it may be removed now"
            }
            Evidence::Written => "it was given in writing",
        };
        let end = until.map(|until| format!(", until {until}")).unwrap_or_default();
        console::say(&format!("the agreement counts from now on{end}: {how}"))?;
    }
    Ok(())
}

async fn revoke(store: &Store, args: &RevokeArgs) -> Result<(), AppError> {
    let Client { project, user } = errand::client(store, &args.project).await?;
    let (scope, now) = (args.scope.into(), SystemClock.now());
    let channel = store.channel(project, args.channel).await.map_err(AppError::Channel)?;
    let standing = store.standing_consent(project, channel.telegram_id, scope).await;
    let Some(consent) = standing.map_err(AppError::Channel)? else {
        return console::say("there is no such agreement; nothing was changed");
    };
    let ended = store.end_consent(project, consent, Actor::User(user), "taken back", now).await;
    let dropped = ended.map_err(AppError::Channel)?;
    console::say(&format!(
        "the agreement is taken back; {dropped} comments that waited are dropped, and what was derived is deleted"
    ))
}
