//! Sending: the last check, the call, and what became of it.
//!
//! The check and the mark "being sent" are one transaction in the Store; then the thread is asked for and noted, and only
//! then is the call made; the outcome is another transaction. A crash in between leaves the mark, and the next attempt begins
//! by looking for the message in the noted thread, even where the post itself is gone by then.

use std::time::Duration;

use domain::account::Status;
use domain::job::{Job, backoff};
use domain::time::Timestamp;
use persistence::queue::ClaimedJob;
use persistence::sending::{Aim, Begun, Block, SendOutcome, SendResult, SendTicket, Thread};
use telegram::reaction::{AccountReaction, BLOCK_REVIEW, WorkReaction, react};
use telegram::{Connection, Outgoing, SentMessage, TelegramError};

use super::state::State;
use super::{Account, react};
use crate::error::ActorError;
use crate::queue::Work;
use crate::runtime::Cx;

/// How long work waits for a connection that is being opened, or for an owner who must log in. Short, because a line that is
/// missing is usually there within a second: everybody's is after a restart.
const NO_LINE_DELAY: Duration = Duration::from_secs(10);

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
    let ready = state.connection().is_some() && cx.deps.hold(cx.key).is_some();
    if !ready && store.account_status(cx.key).await?.takes_work() {
        // The line comes back soon. Where it does not (a login is lost), the last check below knows what to do.
        store.reschedule(node, &[(claimed.lease, cx.deps.now() + NO_LINE_DELAY)]).await?;
        return Ok(());
    }
    let begun = store.begin_sends(node, &[(claimed.lease, comment)], cx.deps.now()).await?;
    let ticket = match begun.into_iter().next() {
        Some(Begun::Send(ticket)) => ticket,
        Some(Begun::Settled | Begun::Deferred(_) | Begun::Stale) | None => return Ok(()),
    };
    let answer = match state.connection() {
        Some(connection) if ticket.again => look_for(connection, &ticket).await,
        Some(connection) => match call(cx, connection, claimed, &ticket).await? {
            Some(answer) => answer.map(Some),
            None => return Ok(()),
        },
        None if store.account_status(cx.key).await? == Status::Dead => Err(TelegramError::Deactivated),
        None => Err(TelegramError::Disconnected),
    };
    let result = match &answer {
        Ok(Some(sent)) => SendResult::Sent { message: sent.id, at: sent.at },
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

/// After an unknown outcome: the message, if it stands where it was to go. Without a thread no call was ever made. `None`
/// sends the comment through the last check again.
async fn look_for(
    connection: &dyn Connection,
    ticket: &SendTicket,
) -> Result<Option<SentMessage>, TelegramError> {
    match ticket.thread {
        Some(thread) => connection.find_sent(&outgoing(ticket, thread)).await,
        None => Ok(None),
    }
}

/// Asks for the thread, notes it and makes the call. `None` where another worker has the job by now. The outer error is the
/// Store's, the inner one Telegram's.
async fn call(
    cx: &Cx<Account>,
    connection: &dyn Connection,
    claimed: &ClaimedJob,
    ticket: &SendTicket,
) -> Result<Option<Result<SentMessage, TelegramError>>, ActorError> {
    let thread = match connection.thread(ticket.channel_peer, ticket.post).await {
        Ok(telegram::Thread { group, root }) => Thread { group, root },
        Err(error) => return Ok(Some(Err(error))),
    };
    if ticket.thread != Some(thread) {
        let aim = Aim { lease: claimed.lease, comment: ticket.comment, thread };
        let noted = cx.deps.store.aim_sends(&cx.deps.settings.node, &[aim]).await?;
        if noted != [true] {
            return Ok(None);
        }
    }
    Ok(Some(write(connection, &outgoing(ticket, thread)).await))
}

/// Writes the comment, joining its group first where that is asked for.
async fn write(connection: &dyn Connection, outgoing: &Outgoing) -> Result<SentMessage, TelegramError> {
    let sent = match connection.comment(outgoing).await {
        Err(TelegramError::JoinRequired) => {
            connection.join(outgoing.thread.group).await?;
            connection.comment(outgoing).await
        }
        sent => sent,
    };
    match sent {
        Err(TelegramError::RandomIdDuplicate) => {
            let found = connection.find_sent(outgoing).await.map_err(|_| TelegramError::UnknownOutcome)?;
            found.ok_or(TelegramError::RandomIdDuplicate)
        }
        sent => sent,
    }
}

fn outgoing(ticket: &SendTicket, Thread { group, root }: Thread) -> Outgoing {
    Outgoing {
        thread: telegram::Thread { group, root },
        answers: ticket.answers,
        text: ticket.signed.clone(),
        random_id: ticket.random_id,
        send_as: None,
    }
}

/// What an error means for the comment.
fn result_of(
    cx: &Cx<Account>,
    claimed: &ClaimedJob,
    ticket: &SendTicket,
    error: &TelegramError,
) -> SendResult {
    let seed = cx.deps.settings.seed.derive("retry", claimed.lease.job.get());
    let wait = backoff(claimed.attempt.max(1), seed).max(RECONCILE_DELAY);
    let result = if ticket.again { after_unknown(error, wait) } else { after_call(claimed, error) };
    result.at(cx.deps.now())
}

/// What follows, with spans instead of moments.
enum Follow {
    Defer(Duration),
    Retry(Duration),
    Reconcile(Duration),
    Void,
    Refuse(String),
}

impl Follow {
    fn at(self, now: Timestamp) -> SendResult {
        match self {
            Self::Defer(wait) => SendResult::Deferred { until: now + wait },
            Self::Retry(wait) => SendResult::Retry { until: now + wait },
            Self::Reconcile(wait) => SendResult::Unknown { retry_at: now + wait },
            Self::Void => SendResult::Void,
            Self::Refuse(code) => SendResult::Refused { code },
        }
    }
}

/// While an earlier outcome is unknown, an error only delays the look for it, unless nobody can ever look again: the group is
/// closed to the account, or the account is gone.
fn after_unknown(error: &TelegramError, wait: Duration) -> Follow {
    match react(error).work {
        WorkReaction::Defer(asked) => Follow::Reconcile(asked),
        WorkReaction::Fail if *error == TelegramError::ChannelPrivate => Follow::Refuse(error.code()),
        WorkReaction::Cancel if *error == TelegramError::Deactivated => Follow::Refuse(error.code()),
        WorkReaction::AwaitLogin
        | WorkReaction::Join
        | WorkReaction::Retry(_)
        | WorkReaction::RetryOnce
        | WorkReaction::Void
        | WorkReaction::Hold
        | WorkReaction::Reconcile
        | WorkReaction::Cancel
        | WorkReaction::Fail => Follow::Reconcile(wait),
    }
}

fn after_call(claimed: &ClaimedJob, error: &TelegramError) -> Follow {
    match react(error).work {
        WorkReaction::Defer(wait) => Follow::Defer(wait),
        WorkReaction::AwaitLogin => Follow::Defer(NO_LINE_DELAY),
        WorkReaction::Hold => Follow::Defer(HOLD_DELAY),
        WorkReaction::Retry(wait) if claimed.attempt < RETRIES => Follow::Retry(wait),
        WorkReaction::RetryOnce if claimed.attempt <= 1 => Follow::Retry(RECONCILE_DELAY),
        WorkReaction::Void => Follow::Void,
        // It was sent with this id before and does not stand in the thread any more.
        WorkReaction::Reconcile if *error == TelegramError::RandomIdDuplicate => {
            Follow::Refuse("REMOVED_BEFORE_SEEN".to_owned())
        }
        WorkReaction::Reconcile => Follow::Reconcile(RECONCILE_DELAY),
        WorkReaction::Join
        | WorkReaction::Retry(_)
        | WorkReaction::RetryOnce
        | WorkReaction::Cancel
        | WorkReaction::Fail => Follow::Refuse(error.code()),
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
