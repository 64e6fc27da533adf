//! Exports of both shapes, of old and new versions, broken and whole.

use std::path::{Path, PathBuf};

use domain::id::PeerId;
use domain::seed::Seed;
use domain::time::Zone;

use super::reader::Problem;
use super::*;
use crate::error::ExportError;
use crate::feed::Shape;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports").join(name)
}

fn loaded(text: &str) -> Result<ExportWorld, ExportError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("result.json");
    std::fs::write(&path, text).unwrap();
    ExportWorld::load(&path, Zone::UTC)
}

/// Where a text is broken, what stands there and what should.
fn broken(text: &str) -> (String, String, &'static str) {
    match loaded(text) {
        Err(ExportError::Broken { place, found, expected, .. }) => (place, found, expected),
        other => panic!("{other:?}"),
    }
}

fn chat(messages: &str) -> String {
    format!("{{\"type\": \"public_channel\", \"id\": 1,\n \"messages\": [{messages}]}}")
}

#[test]
fn one_chat_becomes_posts_albums_and_texts_of_every_script() {
    let world = ExportWorld::load(&fixture("one_chat.json"), Zone::UTC).unwrap();
    assert_eq!((world.channels(), world.posts(), world.comments(), world.ignored_chats()), (1, 4, 0, 0));
    assert_eq!(world.title(0), "Керамика");
    assert!(!world.is_private(0));
    assert_eq!(world.newest_before(0), MessageId(1));
    assert_eq!(world.first_at(), Some(Timestamp::from_secs(1_709_287_200)));

    assert_eq!(world.post_text(0, MessageId(2), false), "Открыли запись! сюда");
    assert_eq!(world.post_text(0, MessageId(8), false), "سلام 👨‍👩‍👧‍👦");
    assert_eq!(world.post_text(0, MessageId(9), false), "");
    let album = world.publication(0, 1).unwrap();
    let shapes: Vec<_> = album.iter().map(|item| (item.id.get(), item.shape, item.has_text)).collect();
    assert_eq!(shapes, [(3, Shape::Photo, true), (4, Shape::Photo, false), (5, Shape::Video, false)]);
    assert_eq!(world.publication(0, 2).unwrap().len(), 1, "two texts in one second are no album");
    assert!(world.publication(0, 4).is_none());
}

#[test]
fn a_whole_account_keeps_channels_and_the_discussion_that_belongs_to_them() {
    let world = ExportWorld::load(&fixture("account.json"), Zone::UTC).unwrap();
    assert_eq!((world.channels(), world.posts(), world.comments()), (2, 3, 3));
    assert_eq!(world.ignored_chats(), 8, "six without channels, a foreign group, a silent channel");
    assert_eq!((world.title(0).as_str(), world.is_private(0)), ("Channel 0", true));
    assert_eq!((world.title(1).as_str(), world.is_private(1)), ("Left", false));

    let question = world.comment(0, 0, 0).unwrap();
    assert_eq!((question.text.as_str(), question.answers), ("Сколько стоит?", None));
    assert_eq!(world.comment_at(0, 0, 0), Some(Timestamp::from_secs(1_709_287_260)));
    let reply = world.comment(0, 0, 1).unwrap();
    assert_eq!((reply.text.as_str(), reply.answers), ("Сто рублей", Some(0)));
    assert_eq!(reply.author, WorldPlan::channel_peer(0), "the channel itself answered");
    assert_ne!(question.author, PeerId(8), "readers' ids stay clear of the world's own");
    assert!(world.comment(0, 0, 2).is_none());
    assert_eq!(world.comment(0, 1, 0).unwrap().text, "");
}

#[test]
fn dates_without_a_zone_are_the_exporters_own() {
    let at = |zone: &str| {
        let world = ExportWorld::load(&fixture("account.json"), zone.parse().unwrap()).unwrap();
        world.publication_at(1, 0).unwrap()
    };
    assert_eq!(at("UTC").rfc3339(), "2019-07-01T12:00:00.000000Z");
    assert_eq!(at("Europe/Moscow").rfc3339(), "2019-07-01T09:00:00.000000Z");
    assert_eq!(at("America/New_York").rfc3339(), "2019-07-01T16:00:00.000000Z");
}

#[test]
fn an_export_cut_off_anywhere_is_an_error_that_says_where() {
    let whole = std::fs::read_to_string(fixture("account.json")).unwrap();
    let whole = whole.trim_end();
    for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        match load::read(&whole.as_bytes()[..end], Zone::UTC) {
            Err(Problem::Broken { place, .. }) => assert!(place.contains("line "), "{place}"),
            other => panic!("cut at {end}: {other:?}"),
        }
    }
}

#[test]
fn an_error_names_the_place_what_stands_there_and_what_should() {
    let (place, found, expected) = broken(&chat(r#"{"id": "x", "type": "message"}"#));
    assert_eq!(place, "path '$.messages[0].id', line 2, column 25");
    assert_eq!((found.as_str(), expected), ("\"x\"", "a message id, a whole number"));

    let (place, found, expected) =
        broken(&chat(r#"{"id": 1, "type": "message", "date": "1 May", "text": ""}"#));
    assert!(place.starts_with("path '$.messages[0].date', line 2"), "{place}");
    assert_eq!((found.as_str(), expected), ("\"1 May\"", "a date such as 2024-05-01T12:00:00"));

    let (_, found, _) = broken(&chat(r#"{"type": "message", "date": "2024-05-01T12:00:00", "text": ""}"#));
    assert_eq!(found, "a message without id");
    let (_, found, _) = broken(&chat(r#"{"id": 1, "type": "message", "text": ""}"#));
    assert_eq!(found, "a message without date");
    let (_, found, expected) = broken(&chat(r#"{"id": 1, "text": 5}"#));
    assert!(found == "Number" && expected.starts_with("a text:"), "{found} {expected}");
    let (_, found, _) = broken(&chat(r#"{"id": 1, "text": ["a", 5]}"#));
    assert_eq!(found, "Number");
    let (_, found, expected) = broken(&chat("7"));
    assert_eq!((found.as_str(), expected), ("Number", "a message"));
    let (_, found, _) = broken(&chat("{'id': 1}"));
    assert!(found.starts_with("invalid JSON"), "{found}");
    let (_, found, _) = broken("{\"name\": \"nothing else\"}");
    assert_eq!(found, "neither messages nor chats");
    let (_, _, expected) = broken(&format!("{}]", chat("")));
    assert_eq!(expected, "the end of the file");
}

#[test]
fn the_message_of_a_broken_export_is_one_line_with_file_place_and_expectation() {
    let message = |name| ExportWorld::load(&fixture(name), Zone::UTC).unwrap_err().to_string();
    let cut_off = message("cut_off.json");
    assert!(
        cut_off.contains("cut_off.json is broken at path '$.messages[1].date', line 7, column"),
        "{cut_off}"
    );
    assert!(
        cut_off.ends_with("found the end of the file, expected a date such as 2024-05-01T12:00:00"),
        "{cut_off}"
    );
    let wrong = message("wrong_date.json");
    assert!(wrong.contains("'$.messages[1].date', line 7") && wrong.contains("01.03.2024 10:00"), "{wrong}");
}

#[test]
fn bytes_that_are_no_text_are_an_error_with_their_place() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("result.json");
    std::fs::write(&path, b"{\"type\": \"public_channel\", \"name\": \"\xff\xfe\"}").unwrap();
    let Err(ExportError::Broken { found, .. }) = ExportWorld::load(&path, Zone::UTC) else {
        panic!("no error")
    };
    assert!(found.contains("UTF-8"), "{found}");
}

#[test]
fn a_missing_file_and_one_without_channels_are_told_apart() {
    assert!(matches!(ExportWorld::load(&fixture("none.json"), Zone::UTC), Err(ExportError::Open { .. })));
    let personal = ExportWorld::load(&fixture("only_personal.json"), Zone::UTC);
    assert!(matches!(personal, Err(ExportError::NoChannel { .. })));
}

#[test]
fn a_made_up_export_of_thousands_loads_with_its_album_of_a_hundred_photos() {
    let world = loaded(&sample(Seed(5), 4_000)).unwrap();
    assert_eq!((world.channels(), world.ignored_chats()), (1, 1));
    assert_eq!(world.publication(0, 0).unwrap().len(), 100);
    assert!(world.posts() > 2_000, "{}", world.posts());
    assert!(world.comments() > 500, "{}", world.comments());
    assert_eq!(world.digest(), loaded(&sample(Seed(5), 4_000)).unwrap().digest());
    assert_ne!(world.digest(), loaded(&sample(Seed(6), 4_000)).unwrap().digest());
}
