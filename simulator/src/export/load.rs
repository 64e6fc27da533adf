//! The whole file: one chat at the top, or a list of them, turned into channels once all of it was read.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use domain::id::MessageId;
use domain::seed::Seed;
use domain::time::Zone;

use super::ExportWorld;
use super::channel::{Channel, Post, Publication};
use super::chat::{Chat, Kind};
use super::message::same_album;
use super::reader::{Problem, Reader};
use super::threads;
use crate::error::ExportError;

impl ExportWorld {
    /// Loads `result.json`. Older exports give dates without a zone: they are taken to be in `zone`, the exporter's.
    ///
    /// # Errors
    /// When the file cannot be read, is broken or cut off, or has no channel with posts.
    pub fn load(path: &Path, zone: Zone) -> Result<Self, ExportError> {
        let file = File::open(path).map_err(|source| ExportError::Open { path: path.to_owned(), source })?;
        let chats =
            read(BufReader::with_capacity(256 * 1024, file), zone).map_err(|problem| match problem {
                Problem::Io { place, source } => ExportError::Read { path: path.to_owned(), place, source },
                Problem::Broken { place, found, expected } => {
                    ExportError::Broken { path: path.to_owned(), place, found, expected }
                }
            })?;
        let world = Self::of(chats);
        if world.channels.is_empty() {
            Err(ExportError::NoChannel { path: path.to_owned() })
        } else {
            Ok(world)
        }
    }

    fn of(chats: Vec<Chat>) -> Self {
        let all = chats.len();
        let (channels, others): (Vec<Chat>, Vec<Chat>) = chats.into_iter().partition(Chat::is_channel);
        let mut groups: Vec<Chat> = others.into_iter().filter(|chat| chat.kind == Kind::Group).collect();
        let mut world = Self::default();
        let mut used = 0;
        for chat in channels {
            if chat.messages.is_empty() {
                continue;
            }
            let group = groups
                .iter()
                .position(|group| threads::belongs(group, chat.id))
                .map(|at| groups.swap_remove(at));
            used += 1 + usize::from(group.is_some());
            let mut channel = channel(&chat);
            if let Some(group) = group {
                threads::attach(&mut channel, chat.id, &group);
            }
            world.channels.push(channel);
        }
        world.ignored_chats = (all - used) as u64;
        world.digest = world.channels.iter().fold(Seed(0), digest).0;
        world
    }
}

/// Reads all chats of a file.
pub(super) fn read(from: impl Read, zone: Zone) -> Result<Vec<Chat>, Problem> {
    const TOP: &str = "an export of Telegram Desktop: an object with messages or chats";
    let mut reader = Reader::new(from);
    let mut chats = Vec::new();
    let (mut single, mut is_single, mut is_account) = (Chat::default(), false, false);
    reader.object(TOP, |reader, name| match name {
        "chats" | "left_chats" => {
            is_account = true;
            read_list(reader, zone, &mut chats)
        }
        _ => {
            is_single |= name == "messages";
            single.member(reader, name, zone)
        }
    })?;
    if is_single {
        chats.push(single);
    } else if !is_account {
        return Err(reader.wrong("neither messages nor chats", TOP));
    }
    reader.finish()?;
    Ok(chats)
}

fn read_list<R: Read>(reader: &mut Reader<R>, zone: Zone, chats: &mut Vec<Chat>) -> Result<(), Problem> {
    reader.object("an object with a list of chats", |reader, name| match name {
        "list" => reader.array("a list of chats", |reader| {
            chats.push(Chat::read(reader, zone)?);
            Ok(())
        }),
        _ => reader.skip(),
    })
}

fn channel(chat: &Chat) -> Channel {
    let mut channel = Channel {
        title: chat.name.clone(),
        is_private: chat.kind == Kind::PrivateChannel,
        ..Channel::default()
    };
    for (at, message) in chat.messages.iter().enumerate() {
        let text = channel.keep(&message.text);
        // Ids rise with time; where an export says otherwise, the order of ids is kept.
        let published = channel.posts.last().map_or(message.at, |last| last.at.max(message.at));
        channel.posts.push(Post { id: MessageId(message.id), at: published, shape: message.shape, text });
        let joins = at
            .checked_sub(1)
            .and_then(|before| chat.messages.get(before))
            .is_some_and(|it| same_album(it, message));
        match channel.publications.last_mut().filter(|_| joins) {
            Some(album) => album.posts += 1,
            None => channel.publications.push(Publication {
                first_post: at,
                posts: 1,
                first_comment: 0,
                comments: 0,
            }),
        }
    }
    channel
}

fn digest(so_far: Seed, channel: &Channel) -> Seed {
    let posts = channel.posts.iter().fold(so_far, |seed, post| {
        seed.derive(channel.text(post.text), post.id.get()).derive("at", post.at.micros())
    });
    channel
        .comments
        .iter()
        .fold(posts, |seed, comment| seed.derive(channel.text(comment.text), comment.at.micros()))
}
