//! What clients may call, one file per family of methods, each a translation between Telegram's language and one question to
//! the world.
//!
//! [`METHODS`](answer) is the whole list: a method that is not in it is refused by its name and noted, never answered by
//! chance. A call sees the world under its lock, at one moment.

mod account;
mod auth;
mod channels;
mod messages;
mod peers;
mod refused;
mod srp;
mod updates;

use std::sync::Arc;

use domain::time::Timestamp;
use grammers_tl_types::{
    Cursor, Deserializable, Identifiable as _, RemoteCall, Serializable as _, deserialize, enums, functions,
    name_for_id,
};
use tokio::sync::Notify;

use super::drawn::{self, Drawing};
use super::faults::DoorFaults;
use super::keys::Holder;
use super::session::unpacked;
use crate::world::{Opened, State};

pub(super) use refused::Refused;
pub(super) use updates::{deletion, edit};

/// Who calls, and what it is answered from.
pub(super) struct Caller<'a> {
    pub(super) state: &'a mut State,
    pub(super) now: Timestamp,
    pub(super) holder: Holder,
    pub(super) dc: i32,
    pub(super) faults: DoorFaults,
    /// Told when somebody scans the QR code that this connection shows.
    pub(super) scanned: &'a Arc<Notify>,
}

/// A call without what it was wrapped in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// The method's constructor id.
    pub(super) method: u32,
    /// Its arguments.
    pub(super) arguments: Vec<u8>,
    /// Whether the connection wants updates from now on.
    pub(super) wants_updates: bool,
}

/// The rest of a call, whatever it is.
struct Rest(Vec<u8>);

impl Deserializable for Rest {
    fn deserialize(buffer: &mut Cursor<'_>) -> deserialize::Result<Self> {
        let mut rest = Vec::new();
        buffer.read_to_end(&mut rest)?;
        Ok(Self(rest))
    }
}

impl Call {
    /// Takes a call out of its wrappers: `invokeWithLayer`, `initConnection` and their like.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let (mut body, mut wants_updates) = (body.to_vec(), true);
        loop {
            let (id, arguments) = body.split_at_checked(4)?;
            let method = u32::from_le_bytes(id.try_into().ok()?);
            let cursor = &mut Cursor::from_slice(arguments);
            let inner = match method {
                functions::InvokeWithLayer::<()>::CONSTRUCTOR_ID => {
                    functions::InvokeWithLayer::<Rest>::deserialize(cursor).ok()?.query
                }
                functions::InitConnection::<()>::CONSTRUCTOR_ID => {
                    functions::InitConnection::<Rest>::deserialize(cursor).ok()?.query
                }
                functions::InvokeAfterMsg::<()>::CONSTRUCTOR_ID => {
                    functions::InvokeAfterMsg::<Rest>::deserialize(cursor).ok()?.query
                }
                functions::InvokeWithoutUpdates::<()>::CONSTRUCTOR_ID => {
                    wants_updates = false;
                    functions::InvokeWithoutUpdates::<Rest>::deserialize(cursor).ok()?.query
                }
                super::session::GZIPPED => Rest(unpacked(arguments)?),
                _ => return Some(Self { method, arguments: arguments.to_vec(), wants_updates }),
            };
            body = inner.0;
        }
    }

    /// The method's name.
    pub(super) fn name(&self) -> &'static str {
        name_for_id(self.method)
    }

    /// Whether it counts as reading, which Telegram sometimes finds too much, or as something else.
    fn is_reading(&self) -> bool {
        let name = self.name();
        let writes = ["messages.sendMessage", "channels.joinChannel"];
        let reads = ["users.", "contacts.", "channels.", "messages."];
        reads.iter().any(|family| name.starts_with(family)) && !writes.contains(&name)
    }
}

macro_rules! answered {
    ($caller:ident, $call:ident: $($method:ty => $answer:path,)+) => {
        match $call.method {
            $(<$method>::CONSTRUCTOR_ID => {
                let arguments = <$method>::deserialize(&mut Cursor::from_slice(&$call.arguments));
                let arguments = arguments.map_err(|_| Refused::rpc(400, "INPUT_REQUEST_INVALID"))?;
                let answer: <$method as RemoteCall>::Return = $answer($caller, arguments)?;
                Ok(answer.to_bytes())
            })+
            _ => Err(Refused::Unknown),
        }
    };
}

/// Answers a call.
pub(super) fn answer(caller: &mut Caller<'_>, call: &Call) -> Result<Vec<u8>, Refused> {
    if call.is_reading() {
        let account = caller.account()?.0;
        caller.state.count_read(account)?;
    }
    answered! { caller, call:
        functions::help::GetConfig => config,
        functions::auth::SendCode => auth::send_code,
        functions::auth::SignIn => auth::sign_in,
        functions::auth::CheckPassword => auth::check_password,
        functions::auth::ExportLoginToken => auth::export_login_token,
        functions::auth::LogOut => auth::log_out,
        functions::account::GetPassword => account::get_password,
        functions::account::UpdateStatus => account::update_status,
        functions::users::GetFullUser => account::get_full_user,
        functions::users::GetUsers => account::get_users,
        functions::contacts::ResolveUsername => peers::resolve_username,
        functions::messages::CheckChatInvite => peers::check_chat_invite,
        functions::messages::GetDialogs => peers::get_dialogs,
        functions::messages::GetPeerDialogs => peers::get_peer_dialogs,
        functions::channels::GetChannels => channels::get_channels,
        functions::channels::GetFullChannel => channels::get_full_channel,
        functions::channels::GetParticipant => channels::get_participant,
        functions::channels::GetSendAs => channels::get_send_as,
        functions::channels::JoinChannel => channels::join_channel,
        functions::channels::GetMessages => messages::get_messages,
        functions::messages::GetHistory => messages::get_history,
        functions::messages::GetReplies => messages::get_replies,
        functions::messages::Search => messages::search,
        functions::messages::GetDiscussionMessage => messages::get_discussion_message,
        functions::messages::SendMessage => messages::send_message,
        functions::updates::GetState => updates::get_state,
        functions::updates::GetDifference => updates::get_difference,
        functions::updates::GetChannelDifference => updates::get_channel_difference,
    }
}

fn config(caller: &mut Caller<'_>, _: functions::help::GetConfig) -> Result<enums::Config, Refused> {
    Ok(drawn::config(drawn::date(caller.now), caller.dc))
}

impl Caller<'_> {
    /// The account that calls, if its login still counts.
    pub(super) fn account(&self) -> Result<Opened, Refused> {
        let opened = self.holder.account(self.state).ok_or(Refused::rpc(401, "AUTH_KEY_UNREGISTERED"))?;
        self.state.authorized(opened.0, opened.1)?;
        Ok(opened)
    }

    /// A picture of the world for the account that calls.
    fn drawing(&self) -> Result<Drawing<'_>, Refused> {
        Ok(Drawing::new(self.state, self.account()?.0, self.now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_comes_out_of_its_wrappers() {
        let inner = functions::InvokeWithoutUpdates { query: functions::updates::GetState {} };
        let init = functions::InitConnection {
            api_id: 1,
            device_model: "a".to_owned(),
            system_version: "b".to_owned(),
            app_version: "c".to_owned(),
            system_lang_code: "en".to_owned(),
            lang_pack: String::new(),
            lang_code: "en".to_owned(),
            proxy: None,
            params: None,
            query: inner,
        };
        let call = Call::read(&functions::InvokeWithLayer { layer: 230, query: init }.to_bytes()).unwrap();
        assert_eq!((call.name(), call.wants_updates), ("updates.getState", false));
        assert!(call.arguments.is_empty());
        let call = Call::read(&functions::help::GetConfig {}.to_bytes()).unwrap();
        assert!(call.wants_updates && !call.is_reading());
        assert_eq!(Call::read(&[1, 2]), None);
    }
}
