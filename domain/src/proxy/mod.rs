//! Proxies: what one is called, how it is written, when it counts as down, and who goes through which.
//!
//! A proxy is a way to Telegram's servers for an account whose own network does not reach them. It never is a way around
//! a limit: which account uses which proxy follows from whether the proxy works, not from what Telegram said to the account.

mod error;
mod health;
mod parse;
mod reassign;
#[cfg(test)]
mod tests;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

pub use error::{AddressError, BadLine, BadList};
pub use health::{Health, Status};
pub use parse::{Listed, parse_list};
pub use reassign::{Move, Place, Snapshot, Tenant, choose, reassign};

/// How many accounts may go through one proxy: a household's worth, so that no address looks like a crowd's.
pub const ACCOUNTS_PER_PROXY: u8 = 3;

/// Which protocol a proxy speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// SOCKS version 5 (RFC 1928), with or without a password (RFC 1929).
    Socks5,
    /// HTTP with the method CONNECT (RFC 9110, section 9.3.6).
    Http,
}

/// Where a proxy is and how it is entered. Read from one of the [accepted forms](parse_list) with [`str::parse`]; displayed
/// without the password.
#[derive(Clone, Debug)]
pub struct ProxyAddress {
    /// What it speaks.
    pub scheme: Scheme,
    /// A name or an address, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who one is to it, if it asks.
    pub credentials: Option<Credentials>,
}

/// A name and a password for a proxy. The password does not print.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The name.
    pub username: String,
    /// The password.
    pub password: SecretString,
}

impl Scheme {
    /// The name in addresses and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Socks5 => "socks5",
            Self::Http => "http",
        }
    }
}

impl std::fmt::Display for ProxyAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://", self.scheme.as_str())?;
        if let Some(credentials) = &self.credentials {
            write!(f, "{}@", credentials.username)?;
        }
        let numeric = self.host.contains(':');
        if numeric {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}
