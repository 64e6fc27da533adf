//! Session strings: the fields one after the other, in base64 for URLs.
//!
//! Telethon writes `1`, then data centre (1 byte), address (4 or 16), port (2), key (256). Pyrogram writes data centre (1),
//! since version 2 the application's number (4), whether these are test servers (1), key (256), user id (4, later 8), whether
//! it is a bot (1), without padding. All numbers are big-endian. Their lengths tell them apart.

use std::net::{Ipv4Addr, SocketAddrV4};

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use domain::id::PeerId;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Format, ImportError, address_of, key};
use crate::Session;
use crate::grammers::GrammersSession;

/// The one version that Telethon has.
const TELETHON_VERSION: char = '1';

/// How long Telethon's strings are without their padding: for IPv4, for IPv6.
const TELETHON: [usize; 2] = [352, 368];

/// How long Pyrogram's strings are: with a short user id, with a long one, with the application's number.
const PYROGRAM: [usize; 3] = [351, 356, 362];

const KEY: usize = 256;

/// Reads a Telethon session string.
///
/// # Errors
/// [`ImportError`] says what it is instead, or what is wrong with it.
pub fn telethon(text: &SecretString) -> Result<Session, ImportError> {
    let bytes = decode(text, Format::TelethonString)?;
    let ([dc], rest) = take(&bytes, Format::TelethonString)?;
    let (place, key_bytes) = rest.split_at(rest.len().saturating_sub(KEY));
    let dc = i32::from(dc);
    let known = address_of(dc)?;
    let address = match *place {
        [a, b, c, d, high, low] => {
            SocketAddrV4::new(Ipv4Addr::new(a, b, c, d), u16::from_be_bytes([high, low]))
        }
        _ => known, // an IPv6 address of the same data centre
    };
    Ok(GrammersSession::for_key(dc, address, key(key_bytes)?, None, false))
}

/// Reads a Pyrogram session string.
///
/// # Errors
/// [`ImportError`] says what it is instead, or what is wrong with it.
pub fn pyrogram(text: &SecretString) -> Result<Session, ImportError> {
    const WANTED: Format = Format::PyrogramString;
    let bytes = decode(text, WANTED)?;
    let ([dc], rest) = take(&bytes, WANTED)?;
    let with_application = text.expose_secret().trim().len() == PYROGRAM[2];
    let rest = if with_application { take::<4>(rest, WANTED)?.1 } else { rest };
    let ([test], rest) = take(rest, WANTED)?;
    if test != 0 {
        return Err(ImportError::TestServers);
    }
    let (key_bytes, rest) = rest.split_at_checked(KEY).ok_or(ImportError::Truncated(WANTED))?;
    let (bot, user) = rest.split_last().ok_or(ImportError::Truncated(WANTED))?;
    let user = user.iter().fold(0_i64, |number, byte| number << 8 | i64::from(*byte));
    let dc = i32::from(dc);
    let user = (user > 0).then_some(PeerId(user));
    Ok(GrammersSession::for_key(dc, address_of(dc)?, key(key_bytes)?, user, *bot != 0))
}

/// Writes a session of ours as a Telethon session string.
///
/// # Errors
/// [`ImportError::Own`] when the session cannot be read.
pub fn to_telethon(session: &Session) -> Result<SecretString, ImportError> {
    let session = GrammersSession::read(session).map_err(ImportError::Own)?;
    let home = session.home_centre().map_err(ImportError::Own)?;
    let dc = u8::try_from(home.id).map_err(|_| ImportError::NoSuchCentre(home.id))?;
    let mut bytes = vec![dc];
    bytes.extend(home.address.ip().octets());
    bytes.extend(home.address.port().to_be_bytes());
    bytes.extend(home.key.0);
    Ok(format!("{TELETHON_VERSION}{}", URL_SAFE.encode(bytes)).into())
}

/// The bytes of a string in the `wanted` form, which its length and beginning must be those of.
fn decode(text: &SecretString, wanted: Format) -> Result<Vec<u8>, ImportError> {
    let text = text.expose_secret().trim().trim_end_matches('=');
    if text.is_empty() {
        return Err(ImportError::Empty);
    }
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !text.chars().all(letter) {
        return Err(ImportError::NotOne(wanted));
    }
    match form(text) {
        Some(found) if found != wanted => return Err(ImportError::Another { found, wanted }),
        Some(_) => {}
        None if text.len() < shortest(wanted) => return Err(ImportError::Truncated(wanted)),
        None => return Err(ImportError::NotOne(wanted)),
    }
    let body = if wanted == Format::TelethonString { &text[1..] } else { text };
    URL_SAFE_NO_PAD.decode(body).map_err(|_| ImportError::NotOne(wanted))
}

/// Which form a string has, by its length and beginning.
fn form(text: &str) -> Option<Format> {
    if TELETHON.contains(&text.len()) && text.starts_with(TELETHON_VERSION) {
        Some(Format::TelethonString)
    } else {
        PYROGRAM.contains(&text.len()).then_some(Format::PyrogramString)
    }
}

const fn shortest(format: Format) -> usize {
    match format {
        Format::TelethonString => TELETHON[0],
        Format::PyrogramString => PYROGRAM[0],
        Format::GrammersFile | Format::TelethonFile | Format::PyrogramFile => 0,
    }
}

/// The first bytes, and the rest.
fn take<const N: usize>(bytes: &[u8], format: Format) -> Result<([u8; N], &[u8]), ImportError> {
    let (first, rest) = bytes.split_first_chunk().ok_or(ImportError::Truncated(format))?;
    Ok((*first, rest))
}
