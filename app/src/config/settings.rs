//! The settings there are: one table, from which the file's keys, the variables' names and every error are made.
//!
//! A setting's variable is its key in capitals behind `BESEDA_`, with the dot as an underscore: `http.listen` is
//! `BESEDA_HTTP_LISTEN`. Names are looked up in the table, never taken apart, so an underscore inside a key is no question.

use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::str::FromStr;

use domain::webhook::Reach;
use persistence::Durability;
use tracing_subscriber::EnvFilter;

use super::secret::Secret;
use super::telegram::parse_servers;
use super::vault::parse_keys;
use super::{Config, LogFormat};

/// One setting.
pub(super) struct Setting {
    /// Section and name: `database.url`.
    pub(super) key: &'static str,
    /// The accepted form, to follow the word "accepted".
    pub(super) accepted: &'static str,
    /// Whether a value that is refused may be repeated in the error.
    pub(super) secret: bool,
    /// Puts the value in its place; false if it is not in the accepted form.
    pub(super) set: fn(&mut Config, &str) -> bool,
}

impl Setting {
    /// The variable that sets it.
    pub(super) fn variable(&self) -> String {
        format!("BESEDA_{}", self.key.replace('.', "_").to_ascii_uppercase())
    }
}

/// Every setting.
pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        key: "database.url",
        accepted: "sqlite://FILE?mode=rwc or postgres://USER:PASSWORD@HOST:PORT/NAME",
        secret: true,
        set: |config, text| parse(&mut config.database.url, text),
    },
    Setting {
        key: "database.durability",
        accepted: "power (a commit survives a power cut) or process (only the end of the process)",
        secret: false,
        set: |config, text| {
            let choices = [("power", Durability::Power), ("process", Durability::Process)];
            choose(&mut config.database.durability, text, &choices)
        },
    },
    Setting {
        key: "database.max_connections",
        accepted: "a whole number from 2 to 500",
        secret: false,
        set: |config, text| within(&mut config.database.max_connections, text, 2..=500),
    },
    Setting {
        key: "http.listen",
        accepted: "an address and a port, such as 127.0.0.1:8080 or [::1]:8080",
        secret: false,
        set: |config, text| parse(&mut config.http.listen, text),
    },
    Setting {
        key: "http.public_url",
        accepted: "where browsers find it, without a path: https://desk.example",
        secret: false,
        set: |config, text| {
            config.http.public_url = origin(text);
            config.http.public_url.is_some()
        },
    },
    Setting {
        key: "http.origins",
        accepted: "origins of other sites such as https://tools.example, with commas between",
        secret: false,
        set: |config, text| {
            let origins: Option<Vec<_>> = text.split(',').map(|one| origin(one.trim())).collect();
            origins.map(|origins| config.http.origins = origins).is_some()
        },
    },
    Setting {
        key: "http.requests_per_second",
        accepted: "a whole number from 1 to 1000000",
        secret: false,
        set: |config, text| {
            let pace: Option<NonZeroU32> =
                text.parse().ok().filter(|pace: &NonZeroU32| pace.get() <= 1_000_000);
            pace.map(|pace| config.http.requests_per_second = pace).is_some()
        },
    },
    Setting {
        key: "admin.username",
        accepted: "a Telegram username without @: 4 to 32 letters, digits or underscores",
        secret: false,
        set: |config, text| username(text).map(|name| config.admin.username = Some(name)).is_some(),
    },
    Setting {
        key: "log.format",
        accepted: "human or json",
        secret: false,
        set: |config, text| {
            let choices = [("human", LogFormat::Human), ("json", LogFormat::Json)];
            choose(&mut config.log.format, text, &choices)
        },
    },
    Setting {
        key: "log.filter",
        accepted: "a level (error, warn, info, debug, trace), or targets with levels such as warn,actors=debug",
        secret: false,
        set: |config, text| {
            let fits = !text.is_empty() && EnvFilter::builder().parse(text).is_ok();
            if fits {
                text.clone_into(&mut config.log.filter);
            }
            fits
        },
    },
    Setting {
        key: "node.name",
        accepted: "1 to 63 letters, digits, dots, hyphens or underscores",
        secret: false,
        set: |config, text| {
            let plain = |symbol: char| symbol.is_ascii_alphanumeric() || ".-_".contains(symbol);
            let fits = (1..=63).contains(&text.len()) && text.chars().all(plain);
            if fits {
                text.clone_into(&mut config.node.name);
            }
            fits
        },
    },
    Setting {
        key: "retention.days",
        accepted: "a whole number of days from 1 to 3650",
        secret: false,
        set: |config, text| within(&mut config.retention.days, text, 1..=3650),
    },
    Setting {
        key: "retention.readers_text_days",
        accepted: "a whole number of days from 1 to 3650",
        secret: false,
        set: |config, text| within(&mut config.retention.readers_text_days, text, 1..=3650),
    },
    Setting {
        key: "telegram.api_id",
        accepted: "a whole number, as my.telegram.org shows it",
        secret: false,
        set: |config, text| {
            config.telegram.api_id = text.parse().ok().filter(|id| *id > 0);
            config.telegram.api_id.is_some()
        },
    },
    Setting {
        key: "telegram.api_hash",
        accepted: "32 hexadecimal digits, as my.telegram.org shows them",
        secret: true,
        set: |config, text| {
            config.telegram.api_hash = Some(Secret::new(text.to_owned()));
            text.len() == 32 && text.chars().all(|digit| digit.is_ascii_hexdigit())
        },
    },
    Setting {
        key: "telegram.bot",
        accepted: "the username of the bot that people log in through, without @",
        secret: false,
        set: |config, text| username(text).map(|name| config.telegram.bot = Some(name)).is_some(),
    },
    Setting {
        key: "telegram.servers",
        accepted: "data centres and addresses in place of Telegram's own, such as 2=127.0.0.1:4430, with commas between",
        secret: false,
        set: |config, text| parse_servers(text).map(|servers| config.telegram.servers = servers).is_some(),
    },
    Setting {
        key: "telegram.login_key",
        accepted: "the text that the servers in telegram.servers derive the keys of new logins from",
        secret: true,
        set: |config, text| {
            config.telegram.login_key = Some(Secret::new(text.to_owned()));
            !text.is_empty()
        },
    },
    Setting {
        key: "vault.key",
        accepted: "64 hexadecimal digits as `beseda vault new-key` prints them, or several such keys with commas between",
        secret: true,
        set: |config, text| parse_keys(text).map(|keys| config.vault.keys = keys).is_some(),
    },
    Setting {
        key: "vault.key_file",
        accepted: "the path of a file with a key on each line, which nobody else may read",
        secret: false,
        set: |config, text| {
            config.vault.key_file = Some(text.into());
            !text.is_empty()
        },
    },
    Setting {
        key: "webhooks.reach",
        accepted: "public (addresses of the internet, by https) or anywhere (private addresses and http, too)",
        secret: false,
        set: |config, text| {
            let choices = [("public", Reach::Public), ("anywhere", Reach::Anywhere)];
            choose(&mut config.webhooks.reach, text, &choices)
        },
    },
];

/// An origin: a scheme of the web, a host, perhaps a port, and nothing behind them.
fn origin(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == text;
    plain.then(|| text.to_owned())
}

fn username(text: &str) -> Option<String> {
    let plain = |symbol: char| symbol.is_ascii_alphanumeric() || symbol == '_';
    ((4..=32).contains(&text.len()) && text.chars().all(plain)).then(|| text.to_owned())
}

fn parse<T: FromStr>(place: &mut T, text: &str) -> bool {
    text.parse().map(|value| *place = value).is_ok()
}

fn within(place: &mut u32, text: &str, range: RangeInclusive<u32>) -> bool {
    let value = text.parse().ok().filter(|number| range.contains(number));
    value.map(|number| *place = number).is_some()
}

fn choose<T: Copy>(place: &mut T, text: &str, choices: &[(&str, T)]) -> bool {
    let choice = choices.iter().find(|(name, _)| *name == text);
    choice.map(|(_, value)| *place = *value).is_some()
}
