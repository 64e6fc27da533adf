//! One message of an export, in every shape that versions of Telegram Desktop gave it.

use std::io::Read;
use std::time::Duration;

use chrono::NaiveDateTime;
use domain::time::{Timestamp, Zone};
use struson::reader::ValueType;

use super::reader::{Problem, Reader};
use crate::feed::Shape;

/// What is needed of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// Negative for what came along from a migrated group.
    pub(super) id: i64,
    pub(super) at: Timestamp,
    pub(super) author: Author,
    pub(super) answers: Option<i64>,
    pub(super) shape: Shape,
    pub(super) text: String,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Author {
    /// `from_id: "user1"`.
    User(i64),
    /// `from_id: "channel1"`.
    Channel(i64),
    /// Not said: posts of older exports, deleted accounts.
    Unknown,
}

const MESSAGE: &str = "a message";
const ID: &str = "a message id, a whole number";
const DATE: &str = "a date such as 2024-05-01T12:00:00";
const UNIX_DATE: &str = "a date in seconds since 1970";
const TEXT: &str = "a text: a string, or a list of strings and of objects with a text";

/// Reads a message. Dates without a zone are taken to be in `zone`.
pub(super) fn read<R: Read>(reader: &mut Reader<R>, zone: Zone) -> Result<Message, Problem> {
    let (mut id, mut at, mut local) = (None, None, None);
    let mut message = Message {
        id: 0,
        at: Timestamp::EPOCH,
        author: Author::Unknown,
        answers: None,
        shape: Shape::Text,
        text: String::new(),
    };
    let mut is_service = false;
    reader.object(MESSAGE, |reader, name| {
        match name {
            "id" => id = Some(reader.number(ID)?),
            "type" => is_service = reader.string("a type of message")? != "message",
            "date" => local = Some(local_date(reader, zone)?),
            "date_unixtime" => at = Some(Timestamp::from_secs(reader.number(UNIX_DATE)?)),
            "from_id" => message.author = author(reader)?,
            "reply_to_message_id" => message.answers = Some(reader.number(ID)?),
            "text" => message.text = text(reader)?,
            "photo" => {
                message.shape = Shape::Photo;
                reader.skip()?;
            }
            "media_type" => message.shape = media(reader.string_if_any("a type of media")?.as_deref()),
            "file" if message.shape == Shape::Text => {
                message.shape = Shape::Document;
                reader.skip()?;
            }
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    message.id = id.ok_or_else(|| reader.wrong("a message without id", ID))?;
    message.at = at.or(local).ok_or_else(|| reader.wrong("a message without date", DATE))?;
    if is_service {
        message.shape = Shape::Service;
    }
    Ok(message)
}

fn media(kind: Option<&str>) -> Shape {
    match kind {
        Some("video_file" | "animation" | "video_message") => Shape::Video,
        Some(_) | None => Shape::Document,
    }
}

fn author<R: Read>(reader: &mut Reader<R>) -> Result<Author, Problem> {
    if reader.peek("an author")? == ValueType::Number {
        return reader.number("an author").map(Author::User);
    }
    let Some(text) = reader.string_if_any("an author")? else { return Ok(Author::Unknown) };
    let id = |kind| text.strip_prefix(kind).and_then(|id: &str| id.parse().ok());
    Ok(id("channel").map(Author::Channel).or_else(|| id("user").map(Author::User)).unwrap_or(Author::Unknown))
}

/// A string, or pieces: plain ones, and styled ones whose own text counts.
fn text<R: Read>(reader: &mut Reader<R>) -> Result<String, Problem> {
    match reader.peek(TEXT)? {
        ValueType::String => reader.string(TEXT),
        ValueType::Null => reader.skip().map(|()| String::new()),
        ValueType::Array => {
            let mut whole = String::new();
            reader.array(TEXT, |reader| match reader.peek(TEXT)? {
                ValueType::Object => reader.object(TEXT, |reader, name| match name {
                    "text" => reader.string(TEXT).map(|piece| whole.push_str(&piece)),
                    _ => reader.skip(),
                }),
                ValueType::String
                | ValueType::Array
                | ValueType::Number
                | ValueType::Boolean
                | ValueType::Null => reader.string(TEXT).map(|piece| whole.push_str(&piece)),
            })?;
            Ok(whole)
        }
        other @ (ValueType::Object | ValueType::Number | ValueType::Boolean) => {
            Err(reader.wrong(other.to_string(), TEXT))
        }
    }
}

fn local_date<R: Read>(reader: &mut Reader<R>, zone: Zone) -> Result<Timestamp, Problem> {
    let text = reader.string(DATE)?;
    let Ok(naive) = NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S") else {
        return Err(reader.wrong(format!("{text:?}"), DATE));
    };
    let wall = naive.and_utc().timestamp();
    // The offset at the same number of seconds in UTC is right but near a change of the clocks, the second guess is there too.
    let guess = wall - offset(zone, wall);
    Ok(Timestamp::from_secs(wall - offset(zone, guess)))
}

/// How many seconds a zone is ahead of UTC at this second.
fn offset(zone: Zone, second: i64) -> i64 {
    let at = Timestamp::from_secs(second);
    let minutes = i64::from(zone.day(at).0) * 24 * 60 + i64::from(zone.minute_of_day(at));
    minutes * 60 - (second - second.rem_euclid(60))
}

/// Two messages are parts of one album if they carry media and share their second and author.
pub(super) fn same_album(one: &Message, next: &Message) -> bool {
    let has_media = |it: &Message| matches!(it.shape, Shape::Photo | Shape::Video | Shape::Document);
    has_media(one)
        && has_media(next)
        && one.author == next.author
        && next.at.since(one.at) < Duration::from_secs(1)
        && one.at <= next.at
}
