//! What is answered when something that only Telegram knows could not be found out.

use actors::ErrandError;

use crate::problem::{Failure, FieldError, Kind};

impl From<ErrandError> for Failure {
    fn from(error: ErrandError) -> Self {
        let told = error.to_string();
        let state = match error {
            ErrandError::Store(error) => return error.into(),
            ErrandError::Link(wrong) => return Self::invalid(vec![FieldError::at("/link", wrong.to_string())]),
            ErrandError::LeadsNowhere | ErrandError::NotAChannel { .. } => {
                return Self::invalid(vec![FieldError::at("/link", told)]);
            }
            ErrandError::AlreadyWatched(_) => return Self::of(Kind::Taken, told),
            ErrandError::Wait { .. } | ErrandError::Telegram { .. } => return Self::of(Kind::Unavailable, told),
            ErrandError::Unreadable(_) => return Self::of(Kind::Internal, None),
            ErrandError::NobodyToAsk => {
                "no account of the project can ask Telegram now; the accounts' states say why".to_owned()
            }
            ErrandError::NoComments => {
                "the channel has no comments; link a discussion group in its settings, or watch it for reading only"
                    .to_owned()
            }
            ErrandError::NotProven { .. } => {
                "no account of the project administers the channel; make one an administrator, or put a code into the \
                 channel's description"
                    .to_owned()
            }
            ErrandError::NoRoom | ErrandError::Private | ErrandError::CodeAbsent => told,
        };
        Self::wrong_state(state)
    }
}
