//! The id audit: what makes reading complete.
//!
//! Message ids of a channel are dense. Everything between what was audited and the newest id is fetched by id and becomes a
//! post or a confirmed gap; only then does the mark move. An audit that cannot ask now comes back with backoff.

use domain::id::{AccountId, MessageId};
use domain::job::backoff;
use persistence::queue::{ClaimedJob, Failure};
use persistence::watching::ChannelCursor;
use telegram::{HistorySlot, TelegramError};

use super::{ChannelWatcher, record};
use crate::accounts::AccountMessage;
use crate::error::ActorError;
use crate::queue::Work;
use crate::runtime::Cx;

/// Ids that one question may name.
const IDS_PER_QUESTION: usize = 100;

/// Audits the channel and sets the time of the next audit.
pub(super) async fn audit(cx: &Cx<ChannelWatcher>, work: Work) -> Result<(), ActorError> {
    for claimed in &work.jobs {
        let Some(cursor) = cx.deps.store.channel_cursor(cx.key).await? else { continue };
        match catch_up(cx, &cursor).await? {
            Ok(()) => next_audit(cx, claimed).await?,
            Err(error) => retry(cx, claimed, &error).await?,
        }
    }
    Ok(())
}

/// Fetches what is missing. The outer error is the Store's, the inner one Telegram's.
async fn catch_up(
    cx: &Cx<ChannelWatcher>,
    cursor: &ChannelCursor,
) -> Result<Result<(), TelegramError>, ActorError> {
    let Some(reader) = cursor.reader else { return Ok(Err(TelegramError::Disconnected)) };
    let newest = match newest(cx, reader, cursor).await {
        Ok(newest) => newest.max(cursor.newest),
        Err(error) => return Ok(Err(error)),
    };
    let missing = cx.deps.store.missing_ids(cx.key, newest).await?;
    for ids in missing.chunks(IDS_PER_QUESTION) {
        let slots = match history(cx, reader, cursor, ids).await {
            Ok(slots) => slots,
            Err(error) => return Ok(Err(error)),
        };
        let mut posts = Vec::new();
        let mut empty = Vec::new();
        for slot in slots {
            match slot {
                HistorySlot::Post(post) => posts.push(post),
                HistorySlot::Empty(id) => empty.push(id),
            }
        }
        record::record_posts(cx, posts).await?;
        cx.deps.store.confirm_gaps(cx.key, empty, cx.deps.now()).await?;
    }
    cx.deps.store.set_audited(cx.key, newest, cx.deps.now()).await?;
    Ok(Ok(()))
}

async fn newest(
    cx: &Cx<ChannelWatcher>,
    reader: AccountId,
    cursor: &ChannelCursor,
) -> Result<MessageId, TelegramError> {
    let Some(account) = cx.deps.directory.accounts.find(reader) else { return Err(TelegramError::Disconnected) };
    let channels = vec![cursor.peer];
    let answer = account.ask(|reply| AccountMessage::Newest { channels, reply }).await;
    let newest = answer.unwrap_or(Err(TelegramError::Disconnected))?;
    newest.first().copied().ok_or(TelegramError::PeerInvalid)
}

async fn history(
    cx: &Cx<ChannelWatcher>,
    reader: AccountId,
    cursor: &ChannelCursor,
    ids: &[MessageId],
) -> Result<Vec<HistorySlot>, TelegramError> {
    let Some(account) = cx.deps.directory.accounts.find(reader) else { return Err(TelegramError::Disconnected) };
    let (channel, ids) = (cursor.peer, ids.to_vec());
    let answer = account.ask(|reply| AccountMessage::History { channel, ids, reply }).await;
    answer.unwrap_or(Err(TelegramError::Disconnected))
}

/// The same job again, later: an audit has no end.
async fn next_audit(cx: &Cx<ChannelWatcher>, claimed: &ClaimedJob) -> Result<(), ActorError> {
    let now = cx.deps.now();
    let next = now + cx.deps.settings.audit_every;
    cx.deps.store.reschedule(&cx.deps.settings.node, &[(claimed.lease, next)], now).await?;
    Ok(())
}

/// A channel that nobody can read now is tried again; its job is never given up.
async fn retry(cx: &Cx<ChannelWatcher>, claimed: &ClaimedJob, error: &TelegramError) -> Result<(), ActorError> {
    let now = cx.deps.now();
    let seed = cx.deps.settings.seed.derive("audit", cx.key.get());
    let retry_at = now + backoff(claimed.attempt.max(1), seed);
    if *error == TelegramError::ChannelPrivate {
        cx.deps.store.lose_channel(cx.key, now).await?;
    }
    let failure = if claimed.attempt < claimed.max_attempts {
        Failure { lease: claimed.lease, error: error.code(), retry_at: Some(retry_at) }
    } else {
        return next_audit(cx, claimed).await;
    };
    cx.deps.store.fail(&cx.deps.settings.node, &[failure], now).await?;
    Ok(())
}
