//! Sending: the last check, the call, and what became of it.
//!
//! The check and the mark "being sent" are one transaction in the Store, before the call; the outcome is another, after it.
//! A crash in between leaves the mark, and the next attempt begins by looking for the message in its thread.

use std::time::Duration;

use domain::job::{Job, backoff};
use domain::time::Timestamp;
use persistence::queue::ClaimedJob;
use persistence::sending::{Begun, Block, SendOutcome, SendResult, SendTicket};
use telegram::reaction::{AccountReaction, BLOCK_REVIEW, WorkReaction, react};
use telegram::{Connection, Outgoing, SentMessage, TelegramError, Thread};

use super::state::State;
use super::{Account, react};
use crate::error::ActorError;
use crate::queue::Work;
use crate::runtime::Cx;

/// How long work waits for a connection that is being opened, or for an owner who must log in.
const NO_LINE_DELAY: Duration = Duration::from_secs(30);

/// How long after an unanswered call its message is looked for.
const RECONCILE_DELAY: Duration = Duration::from_secs(5);

/// How long work waits for something that only a person can change.
const HOLD_DELAY: Duration = Duration::from_secs(3600);

/// Sends each comment of `work`, one after the other.
pub(super) async fn send(cx: &Cx<Account>, state: &mut State, work: Work) -> Result<(), ActorError> {
    for claimed in &work.jobs {
        send_one(cx, state, claimed).await?;
    }
    Ok(())
}

async fn send_one(cx: &Cx<Account>, state: &mut State, claimed: &ClaimedJob) -> Result<(), ActorError> {
    let (store, node) = (&cx.deps.store, &cx.deps.settings.node);
    let Job::SendComment { comment, .. } = claimed.job else { return Ok(()) };
    let Some(connection) = state.connection() else {
        let now = cx.deps.now();
        store.reschedule(node, &[(claimed.lease, now + NO_LINE_DELAY)]).await?;
        return Ok(());
    };
    let begun = store.begin_sends(node, &[(claimed.lease, comment)], cx.deps.now()).await?;
    let ticket = match begun.into_iter().next() {
        Some(Begun::Send(ticket)) => ticket,
        Some(Begun::Settled | Begun::Deferred(_) | Begun::Stale) | None => return Ok(()),
    };
    let answer = call(connection, &ticket).await;
    let result = match &answer {
        Ok(Some(sent)) => SendResult::Sent { message: sent.id, at: cx.deps.now() },
        Ok(None) => SendResult::Deferred { until: cx.deps.now() },
        Err(error) => result_of(cx, claimed, &ticket, error),
    };
    let block = answer.as_ref().err().and_then(|error| block_of(error, cx.deps.now()));
    let outcome = SendOutcome { lease: claimed.lease, comment, result, block };
    store.finish_sends(node, &[outcome], cx.deps.now()).await?;
    match &answer {
        Ok(_) => Ok(()),
        Err(error) => react::to_account(cx, state, error).await,
    }
}

/// Makes the call, or after an unknown outcome looks for its message: `None` says that it does not stand in its thread, so
/// that it goes through the last check again.
async fn call(connection: &dyn Connection, ticket: &SendTicket) -> Result<Option<SentMessage>, TelegramError> {
    let thread = connection.thread(ticket.channel_peer, ticket.post).await?;
    let outgoing = outgoing(ticket, thread);
    if ticket.again {
        return connection.find_sent(&outgoing).await;
    }
    let sent = match connection.comment(&outgoing).await {
        Err(TelegramError::JoinRequired) => {
            connection.join(thread.group).await?;
            connection.comment(&outgoing).await
        }
        sent => sent,
    };
    match sent {
        Err(TelegramError::RandomIdDuplicate) => {
            let found = connection.find_sent(&outgoing).await.map_err(|_| TelegramError::UnknownOutcome)?;
            found.map(Some).ok_or(TelegramError::RandomIdDuplicate)
        }
        sent => sent.map(Some),
    }
}

fn outgoing(ticket: &SendTicket, thread: Thread) -> Outgoing {
    Outgoing {
        thread,
        answers: ticket.answers,
        text: ticket.signed.clone(),
        random_id: ticket.random_id,
        send_as: None,
    }
}

/// What an error means for the comment. While an earlier outcome is unknown, no error settles it: it stays unknown.
fn result_of(cx: &Cx<Account>, claimed: &ClaimedJob, ticket: &SendTicket, error: &TelegramError) -> SendResult {
    let now = cx.deps.now();
    let seed = cx.deps.settings.seed.derive("retry", claimed.lease.job.get());
    let later = |wait: Duration| now + wait;
    let work = react(error).work;
    if ticket.again {
        let wait = match work {
            WorkReaction::Defer(wait) => wait,
            WorkReaction::Fail if *error == TelegramError::ChannelPrivate => {
                return SendResult::Refused { code: error.code() };
            }
            WorkReaction::Retry(_) if claimed.attempt >= RETRIES => {
                // The whole thread is gone, and with it whatever was sent into it.
                return SendResult::Refused { code: error.code() };
            }
            WorkReaction::AwaitLogin
            | WorkReaction::Join
            | WorkReaction::Retry(_)
            | WorkReaction::RetryOnce
            | WorkReaction::Void
            | WorkReaction::Hold
            | WorkReaction::Reconcile
            | WorkReaction::Cancel
            | WorkReaction::Fail => backoff(claimed.attempt.max(1), seed).max(RECONCILE_DELAY),
        };
        return SendResult::Unknown { retry_at: later(wait) };
    }
    match work {
        WorkReaction::Defer(wait) => SendResult::Deferred { until: later(wait) },
        WorkReaction::AwaitLogin => SendResult::Deferred { until: later(NO_LINE_DELAY) },
        WorkReaction::Retry(wait) if claimed.attempt < RETRIES => SendResult::Retry {
            until: later(wait),
            error: error.code(),
        },
        WorkReaction::RetryOnce if claimed.attempt <= 1 => {
            SendResult::Retry { until: later(RECONCILE_DELAY), error: error.code() }
        }
        WorkReaction::Void => SendResult::Void,
        WorkReaction::Hold => SendResult::Deferred { until: later(HOLD_DELAY) },
        WorkReaction::Reconcile if *error == TelegramError::RandomIdDuplicate => {
            // It was sent with this id before and does not stand in the thread any more.
            SendResult::Refused { code: "REMOVED_BEFORE_SEEN".to_owned() }
        }
        WorkReaction::Reconcile => SendResult::Unknown { retry_at: later(RECONCILE_DELAY) },
        WorkReaction::Join
        | WorkReaction::Retry(_)
        | WorkReaction::RetryOnce
        | WorkReaction::Cancel
        | WorkReaction::Fail => SendResult::Refused { code: error.code() },
    }
}

/// How often something that may settle by itself is tried.
const RETRIES: u16 = 4;

/// What an error means for writing in this chat.
fn block_of(error: &TelegramError, now: Timestamp) -> Option<Block> {
    let reason = error.code();
    match react(error).account {
        AccountReaction::Block => Some(Block { reason, until: Some(now + BLOCK_REVIEW) }),
        AccountReaction::Ban | AccountReaction::LoseChannel => Some(Block { reason, until: None }),
        AccountReaction::Fine
        | AccountReaction::Flood(_)
        | AccountReaction::SlowMode(_)
        | AccountReaction::Freeze
        | AccountReaction::Limit
        | AccountReaction::Deauthorize { .. }
        | AccountReaction::Die
        | AccountReaction::RefreshRights
        | AccountReaction::ResolveAgain
        | AccountReaction::Show(_)
        | AccountReaction::Reconnect => None,
    }
}
