//! What came instead of an answer, and what it is called on this side of the port.
//!
//! [`refused`] is the one table from Telegram's errors (code, name, value) to ours; [`react`](crate::reaction::react) says
//! what follows from each. A refusal is Telegram's word and final. Anything else that comes instead of an answer leaves open
//! whether the call was carried out.

use std::time::Duration;

use grammers_mtsender::{InvocationError, RpcError};

use crate::{TelegramError, WaitScope};

/// What came instead of an answer.
#[derive(Debug)]
pub(super) enum Lost {
    /// Telegram's refusal.
    Refused(RpcError),
    /// A refusal with the explanation that Telegram sent after it.
    Explained(String),
    /// Nothing, in time. The connection may be fine.
    Silence,
    /// An answer that cannot be read.
    Unreadable(String),
    /// The connection, or the attempt to open one, came to an end.
    Broken,
    /// The line had ended, or ended meanwhile.
    Ended(TelegramError),
    /// The call may have been carried out.
    Open,
}

impl From<InvocationError> for Lost {
    fn from(error: InvocationError) -> Self {
        match error {
            InvocationError::Rpc(refused) => Self::Refused(refused),
            InvocationError::Deserialize(error) => Self::Unreadable(error.to_string()),
            // A pool that says it was dropped may only have lost its connection just now; either way this line is over.
            error @ (InvocationError::Io(_)
            | InvocationError::Transport(_)
            | InvocationError::Dropped(_)
            | InvocationError::Authentication(_)
            | InvocationError::Session(_)
            | InvocationError::InvalidDc) => {
                tracing::debug!(%error, "a connection broke");
                Self::Broken
            }
        }
    }
}

impl Lost {
    /// What it is called on this side of the port.
    pub(super) fn into_error(self) -> TelegramError {
        match self {
            Self::Refused(error) => refused(&error),
            Self::Explained(text) => TelegramError::NotAcceptable(text),
            Self::Silence | Self::Open => TelegramError::UnknownOutcome,
            Self::Unreadable(error) => {
                TelegramError::Other(format!("an answer that cannot be read: {error}"))
            }
            Self::Broken => TelegramError::Disconnected,
            Self::Ended(why) => why,
        }
    }

    /// Why the line is over with it, if it is: the connection broke, or the session does not count any more.
    pub(super) fn ends_the_line(&self) -> Option<TelegramError> {
        match self {
            Self::Broken => Some(TelegramError::Disconnected),
            // A login goes on where the session has yet to be opened with a password.
            Self::Refused(error) if error.name == "SESSION_PASSWORD_NEEDED" => None,
            Self::Refused(error) => Some(refused(error)).filter(is_final),
            Self::Explained(_) | Self::Silence | Self::Unreadable(_) | Self::Ended(_) | Self::Open => None,
        }
    }

    /// Whether the call may have been carried out although no answer says so.
    pub(super) const fn leaves_open(&self) -> bool {
        match self {
            Self::Silence | Self::Unreadable(_) | Self::Broken | Self::Ended(_) | Self::Open => true,
            Self::Refused(_) | Self::Explained(_) => false,
        }
    }

    /// Telegram's own name of the refusal, if it is one.
    pub(super) fn name(&self) -> Option<&str> {
        let Self::Refused(error) = self else { return None };
        Some(&error.name)
    }

    /// The data centre that Telegram wants to be asked instead: `PHONE_MIGRATE_X`, `NETWORK_MIGRATE_X`, `USER_MIGRATE_X`.
    pub(super) fn elsewhere(&self) -> Option<i32> {
        let Self::Refused(error) = self else { return None };
        error.value.filter(|_| error.code == 303).and_then(|dc| i32::try_from(dc).ok())
    }
}

/// Whether nothing can be asked with a session after this.
pub(super) fn is_final(error: &TelegramError) -> bool {
    matches!(
        error,
        TelegramError::Unauthorized | TelegramError::SessionDuplicated | TelegramError::Deactivated
    )
}

/// Whether the explanation of a refusal follows in `updateServiceNotification`.
pub(super) fn is_explained_later(error: &RpcError) -> bool {
    matches!(refused(error), TelegramError::NotAcceptable(_))
}

/// The table.
pub(super) fn refused(error: &RpcError) -> TelegramError {
    use TelegramError as E;
    let value = error.value.unwrap_or_default();
    let wait = |scope| E::Wait { scope, wait: Duration::from_secs(value.into()) };
    match (error.code, error.name.as_str()) {
        (420, "SLOWMODE_WAIT") => wait(WaitScope::Chat),
        (420, "FLOOD_PREMIUM_WAIT") => wait(WaitScope::Transfers),
        (_, "FROZEN_METHOD_INVALID" | "FROZEN_PARTICIPANT_MISSING") => E::Frozen,
        (420, _) if error.value.is_some() => wait(WaitScope::Account),
        (_, "PEER_FLOOD") => E::PeerFlood,
        (_, "USER_BANNED_IN_CHANNEL") => E::BannedInChannel,
        (_, "AUTH_KEY_DUPLICATED") => E::SessionDuplicated,
        (_, "USER_DEACTIVATED" | "USER_DEACTIVATED_BAN") => E::Deactivated,
        (401, _) => E::Unauthorized,
        (_, "CHAT_WRITE_FORBIDDEN") => E::WriteForbidden("CHAT_WRITE_FORBIDDEN"),
        (_, "CHAT_SEND_PLAIN_FORBIDDEN") => E::WriteForbidden("CHAT_SEND_PLAIN_FORBIDDEN"),
        (_, "CHAT_ADMIN_REQUIRED") => E::WriteForbidden("CHAT_ADMIN_REQUIRED"),
        (_, "CHAT_RESTRICTED") => E::WriteForbidden("CHAT_RESTRICTED"),
        (_, "CHAT_GUEST_SEND_FORBIDDEN") => E::JoinRequired,
        (_, "INVITE_REQUEST_SENT") => E::JoinRequested,
        (_, "MSG_ID_INVALID") => E::NoThread,
        (_, "REPLY_MESSAGE_ID_INVALID") => E::ReplyGone,
        (_, "SEND_AS_PEER_INVALID") => E::SendAsInvalid,
        (403, "ALLOW_PAYMENT_REQUIRED") => E::PaymentRequired { stars: value },
        (_, "CHANNEL_PRIVATE") => E::ChannelPrivate,
        (_, "CHANNEL_INVALID" | "PEER_ID_INVALID" | "USERNAME_NOT_OCCUPIED" | "USERNAME_INVALID")
        | (_, "INVITE_HASH_EXPIRED" | "INVITE_HASH_INVALID" | "INVITE_HASH_EMPTY") => E::PeerInvalid,
        (_, "RANDOM_ID_DUPLICATE") => E::RandomIdDuplicate,
        (_, "PERSISTENT_TIMESTAMP_OUTDATED") => E::Lagging,
        (500, _) | (..=-1, _) => E::UnknownOutcome,
        (406, name) => E::NotAcceptable(name.to_owned()),
        (code, name) => E::Other(format!("{code} {name}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An error as it comes over the wire, taken apart by grammers.
    fn rpc(code: i32, text: &str) -> RpcError {
        grammers_tl_types::types::RpcError { error_code: code, error_message: text.into() }.into()
    }

    #[test]
    fn every_error_of_telegram_has_its_name_on_this_side() {
        use TelegramError as E;
        let wait = |scope, seconds| E::Wait { scope, wait: Duration::from_secs(seconds) };
        for (code, text, expected) in [
            (420, "FLOOD_WAIT_31", wait(WaitScope::Account, 31)),
            (420, "SLOWMODE_WAIT_60", wait(WaitScope::Chat, 60)),
            (420, "FLOOD_PREMIUM_WAIT_5", wait(WaitScope::Transfers, 5)),
            (420, "FROZEN_METHOD_INVALID", E::Frozen),
            (400, "FROZEN_PARTICIPANT_MISSING", E::Frozen),
            (400, "PEER_FLOOD", E::PeerFlood),
            (400, "USER_BANNED_IN_CHANNEL", E::BannedInChannel),
            (406, "AUTH_KEY_DUPLICATED", E::SessionDuplicated),
            (401, "AUTH_KEY_UNREGISTERED", E::Unauthorized),
            (401, "SESSION_REVOKED", E::Unauthorized),
            (401, "SESSION_EXPIRED", E::Unauthorized),
            (401, "USER_DEACTIVATED", E::Deactivated),
            (401, "USER_DEACTIVATED_BAN", E::Deactivated),
            (403, "CHAT_WRITE_FORBIDDEN", E::WriteForbidden("CHAT_WRITE_FORBIDDEN")),
            (403, "CHAT_SEND_PLAIN_FORBIDDEN", E::WriteForbidden("CHAT_SEND_PLAIN_FORBIDDEN")),
            (403, "CHAT_ADMIN_REQUIRED", E::WriteForbidden("CHAT_ADMIN_REQUIRED")),
            (400, "CHAT_RESTRICTED", E::WriteForbidden("CHAT_RESTRICTED")),
            (403, "CHAT_GUEST_SEND_FORBIDDEN", E::JoinRequired),
            (400, "INVITE_REQUEST_SENT", E::JoinRequested),
            (400, "MSG_ID_INVALID", E::NoThread),
            (400, "REPLY_MESSAGE_ID_INVALID", E::ReplyGone),
            (400, "SEND_AS_PEER_INVALID", E::SendAsInvalid),
            (403, "ALLOW_PAYMENT_REQUIRED_250", E::PaymentRequired { stars: 250 }),
            (400, "CHANNEL_PRIVATE", E::ChannelPrivate),
            (406, "CHANNEL_PRIVATE", E::ChannelPrivate),
            (400, "CHANNEL_INVALID", E::PeerInvalid),
            (400, "PEER_ID_INVALID", E::PeerInvalid),
            (400, "USERNAME_NOT_OCCUPIED", E::PeerInvalid),
            (500, "RPC_CALL_FAIL", E::UnknownOutcome),
            (-503, "Timeout", E::UnknownOutcome),
            (500, "RANDOM_ID_DUPLICATE", E::RandomIdDuplicate),
            (406, "UPDATE_APP_TO_LOGIN", E::NotAcceptable("UPDATE_APP_TO_LOGIN".into())),
            (500, "PERSISTENT_TIMESTAMP_OUTDATED", E::Lagging),
            (400, "SOMETHING_NEW", E::Other("400 SOMETHING_NEW".into())),
            (303, "USER_MIGRATE_4", E::Other("303 USER_MIGRATE".into())),
        ] {
            assert_eq!(refused(&rpc(code, text)), expected, "{code} {text}");
        }
    }

    #[test]
    fn a_refusal_is_final_and_everything_else_leaves_a_change_open() {
        assert!(!Lost::Refused(rpc(400, "CHAT_RESTRICTED")).leaves_open());
        let dropped = InvocationError::Dropped("SenderPoolRunner was dropped during receive");
        let reset = InvocationError::Io(std::io::ErrorKind::ConnectionReset.into());
        for lost in [Lost::from(dropped), Lost::from(reset)] {
            assert!(lost.leaves_open(), "{lost:?}");
            assert_eq!(lost.ends_the_line(), Some(TelegramError::Disconnected), "{lost:?}");
        }
        assert!(Lost::Silence.leaves_open());
        assert_eq!(Lost::Silence.ends_the_line(), None, "one lost answer is no lost connection");
    }

    #[test]
    fn a_session_that_does_not_count_ends_the_line() {
        for (code, text) in
            [(401, "SESSION_REVOKED"), (406, "AUTH_KEY_DUPLICATED"), (401, "USER_DEACTIVATED")]
        {
            let lost = Lost::Refused(rpc(code, text));
            assert_eq!(lost.ends_the_line(), Some(lost.into_error()), "{text}");
        }
        for (code, text) in [(420, "FLOOD_WAIT_9"), (401, "SESSION_PASSWORD_NEEDED")] {
            assert_eq!(Lost::Refused(rpc(code, text)).ends_the_line(), None, "{text}");
        }
    }
}
