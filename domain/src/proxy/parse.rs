//! Reading proxies as people and sellers write them.
//!
//! Three forms: `host:port` and `host:port:user:password`, which mean SOCKS5, and `scheme://user:password@host:port`, in
//! which the credentials may be missing or percent-encoded. An IPv6 address stands in brackets. In the second form the
//! password is everything behind the third colon, in the third the credentials end at the last `@`: passwords hold either.

use std::collections::HashMap;
use std::net::Ipv6Addr;

use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};

use super::error::{AddressError, BadLine, BadList};
use super::{Credentials, ProxyAddress, Scheme};

/// The longest name that the domain name system knows.
const LONGEST_HOST: usize = 253;

/// A proxy and where it stands in its list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Which line, from 1.
    pub line: usize,
    /// The proxy.
    pub address: ProxyAddress,
}

/// Reads a list, one proxy a line. Empty lines and what follows a `#` at the beginning of a line or behind white space are
/// not for us.
///
/// # Errors
/// [`BadList`] names every line that is no proxy, or the same as an earlier one.
pub fn parse_list(text: &str) -> Result<Vec<Listed>, BadList> {
    let (mut proxies, mut bad, mut seen) = (Vec::new(), Vec::new(), HashMap::new());
    for (line, text) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let text = without_comment(text);
        if text.is_empty() {
            continue;
        }
        let address =
            text.parse().and_then(|address: ProxyAddress| match seen.insert(address.to_string(), line) {
                Some(first) => Err(AddressError::Repeated { first }),
                None => Ok(address),
            });
        match address {
            Ok(address) => proxies.push(Listed { line, address }),
            Err(error) => bad.push(BadLine { line, error }),
        }
    }
    if bad.is_empty() { Ok(proxies) } else { Err(BadList(bad)) }
}

fn without_comment(line: &str) -> &str {
    let comment = line.char_indices().find(|(at, symbol)| {
        *symbol == '#' && line[..*at].chars().next_back().is_none_or(char::is_whitespace)
    });
    comment.map_or(line, |(at, _)| &line[..at]).trim()
}

impl std::str::FromStr for ProxyAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let Some((scheme, rest)) = text.split_once("://") else {
            let (host, port, credentials) = split_host(text)?;
            let credentials = credentials.map(split_pair).transpose()?;
            return build(Scheme::Socks5, host, port, credentials);
        };
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "socks5" | "socks5h" => Scheme::Socks5,
            "http" => Scheme::Http,
            _ => return Err(AddressError::Scheme),
        };
        let (credentials, place) = match rest.rsplit_once('@') {
            Some((credentials, place)) => (Some(decoded(credentials)?), place),
            None => (None, rest),
        };
        match split_host(place.strip_suffix('/').unwrap_or(place))? {
            (host, port, None) => build(scheme, host, port, credentials),
            (_, _, Some(_)) => Err(AddressError::Form),
        }
    }
}

/// Splits `host:port` and whatever follows another colon.
fn split_host(text: &str) -> Result<(&str, &str, Option<&str>), AddressError> {
    let (host, rest) = match text.strip_prefix('[') {
        Some(bracketed) => {
            let (host, rest) = bracketed.split_once(']').ok_or(AddressError::Host)?;
            host.parse::<Ipv6Addr>().map_err(|_| AddressError::Host)?;
            (host, rest.strip_prefix(':').ok_or(AddressError::Form)?)
        }
        None => {
            let (host, rest) = text.split_once(':').ok_or(AddressError::Form)?;
            if !is_name(host) {
                return Err(AddressError::Host);
            }
            (host, rest)
        }
    };
    let (port, more) = rest.split_once(':').map_or((rest, None), |(port, more)| (port, Some(more)));
    Ok((host, port, more))
}

fn is_name(host: &str) -> bool {
    let plain = |symbol: char| symbol.is_ascii_alphanumeric() || "-_.".contains(symbol);
    (1..=LONGEST_HOST).contains(&host.len()) && host.chars().all(plain)
}

fn split_pair(text: &str) -> Result<(String, String), AddressError> {
    let (username, password) = text.split_once(':').ok_or(AddressError::Credentials)?;
    Ok((username.to_owned(), password.to_owned()))
}

fn decoded(text: &str) -> Result<(String, String), AddressError> {
    let (username, password) = text.split_once(':').ok_or(AddressError::Credentials)?;
    let decode = |part: &str| {
        percent_decode_str(part).decode_utf8().map(String::from).map_err(|_| AddressError::Credentials)
    };
    Ok((decode(username)?, decode(password)?))
}

fn build(
    scheme: Scheme,
    host: &str,
    port: &str,
    credentials: Option<(String, String)>,
) -> Result<ProxyAddress, AddressError> {
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    let port = port.parse().ok().filter(|port| digits && *port > 0).ok_or(AddressError::Port)?;
    let address = ProxyAddress { scheme, host: host.to_ascii_lowercase(), port, credentials: None };
    match credentials {
        Some((username, password)) => address.entered_by(username, password.into()),
        None => Ok(address),
    }
}

impl ProxyAddress {
    /// The same proxy, entered with this name and password.
    ///
    /// # Errors
    /// [`AddressError::Credentials`] and [`AddressError::Colon`] when the proxy's protocol cannot carry them.
    pub fn entered_by(self, username: String, password: SecretString) -> Result<Self, AddressError> {
        let fits = |part: &str| (1..=255).contains(&part.len()) && !part.chars().any(char::is_control);
        if !fits(&username) || !fits(password.expose_secret()) {
            return Err(AddressError::Credentials);
        }
        if self.scheme == Scheme::Http && username.contains(':') {
            return Err(AddressError::Colon);
        }
        Ok(Self { credentials: Some(Credentials { username, password }), ..self })
    }
}
