//! `beseda channel list`: a project's channels, what their owners agreed to, and how completely they are read.

use std::collections::BTreeMap;

use actors::clock::SystemClock;
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use domain::id::ChannelId;
use domain::time::Clock as _;
use persistence::Store;
use persistence::consents::{ChannelStatus, StandingConsent};
use persistence::reading::ChannelReading;

use crate::commands::project;
use crate::console;
use crate::error::AppError;

/// Channels read at once.
const PAGE: u32 = 1000;

/// Prints the channels of a project.
pub(super) async fn run(store: &Store, named: &str) -> Result<(), AppError> {
    let project = project::find(store, named).await?;
    let mut consents: BTreeMap<ChannelId, Vec<StandingConsent>> = BTreeMap::new();
    for consent in store.standing_consents(project.id, SystemClock.now()).await.map_err(AppError::Channel)? {
        consents.entry(consent.channel).or_default().push(consent);
    }
    let mut table = Table::new();
    table.load_style(NOTHING).set_header([
        "id",
        "channel",
        "title",
        "is",
        "agreed to",
        "open gaps",
        "last lag",
    ]);
    let (mut last, mut any) = (None, false);
    loop {
        let page = store.channel_readings(project.id, last, PAGE).await.map_err(AppError::Channel)?;
        for channel in &page {
            let agreed = consents.get(&channel.channel).map(|consents| scopes(consents));
            table.add_row(row(channel, agreed.unwrap_or_else(|| "nothing".to_owned())));
        }
        any |= !page.is_empty();
        last = page.last().map(|channel| channel.channel);
        if page.len() < PAGE as usize {
            break;
        }
    }
    if any {
        console::say(&table.to_string())
    } else {
        console::say("no channels yet; `beseda channel add` watches one")
    }
}

fn row(channel: &ChannelReading, agreed: String) -> [String; 7] {
    [
        channel.channel.to_string(),
        channel.username.as_ref().map(|name| format!("@{name}")).unwrap_or_default(),
        channel.title.clone(),
        is(channel.status).to_owned(),
        agreed,
        channel.gaps.to_string(),
        channel.last_post.map(|post| format!("{} s", post.lag().as_secs())).unwrap_or_default(),
    ]
}

/// What a channel is, for people.
pub(crate) const fn is(status: ChannelStatus) -> &'static str {
    match status {
        ChannelStatus::Active => "watched",
        ChannelStatus::Paused => "paused",
        ChannelStatus::Lost => "lost: no account can read it",
    }
}

fn scopes(consents: &[StandingConsent]) -> String {
    let one = |consent: &StandingConsent| {
        let end = consent.expires_at.map(|end| format!(" until {end}")).unwrap_or_default();
        format!("{}{end}", consent.scope)
    };
    consents.iter().map(one).collect::<Vec<_>>().join(", ")
}
