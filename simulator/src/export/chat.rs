//! One chat of an export: what it is, and the messages that may matter.
//!
//! Whether a chat matters is known from its type, which Telegram Desktop writes before the messages. A chat whose messages
//! come first is read all the same and judged at its end.

use std::io::Read;

use domain::time::Zone;

use super::message::{self, Message};
use super::reader::{Problem, Reader};
use crate::feed::Shape;

/// A chat.
#[derive(Debug, Default)]
pub(super) struct Chat {
    pub(super) kind: Kind,
    /// Without the `-100` prefix.
    pub(super) id: i64,
    pub(super) name: Option<String>,
    /// By id; without service messages and what came from a migrated group.
    pub(super) messages: Vec<Message>,
}

/// What a chat is to a replay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    PublicChannel,
    PrivateChannel,
    /// A supergroup: perhaps the discussion of a channel.
    Group,
    /// Personal chats, bots, small groups.
    Other,
    #[default]
    Unsaid,
}

const CHAT: &str = "a chat: an object with type, id and messages";

impl Chat {
    pub(super) fn is_channel(&self) -> bool {
        matches!(self.kind, Kind::PublicChannel | Kind::PrivateChannel)
    }

    /// Reads a chat.
    pub(super) fn read<R: Read>(reader: &mut Reader<R>, zone: Zone) -> Result<Self, Problem> {
        let mut chat = Self::default();
        reader.object(CHAT, |reader, name| chat.member(reader, name, zone))?;
        Ok(chat)
    }

    /// Reads one member of a chat's object.
    pub(super) fn member<R: Read>(
        &mut self,
        reader: &mut Reader<R>,
        name: &str,
        zone: Zone,
    ) -> Result<(), Problem> {
        match name {
            "type" => self.kind = kind(&reader.string("a type of chat")?),
            "id" => self.id = bare(reader.number("a chat id, a whole number")?),
            "name" => self.name = reader.string_if_any("a name")?.filter(|name| !name.trim().is_empty()),
            "messages" if self.kind == Kind::Other => reader.skip()?,
            "messages" => {
                reader.array("a list of messages", |reader| {
                    let message = message::read(reader, zone)?;
                    if message.shape != Shape::Service && message.id > 0 {
                        self.messages.push(message);
                    }
                    Ok(())
                })?;
                self.messages.sort_by_key(|message| message.id);
                self.messages.dedup_by_key(|message| message.id);
            }
            _ => reader.skip()?,
        }
        Ok(())
    }
}

fn kind(name: &str) -> Kind {
    match name {
        "public_channel" => Kind::PublicChannel,
        "private_channel" => Kind::PrivateChannel,
        "public_supergroup" | "private_supergroup" => Kind::Group,
        _ => Kind::Other,
    }
}

/// An id without the prefix that the Bot API puts before those of channels.
const fn bare(id: i64) -> i64 {
    const PREFIX: i64 = -1_000_000_000_000;
    if id < PREFIX { PREFIX - id } else { id }
}
