//! What a door can be told to do wrong, while it runs: the ways in which networks and Telegram's servers fail.
//!
//! What the world does wrong (waits, lost answers, late updates) is in its plan; what is here is between world and client.

use serde::{Deserialize, Serialize};

/// What the door does wrong now. Nothing, by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DoorFaults {
    /// Nobody listens: connections are refused. Open ones stay.
    pub refuses: bool,
    /// Connections are accepted, and never a byte is read or answered.
    pub swallows: bool,
    /// Calls are read and carried out, and never answered.
    pub silent: bool,
    /// Updates are not pushed; who asks for a difference gets them.
    pub withholds_updates: bool,
    /// Every update is pushed twice.
    pub doubles_updates: bool,
    /// Whoever asks a channel for a difference is told that it is too long.
    pub too_long_differences: bool,
    /// Chats and people come with updates as `min` constructors, whose access hashes count nowhere.
    pub min_peers: bool,
    /// What becomes of a call whose answer the world loses.
    pub lost_answers: LostAnswer,
}

/// What a client sees of an answer that is lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LostAnswer {
    /// The connection ends.
    #[default]
    HangUp,
    /// Error -503: Telegram's servers do not know themselves.
    TimedOut,
    /// Nothing at all.
    Silence,
}
