//! Sessions of each form, whole and broken, as their own libraries would write them.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use domain::id::PeerId;
use proptest::prelude::*;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use super::*;
use crate::Session;
use crate::grammers::GrammersSession;

const KEY: [u8; 256] = [0xa5; 256];
const HERE: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(149, 154, 167, 50), 443);

/// What Telethon's `StringSession.save` gives.
fn telethon_text(dc: u8, place: &[u8]) -> String {
    let bytes = [&[dc][..], place, &443_u16.to_be_bytes(), &KEY].concat();
    format!("1{}", URL_SAFE.encode(bytes))
}

/// What Pyrogram's `export_session_string` gives, in its three versions.
fn pyrogram_text(version: u8, dc: u8, test: bool) -> String {
    let application = 12_345_u32.to_be_bytes();
    let user = 777_u64.to_be_bytes();
    let fields: &[&[u8]] = match version {
        1 => &[&[dc, test.into()], &KEY, &user[4..], &[1]],
        2 => &[&[dc, test.into()], &KEY, &user, &[1]],
        _ => &[&[dc], &application, &[test.into()], &KEY, &user, &[1]],
    };
    URL_SAFE_NO_PAD.encode(fields.concat())
}

fn read(session: Result<Session, ImportError>) -> GrammersSession {
    GrammersSession::read(&session.unwrap()).unwrap()
}

fn error(session: Result<Session, ImportError>) -> String {
    session.unwrap_err().to_string()
}

#[test]
fn a_telethon_string_becomes_a_session_and_goes_back() {
    let text = telethon_text(2, &HERE.ip().octets());
    let session = read(telethon(&format!(" {text}\n").into()));
    let home = session.home_centre().unwrap();
    assert_eq!((home.id, home.address, home.key.0), (2, HERE, KEY));
    assert_eq!(session.me(), None, "Telethon does not say who it is");
    assert_eq!(secrecy::ExposeSecret::expose_secret(&to_telethon(&session.to_bytes()).unwrap()), text);
}

#[test]
fn a_telethon_string_with_an_ipv6_address_leads_to_the_same_data_centre() {
    let session = read(telethon(&telethon_text(4, &[0x20; 16]).into()));
    assert_eq!(session.home_centre().unwrap().address, address_of(4).unwrap());
}

#[test]
fn a_pyrogram_string_of_each_version_becomes_a_session() {
    for version in 1..=3 {
        let session = read(pyrogram(&pyrogram_text(version, 4, false).into()));
        let home = session.home_centre().unwrap();
        assert_eq!((home.id, home.address, home.key.0), (4, address_of(4).unwrap(), KEY), "{version}");
        let me = session.me().unwrap();
        assert_eq!((me.id, me.bot), (PeerId(777), true), "{version}");
    }
}

#[test]
fn a_string_of_another_form_is_named() {
    let (telethon_text, pyrogram_text) = (telethon_text(2, &[1, 2, 3, 4]), pyrogram_text(3, 2, false));
    assert_eq!(
        error(telethon(&pyrogram_text.into())),
        "this is a Pyrogram session string, not a Telethon session string"
    );
    assert_eq!(
        error(pyrogram(&telethon_text.into())),
        "this is a Telethon session string, not a Pyrogram session string"
    );
}

#[test]
fn a_string_that_is_no_session_says_what_is_wrong() {
    let whole = telethon_text(2, &[1, 2, 3, 4]);
    assert_eq!(error(telethon(&"  ".into())), "there is nothing to read");
    assert_eq!(
        error(telethon(&whole[..300].into())),
        "this is the beginning of a Telethon session string; its end is missing, copy it whole"
    );
    assert_eq!(error(telethon(&"not a session!".into())), "this is not a Telethon session string");
    assert_eq!(error(telethon(&"A".repeat(500).into())), "this is not a Telethon session string");
    assert_eq!(
        error(telethon(&telethon_text(9, &[1, 2, 3, 4]).into())),
        "Telegram has no data centre 9; the session is damaged"
    );
    assert_eq!(
        error(pyrogram(&pyrogram_text(3, 2, true).into())),
        "this session belongs to Telegram's test servers"
    );
    let keyless = format!("1{}", URL_SAFE.encode([&[2, 1, 2, 3, 4, 1, 187][..], &[0; 256]].concat()));
    assert_eq!(error(telethon(&keyless.into())), "the session has no key: nobody logged in with it");
}

/// A SQLite file made by these statements.
async fn file(folder: &tempfile::TempDir, statements: &[&'static str]) -> PathBuf {
    let path = folder.path().join("made.session");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut database = options.connect().await.unwrap();
    for statement in statements {
        sqlx::query(*statement).execute(&mut database).await.unwrap();
    }
    sqlx::Connection::close(database).await.unwrap();
    path
}

/// The tables that grammers makes.
const TABLES: [&str; 4] = [
    "CREATE TABLE dc_home (dc_id INTEGER NOT NULL, PRIMARY KEY(dc_id))",
    "CREATE TABLE dc_option (dc_id INTEGER NOT NULL, ipv4 TEXT NOT NULL, ipv6 TEXT NOT NULL, auth_key BLOB,
     PRIMARY KEY (dc_id))",
    "CREATE TABLE peer_info (peer_id INTEGER NOT NULL, hash INTEGER, subtype INTEGER, PRIMARY KEY (peer_id))",
    "PRAGMA user_version = 1",
];

const LOGGED_IN: [&str; 3] = [
    "INSERT INTO dc_home VALUES (2)",
    "INSERT INTO dc_option VALUES (2, '149.154.167.50:443', '[::1]:443', zeroblob(255) || x'01')",
    "INSERT INTO peer_info VALUES (777, 5, 3), (778, 6, 2)",
];

#[tokio::test]
async fn a_grammers_file_becomes_a_session_and_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, &[&TABLES[..], &LOGGED_IN].concat()).await;
    let before = std::fs::read(&path).unwrap();
    let session = read(grammers_file(&path).await);
    let home = session.home_centre().unwrap();
    assert_eq!((home.id, home.address, home.key.0[255]), (2, HERE, 1));
    let me = session.me().unwrap();
    assert_eq!((me.id, me.bot), (PeerId(777), true));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_file_that_is_no_session_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let of = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let whole = std::fs::read(file(&folder, &[&TABLES[..], &LOGGED_IN].concat()).await).unwrap();
    let cut = "this is the beginning of a grammers session file; its end is missing, copy it whole";
    for length in [20, 99, 4096, whole.len() - 1] {
        assert_eq!(error(grammers_file(&of("cut", &whole[..length])).await), cut, "{length}");
    }
    assert_eq!(error(grammers_file(&of("empty", b"")).await), "there is nothing to read");
    assert_eq!(error(grammers_file(&of("text", b"1BVt...")).await), "this is not a grammers session file");
    let missing = grammers_file(&folder.path().join("missing")).await;
    assert_eq!(error(missing), "the session file cannot be read");
}

#[tokio::test]
async fn a_file_of_another_form_is_named() {
    for (statements, expected) in [
        (
            &["CREATE TABLE sessions (dc_id)", "CREATE TABLE entities (id)"][..],
            "this is a Telethon session file, not a grammers session file",
        ),
        (
            &["CREATE TABLE sessions (dc_id)", "CREATE TABLE peers (id)"],
            "this is a Pyrogram session file, not a grammers session file",
        ),
        (&["CREATE TABLE songs (id)"], "this is not a grammers session file"),
        (&TABLES, "the session has no key: nobody logged in with it"),
        (
            &[TABLES[0], TABLES[1], TABLES[2], "PRAGMA user_version = 2"],
            "the session file is of version 2, only version 1 is known",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(error(grammers_file(&file(&folder, statements).await).await), expected);
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,40}", cut in 0_usize..400, version in 1_u8..4) {
        drop(telethon(&text.clone().into()));
        drop(pyrogram(&text.into()));
        let whole = pyrogram_text(version, 2, false);
        drop(pyrogram(&whole[..cut.min(whole.len())].into()));
        drop(telethon(&whole[..cut.min(whole.len())].into()));
    }
}
