//! Proxies: what one is called, and how it is written.
//!
//! A proxy is a way to Telegram's servers for an account whose own network does not reach them. It never is a way around
//! a limit: which account uses which proxy follows from whether the proxy works, not from what Telegram said to the account.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// Which protocol a proxy speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// SOCKS version 5 (RFC 1928), with or without a password (RFC 1929).
    Socks5,
    /// HTTP with the method CONNECT (RFC 9110, section 9.3.6).
    Http,
}

/// Where a proxy is and how it is entered.
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
