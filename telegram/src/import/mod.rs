//! Sessions made elsewhere, read into one of ours, and ours written for elsewhere.
//!
//! Three forms are read: the session strings of Telethon and of Pyrogram, and grammers' session file. Each is read by the
//! person who says which it is; what turns out to be another one is an error that names it. Nothing is asked of Telegram
//! here: whether a session counts, and whose it is, is found out by [`Logins::recognise`](crate::Logins::recognise).

mod file;
#[cfg(test)]
mod tests;
mod text;

use std::net::SocketAddrV4;

use grammers_session::SessionData;

use crate::grammers::SessionError;

pub use file::grammers_file;
pub use text::{pyrogram, telethon, to_telethon};

/// The forms that sessions come in, as far as they are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Telethon's `StringSession`.
    TelethonString,
    /// Pyrogram's `export_session_string`.
    PyrogramString,
    /// The file of grammers' `SqliteSession`.
    GrammersFile,
    /// Telethon's `.session` file.
    TelethonFile,
    /// Pyrogram's `.session` file.
    PyrogramFile,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TelethonString => "a Telethon session string",
            Self::PyrogramString => "a Pyrogram session string",
            Self::GrammersFile => "a grammers session file",
            Self::TelethonFile => "a Telethon session file",
            Self::PyrogramFile => "a Pyrogram session file",
        })
    }
}

/// Why a session could not be read, or written. None of these shows any of it.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Nothing was given.
    #[error("there is nothing to read")]
    Empty,
    /// The end is missing.
    #[error("this is the beginning of {0}; its end is missing, copy it whole")]
    Truncated(Format),
    /// It is a session, but in another form.
    #[error("this is {found}, not {wanted}")]
    Another {
        /// What it is.
        found: Format,
        /// What was to be read.
        wanted: Format,
    },
    /// It is no such thing.
    #[error("this is not {0}")]
    NotOne(Format),
    /// It belongs to Telegram's test servers, where there are no real accounts.
    #[error("this session belongs to Telegram's test servers")]
    TestServers,
    /// Its account lives in a data centre that does not exist.
    #[error("Telegram has no data centre {0}; the session is damaged")]
    NoSuchCentre(i32),
    /// Nobody logged in with it.
    #[error("the session has no key: nobody logged in with it")]
    Keyless,
    /// A later version of grammers wrote it.
    #[error("the session file is of version {0}, only version 1 is known")]
    Newer(i64),
    /// The file cannot be read.
    #[error("the session file cannot be read")]
    File(#[source] std::io::Error),
    /// The file's database cannot be read.
    #[error("the session file is damaged")]
    Database(#[source] sqlx::Error),
    /// Our own session cannot be read.
    #[error("the account's session cannot be exported")]
    Own(#[source] SessionError),
}

/// Where one of Telegram's data centres is, for forms that do not say.
fn address_of(dc: i32) -> Result<SocketAddrV4, ImportError> {
    let known = SessionData::default().dc_options.remove(&dc);
    known.map(|known| known.ipv4).ok_or(ImportError::NoSuchCentre(dc))
}

/// A key that is one.
fn key(bytes: &[u8]) -> Result<[u8; 256], ImportError> {
    let key: [u8; 256] = bytes.try_into().map_err(|_| ImportError::Keyless)?;
    if key == [0; 256] { Err(ImportError::Keyless) } else { Ok(key) }
}
