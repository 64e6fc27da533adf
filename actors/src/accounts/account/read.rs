//! Questions of other actors that need this account's connection.

use domain::id::{MessageId, PeerId};
use domain::link::ChatLink;
use telegram::{Found, HistorySlot, Look, Rights, TelegramError};

use super::message::Answer;
use super::state::State;
use super::{Account, react};
use crate::error::ActorError;
use crate::runtime::Cx;

/// What became of these messages.
pub(super) async fn look(
    cx: &Cx<Account>,
    state: &mut State,
    group: PeerId,
    ids: &[MessageId],
    reply: Answer<Vec<Look>>,
) -> Result<(), ActorError> {
    let answer = match state.connection() {
        Some(connection) => connection.look(group, ids).await,
        None => Err(TelegramError::Disconnected),
    };
    pass_on(cx, state, answer, reply).await
}

/// What a link leads to.
pub(super) async fn resolve(
    cx: &Cx<Account>,
    state: &mut State,
    link: &ChatLink,
    reply: Answer<Found>,
) -> Result<(), ActorError> {
    let answer = match state.connection() {
        Some(connection) => connection.resolve(link).await,
        None => Err(TelegramError::Disconnected),
    };
    pass_on(cx, state, answer, reply).await
}

/// What the account may do in a channel.
pub(super) async fn rights(
    cx: &Cx<Account>,
    state: &mut State,
    channel: PeerId,
    reply: Answer<Rights>,
) -> Result<(), ActorError> {
    let answer = match state.connection() {
        Some(connection) => connection.rights(channel).await,
        None => Err(TelegramError::Disconnected),
    };
    pass_on(cx, state, answer, reply).await
}

/// The newest messages of these channels.
pub(super) async fn newest(
    cx: &Cx<Account>,
    state: &mut State,
    channels: &[PeerId],
    reply: Answer<Vec<MessageId>>,
) -> Result<(), ActorError> {
    let answer = match state.connection() {
        Some(connection) => connection.newest(channels).await,
        None => Err(TelegramError::Disconnected),
    };
    pass_on(cx, state, answer, reply).await
}

/// What stands at these ids.
pub(super) async fn history(
    cx: &Cx<Account>,
    state: &mut State,
    channel: PeerId,
    ids: &[MessageId],
    reply: Answer<Vec<HistorySlot>>,
) -> Result<(), ActorError> {
    let answer = match state.connection() {
        Some(connection) => connection.history(channel, ids).await,
        None => Err(TelegramError::Disconnected),
    };
    pass_on(cx, state, answer, reply).await
}

/// An error concerns this account first, then whoever asked.
async fn pass_on<T: Send>(
    cx: &Cx<Account>,
    state: &mut State,
    answer: Result<T, TelegramError>,
    reply: Answer<T>,
) -> Result<(), ActorError> {
    let reacted = match &answer {
        Ok(_) => Ok(()),
        Err(error) => react::to_account(cx, state, error).await,
    };
    reply.send(answer);
    reacted
}
