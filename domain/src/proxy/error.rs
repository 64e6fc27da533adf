//! Why a line is no proxy. None of these repeats what was given: it may hold a password.

/// A text that is no proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is in none of the accepted forms.
    #[error("use host:port, host:port:user:password or scheme://user:password@host:port")]
    Form,
    /// It speaks what Beseda does not.
    #[error("the scheme is socks5 or http")]
    Scheme,
    /// There is no host, or none of this name can exist.
    #[error("the host is a name, an IPv4 address, or an IPv6 address in brackets")]
    Host,
    /// The port is none.
    #[error("the port is a whole number from 1 to 65535")]
    Port,
    /// There is only half of a name and password, or more than the protocols carry.
    #[error("user and password come together, have 1 to 255 bytes each and no control characters")]
    Credentials,
    /// HTTP ends the name at the first colon.
    #[error("the user of an http proxy has no colon")]
    Colon,
    /// An earlier line of the list is the same proxy.
    #[error("line {first} is the same proxy")]
    Repeated {
        /// That line, from 1.
        first: usize,
    },
    /// The project has this proxy.
    #[error("the project has this proxy already")]
    Known,
}

/// A line of a list that is no proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {error}")]
pub struct BadLine {
    /// Which line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub error: AddressError,
}

/// A list with lines that are no proxies. It counts as a whole: the others are not taken either.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct BadList(
    /// All of them, from the top.
    pub Vec<BadLine>,
);
