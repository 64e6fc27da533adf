//! An account as Telegram keeps it: its session, what bars it from writing, where it joined, and its connection.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::time::Timestamp;
use telegram::Session;

use crate::door::Line;
use crate::faults::SendFault;

/// The account.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// Which login counts; every revocation ends the one before.
    pub(super) login: u32,
    /// The login key that the session stands on, if it came by a code or a QR code.
    pub(super) key: Option<u16>,
    pub(super) revoked: bool,
    pub(super) frozen: bool,
    /// No sends before this, by `FLOOD_WAIT`.
    pub(super) wait_until: Option<Timestamp>,
    /// No sends before this, by `PEER_FLOOD`.
    pub(super) limited_until: Option<Timestamp>,
    /// How many sends it tried.
    pub(super) attempts: u32,
    /// How many reading calls it made. Not part of the record: nothing in the world follows from it.
    pub(super) reads: u32,
    /// The groups it joined, by channel index.
    pub(super) joined: Vec<u32>,
    /// The groups it asked to join.
    pub(super) requested: Vec<u32>,
    /// When it last wrote in groups with slow mode.
    pub(super) slowed: Vec<(u32, Timestamp)>,
    /// What a test makes of its next sends.
    pub(super) script: VecDeque<SendFault>,
    pub(super) line: Option<Arc<Line>>,
}

impl Account {
    /// The session that counts now.
    pub(super) fn session(&self, account: u32) -> Session {
        Session::new(format!("{account} {}", self.login).into_bytes())
    }

    pub(super) fn last_in_slow_group(&self, channel: u32) -> Option<Timestamp> {
        self.slowed.iter().find(|(group, _)| *group == channel).map(|(_, at)| *at)
    }

    pub(super) fn wrote_in_slow_group(&mut self, channel: u32, at: Timestamp) {
        match self.slowed.iter_mut().find(|(group, _)| *group == channel) {
            Some((_, last)) => *last = at,
            None => self.slowed.push((channel, at)),
        }
    }
}

/// Reads a session: which account, which login.
pub(super) fn read_session(session: &Session) -> Option<(u32, u32)> {
    let (account, login) = std::str::from_utf8(session.reveal()).ok()?.split_once(' ')?;
    Some((account.parse().ok()?, login.parse().ok()?))
}
