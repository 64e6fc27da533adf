//! grammers' session file: a SQLite database with the data centres, their keys, and the chats.
//!
//! It is opened for reading only and left as it is. Telethon and Pyrogram keep SQLite files, too; their tables tell them
//! apart. A file that was copied while it grew, or cut off, is shorter than its own header says.

use std::io::Read as _;
use std::path::Path;

use domain::id::PeerId;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};

use super::{Format, ImportError, address_of, key};
use crate::Session;
use crate::grammers::GrammersSession;

/// How every SQLite file begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The one version of the file that there is.
const VERSION: i64 = 1;

/// The bits of `peer_info.subtype` for the account itself, and for a bot.
const SELF: i64 = 1;
const BOT: i64 = 2;

/// Reads a grammers session file.
///
/// # Errors
/// [`ImportError`] says what it is instead, or what is wrong with it.
pub async fn grammers_file(path: &Path) -> Result<Session, ImportError> {
    check_whole(path)?;
    let options = SqliteConnectOptions::new().filename(path).read_only(true).disable_statement_logging();
    let mut database = options.connect().await.map_err(ImportError::Database)?;
    let session = read(&mut database).await;
    drop(database.close().await);
    session
}

/// Looks whether a file is a SQLite database, and as long as it says it is.
fn check_whole(path: &Path) -> Result<(), ImportError> {
    let mut file = std::fs::File::open(path).map_err(ImportError::File)?;
    let length = file.metadata().map_err(ImportError::File)?.len();
    let mut header = Vec::new();
    file.by_ref().take(100).read_to_end(&mut header).map_err(ImportError::File)?;
    if header.is_empty() {
        return Err(ImportError::Empty);
    }
    if !header.starts_with(MAGIC) {
        return Err(ImportError::NotOne(Format::GrammersFile));
    }
    let number = |at: usize, bytes: usize| {
        let field = header.get(at..at + bytes)?;
        Some(field.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)))
    };
    let (Some(page), Some(pages)) = (number(16, 2), number(28, 4)) else {
        return Err(ImportError::Truncated(Format::GrammersFile));
    };
    let page = if page == 1 { 65_536 } else { page };
    if length < page * pages { Err(ImportError::Truncated(Format::GrammersFile)) } else { Ok(()) }
}

async fn read(database: &mut SqliteConnection) -> Result<Session, ImportError> {
    check_form(database).await?;
    let home: Option<(i32,)> = sqlx::query_as("SELECT dc_id FROM dc_home LIMIT 1")
        .fetch_optional(&mut *database)
        .await
        .map_err(ImportError::Database)?;
    let (home,) = home.ok_or(ImportError::Keyless)?;
    let centre: Option<(String, Option<Vec<u8>>)> =
        sqlx::query_as("SELECT ipv4, auth_key FROM dc_option WHERE dc_id = ?")
            .bind(home)
            .fetch_optional(&mut *database)
            .await
            .map_err(ImportError::Database)?;
    let (address, auth_key) = centre.ok_or(ImportError::Keyless)?;
    let address = address.parse().or_else(|_| address_of(home))?;
    let auth_key = key(&auth_key.ok_or(ImportError::Keyless)?)?;
    let me: Option<(i64, i64)> =
        sqlx::query_as("SELECT peer_id, subtype FROM peer_info WHERE subtype & ? AND peer_id > 0 LIMIT 1")
            .bind(SELF)
            .fetch_optional(&mut *database)
            .await
            .map_err(ImportError::Database)?;
    let bot = me.is_some_and(|(_, subtype)| subtype & BOT != 0);
    Ok(GrammersSession::for_key(home, address, auth_key, me.map(|(id, _)| PeerId(id)), bot))
}

/// Looks whose tables these are.
async fn check_form(database: &mut SqliteConnection) -> Result<(), ImportError> {
    const WANTED: Format = Format::GrammersFile;
    let tables: Vec<(String,)> = sqlx::query_as("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .fetch_all(&mut *database)
        .await
        .map_err(ImportError::Database)?;
    let has = |name: &str| tables.iter().any(|(table,)| table == name);
    if has("sessions") && has("entities") {
        return Err(ImportError::Another { found: Format::TelethonFile, wanted: WANTED });
    }
    if has("sessions") && has("peers") {
        return Err(ImportError::Another { found: Format::PyrogramFile, wanted: WANTED });
    }
    if !["dc_home", "dc_option", "peer_info"].into_iter().all(has) {
        return Err(ImportError::NotOne(WANTED));
    }
    let (version,): (i64,) = sqlx::query_as("PRAGMA user_version")
        .fetch_one(&mut *database)
        .await
        .map_err(ImportError::Database)?;
    if version > VERSION { Err(ImportError::Newer(version)) } else { Ok(()) }
}
