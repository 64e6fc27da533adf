//! What a session holds, and how it is written down.
//!
//! The bytes are JSON with a version, because they live for years in somebody's database and are read by later versions.
//! They hold what cannot be asked for again (the keys), what would cost a round trip on every start (who the account is),
//! and how far its updates were read. Chats are kept apart, by [`Keep`](crate::Keep): they change by themselves.
//!
//! Bytes that are no session are an error; the account then needs a login.

use std::net::SocketAddrV4;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::id::PeerId;
use grammers_session::types::{ChannelState, DcOption, UpdatesState};
use grammers_session::{Session as _, SessionData, storages::MemorySession};
use serde::{Deserialize, Serialize};

use crate::Session;

/// The version that is written.
const VERSION: u8 = 1;

/// A session of this adapter. Its keys do not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrammersSession {
    version: u8,
    home: i32,
    centres: Vec<Centre>,
    me: Option<Me>,
    #[serde(default)]
    progress: Progress,
}

/// A data centre that the account has a key for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Centre {
    pub(crate) id: i32,
    pub(crate) address: SocketAddrV4,
    pub(crate) key: Key,
}

/// Who an account is, as far as every start needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Me {
    pub(crate) id: PeerId,
    pub(crate) bot: bool,
}

/// How far updates were read: `updates.State`, and `pts` of each channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Progress {
    pts: i32,
    qts: i32,
    date: i32,
    seq: i32,
    channels: Vec<(i64, i32)>,
}

/// An authorization key, written as base64.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Key(pub(crate) [u8; 256]);

/// These bytes are no session of this adapter.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// They are something else, or incomplete.
    #[error("the session cannot be read")]
    Unreadable(#[source] serde_json::Error),
    /// A later version wrote them.
    #[error("the session is of version {0}, this is version {VERSION}")]
    Newer(u8),
    /// There is no key for the account's own data centre.
    #[error("the session has no key for its data centre {0}")]
    Keyless(i32),
}

impl GrammersSession {
    /// The session of an account whose key is known: made elsewhere, or shared with a Telegram of one's own. `user` is asked
    /// of Telegram where it is not known.
    #[must_use]
    pub fn for_key(
        dc: i32,
        address: SocketAddrV4,
        key: [u8; 256],
        user: Option<PeerId>,
        bot: bool,
    ) -> Session {
        let centres = vec![Centre { id: dc, address, key: Key(key) }];
        let me = user.map(|id| Me { id, bot });
        Self { version: VERSION, home: dc, centres, me, progress: Progress::default() }.to_bytes()
    }

    /// Reads a session.
    ///
    /// # Errors
    /// [`SessionError`] when the bytes are none.
    pub(crate) fn read(session: &Session) -> Result<Self, SessionError> {
        let read: Self = serde_json::from_slice(session.reveal()).map_err(SessionError::Unreadable)?;
        if read.version > VERSION {
            return Err(SessionError::Newer(read.version));
        }
        read.home_centre()?;
        Ok(read)
    }

    /// Writes it down.
    pub(crate) fn to_bytes(&self) -> Session {
        let bytes = serde_json::to_vec(self);
        debug_assert!(bytes.is_ok(), "numbers and texts are always written");
        Session::new(bytes.unwrap_or_default())
    }

    /// The account's own data centre.
    ///
    /// # Errors
    /// [`SessionError::Keyless`] when it is not among those with a key.
    pub(crate) fn home_centre(&self) -> Result<&Centre, SessionError> {
        self.centres.iter().find(|centre| centre.id == self.home).ok_or(SessionError::Keyless(self.home))
    }

    /// Who the account is, if that is known.
    pub(crate) const fn me(&self) -> Option<Me> {
        self.me
    }

    /// How far updates were read.
    pub(crate) fn updates(&self) -> UpdatesState {
        let Progress { pts, qts, date, seq, ref channels } = self.progress;
        let channels = channels.iter().map(|&(id, pts)| ChannelState { id, pts }).collect();
        UpdatesState { pts, qts, date, seq, channels }
    }

    /// The same in the form that grammers works with: every data centre it knows, ours with their keys.
    pub(super) fn open(&self) -> SessionData {
        let mut data = SessionData { home_dc: self.home, ..SessionData::default() };
        for Centre { id, address, key } in &self.centres {
            data.dc_options.insert(*id, option(*id, *address, Some(key.0)));
        }
        data
    }

    /// What grammers made of a session, with who the account is and how far its updates were read.
    ///
    /// # Errors
    /// [`SessionError::Keyless`] when no key was exchanged yet.
    pub(super) fn close(live: &MemorySession, me: Me, updates: UpdatesState) -> Result<Self, SessionError> {
        let home = live.home_dc_id().unwrap_or_default();
        let keyed = |id| {
            let option = live.dc_option(id).ok().flatten()?;
            Some(Centre { id, address: option.ipv4, key: Key(option.auth_key?) })
        };
        let centres = (1..=5).chain((!(1..=5).contains(&home)).then_some(home)).filter_map(keyed).collect();
        let UpdatesState { pts, qts, date, seq, channels } = updates;
        let channels = channels.into_iter().map(|channel| (channel.id, channel.pts)).collect();
        let progress = Progress { pts, qts, date, seq, channels };
        let closed = Self { version: VERSION, home, centres, me: Some(me), progress };
        closed.home_centre()?;
        Ok(closed)
    }
}

/// A data centre as grammers has it. Its IPv6 address embeds the other; only that one is used.
pub(super) fn option(id: i32, ipv4: SocketAddrV4, auth_key: Option<[u8; 256]>) -> DcOption {
    let ipv6 = std::net::SocketAddrV6::new(ipv4.ip().to_ipv6_mapped(), ipv4.port(), 0, 0);
    DcOption { id, ipv4, ipv6, auth_key }
}

impl std::fmt::Debug for GrammersSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GrammersSession")
            .field("home", &self.home)
            .field("me", &self.me)
            .finish_non_exhaustive()
    }
}

impl TryFrom<String> for Key {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = STANDARD.decode(text).map_err(|_| "the key is not base64")?;
        bytes.try_into().map(Self).map_err(|_| "the key is not 256 bytes long")
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        STANDARD.encode(key.0)
    }
}

#[cfg(test)]
mod tests {
    use grammers_session::types::UpdatesState;

    use super::*;

    const ADDRESS: SocketAddrV4 = SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 4430);

    fn session() -> Session {
        GrammersSession::for_key(2, ADDRESS, [7; 256], Some(PeerId(5)), true)
    }

    #[test]
    fn a_session_survives_a_connection_and_keeps_its_progress() {
        let live = MemorySession::from(GrammersSession::read(&session()).unwrap().open());
        let channels = vec![ChannelState { id: 3, pts: 9 }];
        let updates = UpdatesState { pts: 11, qts: 1, date: 2, seq: 3, channels };
        let me = Me { id: PeerId(5), bot: true };
        let closed = GrammersSession::close(&live, me, updates.clone()).unwrap().to_bytes();
        let read = GrammersSession::read(&closed).unwrap();
        assert_eq!((read.me(), read.updates()), (Some(me), updates));
        let home = read.home_centre().unwrap();
        assert_eq!((home.id, home.address, home.key.0), (2, ADDRESS, [7; 256]));
    }

    #[test]
    fn bytes_that_are_no_session_say_what_is_wrong() {
        let read = |text: &str| GrammersSession::read(&Session::new(text.into())).unwrap_err().to_string();
        let text = String::from_utf8(session().reveal().to_vec()).unwrap();
        assert_eq!(read(&text[..text.len() / 2]), "the session cannot be read");
        assert_eq!(read("account 7"), "the session cannot be read");
        assert_eq!(
            read(&text.replace("\"version\":1", "\"version\":2")),
            "the session is of version 2, this is version 1"
        );
        assert_eq!(
            read(&text.replace("\"home\":2", "\"home\":4")),
            "the session has no key for its data centre 4"
        );
    }

    #[test]
    fn a_session_does_not_print_its_key() {
        let read = GrammersSession::read(&session()).unwrap();
        assert_eq!(
            format!("{read:?}"),
            "GrammersSession { home: 2, me: Some(Me { id: PeerId(5), bot: true }), .. }"
        );
    }
}
