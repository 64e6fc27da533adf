//! How the world's refusals sound on the wire: codes and names as on core.telegram.org/api/errors.

use telegram::{TelegramError, WaitScope};

use crate::world::LoginRefusal;

/// Why a call has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::mtproto) enum Refused {
    /// An error with its code and name.
    Rpc(i32, String),
    /// What came of the call does not reach the caller.
    Lost,
    /// The connection ended before the call was read.
    Unread,
    /// The simulator has no such method.
    Unknown,
}

impl Refused {
    pub(in crate::mtproto) fn rpc(code: i32, name: &str) -> Self {
        Self::Rpc(code, name.to_owned())
    }
}

impl From<TelegramError> for Refused {
    fn from(error: TelegramError) -> Self {
        let (code, name) = match error {
            TelegramError::Wait { scope, wait } => {
                let name = match scope {
                    WaitScope::Account => "FLOOD_WAIT",
                    WaitScope::Chat => "SLOWMODE_WAIT",
                    WaitScope::Transfers => "FLOOD_PREMIUM_WAIT",
                };
                return Self::Rpc(420, format!("{name}_{}", wait.as_secs()));
            }
            TelegramError::PaymentRequired { stars } => {
                return Self::Rpc(403, format!("ALLOW_PAYMENT_REQUIRED_{stars}"));
            }
            TelegramError::NotAcceptable(name) => return Self::Rpc(406, name),
            TelegramError::Other(named) => return other(&named),
            TelegramError::UnknownOutcome => return Self::Lost,
            TelegramError::Disconnected => return Self::Unread,
            TelegramError::Frozen => (420, "FROZEN_METHOD_INVALID"),
            TelegramError::PeerFlood => (400, "PEER_FLOOD"),
            TelegramError::BannedInChannel => (400, "USER_BANNED_IN_CHANNEL"),
            TelegramError::SessionDuplicated => (406, "AUTH_KEY_DUPLICATED"),
            TelegramError::Unauthorized => (401, "AUTH_KEY_UNREGISTERED"),
            TelegramError::Deactivated => (401, "USER_DEACTIVATED"),
            TelegramError::WriteForbidden("CHAT_RESTRICTED") => (400, "CHAT_RESTRICTED"),
            TelegramError::WriteForbidden(name) => (403, name),
            TelegramError::JoinRequired => (403, "CHAT_GUEST_SEND_FORBIDDEN"),
            TelegramError::JoinRequested => (400, "INVITE_REQUEST_SENT"),
            TelegramError::NoThread => (400, "MSG_ID_INVALID"),
            TelegramError::ReplyGone => (400, "REPLY_MESSAGE_ID_INVALID"),
            TelegramError::SendAsInvalid => (400, "SEND_AS_PEER_INVALID"),
            TelegramError::ChannelPrivate => (400, "CHANNEL_PRIVATE"),
            TelegramError::PeerInvalid => (400, "CHANNEL_INVALID"),
            TelegramError::RandomIdDuplicate => (500, "RANDOM_ID_DUPLICATE"),
            TelegramError::Lagging => (500, "PERSISTENT_TIMESTAMP_OUTDATED"),
        };
        Self::rpc(code, name)
    }
}

/// An error by `CODE NAME`; what is written otherwise is an error of the server.
fn other(named: &str) -> Refused {
    let parsed = named.split_once(' ').and_then(|(code, name)| Some((code.parse().ok()?, name)));
    parsed.map_or_else(|| Refused::rpc(500, named), |(code, name)| Refused::rpc(code, name))
}

impl From<LoginRefusal> for Refused {
    fn from(refusal: LoginRefusal) -> Self {
        let (code, name) = match refusal {
            LoginRefusal::PhoneInvalid => (400, "PHONE_NUMBER_INVALID"),
            LoginRefusal::PhoneBanned => (400, "PHONE_NUMBER_BANNED"),
            LoginRefusal::SignUpRequired => (400, "PHONE_NUMBER_UNOCCUPIED"),
            LoginRefusal::CodeInvalid => (400, "PHONE_CODE_INVALID"),
            LoginRefusal::CodeExpired => (400, "PHONE_CODE_EXPIRED"),
            LoginRefusal::TooManyCodes => (420, "FLOOD_WAIT_300"),
            LoginRefusal::PasswordNeeded => (401, "SESSION_PASSWORD_NEEDED"),
            LoginRefusal::OutOfTurn => (400, "AUTH_RESTART"),
            LoginRefusal::Trouble => (500, "INTERNAL"),
        };
        Self::rpc(code, name)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn refusals_sound_as_telegrams_do() {
        let wait = |scope| TelegramError::Wait { scope, wait: Duration::from_secs(31) };
        for (error, code, name) in [
            (wait(WaitScope::Account), 420, "FLOOD_WAIT_31"),
            (wait(WaitScope::Chat), 420, "SLOWMODE_WAIT_31"),
            (TelegramError::WriteForbidden("CHAT_RESTRICTED"), 400, "CHAT_RESTRICTED"),
            (TelegramError::WriteForbidden("CHAT_WRITE_FORBIDDEN"), 403, "CHAT_WRITE_FORBIDDEN"),
            (TelegramError::PaymentRequired { stars: 5 }, 403, "ALLOW_PAYMENT_REQUIRED_5"),
            (TelegramError::Other("400 LIMIT_INVALID".to_owned()), 400, "LIMIT_INVALID"),
            (TelegramError::Other("odd".to_owned()), 500, "odd"),
        ] {
            assert_eq!(Refused::from(error), Refused::rpc(code, name));
        }
        assert_eq!(Refused::from(TelegramError::UnknownOutcome), Refused::Lost);
    }
}
