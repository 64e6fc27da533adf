//! What is going to happen by itself, in order of time; what was put down first comes first within an instant.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use domain::id::MessageId;
use domain::time::Timestamp;

use crate::door::Told;

/// Something that happens by itself. Channels and accounts by index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Happening {
    /// The channel's n-th publication.
    Publish { channel: u32, nth: u32 },
    /// The post's text changes.
    Edit { channel: u32, post: MessageId },
    /// The post goes, with its album.
    Delete { channel: u32, post: MessageId },
    /// The post's comments are closed.
    Close { channel: u32, post: MessageId },
    /// The n-th reader writes under the channel's publication, whose first post this is.
    Read { channel: u32, post: MessageId, publication: u32, nth: u32 },
    /// A reader replies to a comment of ours.
    Reply { channel: u32, message: MessageId },
    /// A message in the group goes.
    Remove { channel: u32, message: MessageId },
    /// The account loses its connection, for the n-th time.
    Disconnect { account: u32, nth: u32 },
    /// The account's session is revoked, for the n-th time.
    Revoke { account: u32, nth: u32 },
    /// The account's owner is back and could log in again.
    OwnerBack { account: u32 },
    /// Telegram freezes the account.
    Freeze { account: u32 },
    /// An administrator lets the account into the group.
    Admit { account: u32, channel: u32 },
    /// An update arrives late.
    Deliver { account: u32, told: Box<Told> },
}

/// The agenda.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    heap: BinaryHeap<Reverse<Planned>>,
    put_down: u64,
}

#[derive(Debug)]
struct Planned {
    at: Timestamp,
    order: u64,
    happening: Happening,
}

impl Agenda {
    pub(super) fn put(&mut self, at: Timestamp, happening: Happening) {
        self.put_down += 1;
        self.heap.push(Reverse(Planned { at, order: self.put_down, happening }));
    }

    /// When the next thing happens.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.heap.peek().map(|Reverse(planned)| planned.at)
    }

    /// Takes the next thing that happens up to and including `now`.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Option<(Timestamp, Happening)> {
        self.heap.peek().filter(|Reverse(planned)| planned.at <= now)?;
        self.heap.pop().map(|Reverse(planned)| (planned.at, planned.happening))
    }
}

impl Ord for Planned {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

impl PartialOrd for Planned {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Planned {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.order) == (other.at, other.order)
    }
}

impl Eq for Planned {}
