//! Reading a link: take the dress off, find the host or the scheme, then read the path.

use super::{ChatLink, Link, LinkErrorKind};
use crate::id::{MessageId, PeerId};

/// Hosts that serve the same links.
const HOSTS: [&str; 3] = ["t.me", "telegram.me", "telegram.dog"];

/// First parts of a path that lead to no chat.
const RESERVED: [&str; 25] = [
    "addemoji",
    "addlist",
    "addstickers",
    "addstyle",
    "addtheme",
    "auction",
    "bg",
    "boost",
    "call",
    "confirmphone",
    "contact",
    "giftcode",
    "invoice",
    "iv",
    "login",
    "m",
    "msg",
    "newbot",
    "nft",
    "passport",
    "proxy",
    "setlanguage",
    "share",
    "socks",
    "stargift",
];

/// Reads a link in any spelling.
pub(super) fn parse(text: &str) -> Result<Link, LinkErrorKind> {
    let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let bare = visible.trim_matches(is_dress);
    if bare.is_empty() {
        return Err(LinkErrorKind::Empty);
    }
    let (scheme, address) = match bare.split_once(':') {
        Some((scheme, address)) if !scheme.contains(['.', '/', '?', '#']) => {
            (Some(scheme.to_ascii_lowercase()), address.trim_start_matches('/'))
        }
        _ => (None, bare.trim_start_matches('/')),
    };
    let place = Place::split(address);
    match scheme.as_deref() {
        Some("tg") => in_app(&place),
        Some("http" | "https") => on_web(&place, false),
        Some(_) => Err(LinkErrorKind::NotTelegram),
        None => on_web(&place, true),
    }
}

/// Whether a character is only a matter of writing: zero-width, byte order, direction.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Whether a character stands around a link rather than in it. `@`, `+`, `-` and `_` may be part of one.
fn is_dress(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "\"'`«»“”„‘’‹›()[]{}<>.,;:!?…·•*|~–—&=".contains(c)
}

/// An address without its fragment.
struct Place<'a> {
    host: String,
    path: Vec<&'a str>,
    query: &'a str,
}

impl<'a> Place<'a> {
    fn split(address: &'a str) -> Self {
        let address = address.split('#').next().unwrap_or_default();
        let (address, query) = address.split_once('?').unwrap_or((address, ""));
        let mut parts = address.split('/');
        let host = parts.next().unwrap_or_default().to_ascii_lowercase();
        Self { host, path: parts.filter(|part| !part.is_empty()).collect(), query }
    }

    fn parameter(&self, name: &str) -> Option<&'a str> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// `tg://resolve?domain=`, `tg://privatepost?channel=`, `tg://join?invite=`.
fn in_app(place: &Place<'_>) -> Result<Link, LinkErrorKind> {
    let message = |name| place.parameter(name).map(message).transpose();
    match place.host.as_str() {
        "resolve" => {
            let name = place.parameter("domain").ok_or(LinkErrorKind::NotAChat)?;
            Ok(Link { chat: username(name)?, message: message("post")? })
        }
        "privatepost" => {
            let id = place.parameter("channel").ok_or(LinkErrorKind::Number)?;
            Ok(Link { chat: chat_id(id)?, message: message("post")? })
        }
        "join" => invite(place.parameter("invite").ok_or(LinkErrorKind::Invite)?),
        _ => Err(LinkErrorKind::NotAChat),
    }
}

/// A link of one of the [`HOSTS`] or, where a name may stand alone, a username with an optional message.
fn on_web(place: &Place<'_>, may_be_name: bool) -> Result<Link, LinkErrorKind> {
    let host = place.host.strip_prefix("www.").unwrap_or(&place.host);
    if HOSTS.contains(&host) {
        return on_path(&place.path);
    }
    if let Some(name) = host.strip_suffix(".t.me") {
        return in_chat(username(name)?, &place.path);
    }
    if !may_be_name || (host.contains('.') && !host.starts_with('@')) {
        return Err(LinkErrorKind::NotTelegram);
    }
    in_chat(username(host)?, &place.path)
}

fn on_path(path: &[&str]) -> Result<Link, LinkErrorKind> {
    let (first, rest) = path.split_first().ok_or(LinkErrorKind::NotAChat)?;
    let lower = first.to_ascii_lowercase();
    if let Some(hash) = first.strip_prefix('+').or_else(|| lower.strip_prefix("%2b").map(|_| &first[3..])) {
        return invite(hash);
    }
    match (lower.as_str(), rest) {
        ("joinchat", [hash, ..]) => invite(hash),
        ("joinchat", []) => Err(LinkErrorKind::Invite),
        ("c", [id, rest @ ..]) => in_chat(chat_id(id)?, rest),
        ("c", []) => Err(LinkErrorKind::Number),
        ("s", [name, rest @ ..]) => in_chat(username(name)?, rest),
        (reserved, _) if RESERVED.contains(&reserved) => Err(LinkErrorKind::NotAChat),
        _ => in_chat(username(first)?, rest),
    }
}

/// A chat with what follows it: nothing, a message, or a topic and a message in it.
fn in_chat(chat: ChatLink, rest: &[&str]) -> Result<Link, LinkErrorKind> {
    let message = match rest {
        [] => None,
        [at] => Some(message(at)?),
        [topic, at] => {
            number(topic)?;
            Some(message(at)?)
        }
        _ => return Err(LinkErrorKind::NotAChat),
    };
    Ok(Link { chat, message })
}

fn username(text: &str) -> Result<ChatLink, LinkErrorKind> {
    let name = text.strip_prefix('@').unwrap_or(text).to_ascii_lowercase();
    let sound = (4..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !name.ends_with('_')
        && !name.contains("__");
    if !sound {
        return Err(LinkErrorKind::Username);
    }
    if RESERVED.contains(&name.as_str()) || name == "joinchat" {
        return Err(LinkErrorKind::NotAChat);
    }
    Ok(ChatLink::Username(name))
}

/// An invitation's hash is base64 for URLs, 16 or 22 characters long as far as seen; digits alone are a phone number.
fn invite(hash: &str) -> Result<Link, LinkErrorKind> {
    if !hash.is_empty() && hash.chars().all(|c| c.is_ascii_digit()) {
        return Err(LinkErrorKind::NotAChat);
    }
    let sound = (10..=64).contains(&hash.len())
        && hash.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if sound {
        Ok(Link { chat: ChatLink::Invite(hash.to_owned()), message: None })
    } else {
        Err(LinkErrorKind::Invite)
    }
}

fn chat_id(text: &str) -> Result<ChatLink, LinkErrorKind> {
    number(text).map(|id| ChatLink::Id(PeerId(id)))
}

fn message(text: &str) -> Result<MessageId, LinkErrorKind> {
    number(text).map(MessageId)
}

fn number(text: &str) -> Result<i64, LinkErrorKind> {
    let number = text.parse().ok().filter(|number| *number > 0 && !text.starts_with('+'));
    number.ok_or(LinkErrorKind::Number)
}
