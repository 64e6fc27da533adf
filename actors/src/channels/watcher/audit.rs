//! The id audit: what makes reading complete.
//!
//! Message ids of a channel are dense. Everything between what was audited and the newest id is fetched by id and becomes a
//! post or a confirmed gap; only then does the mark move. The newest known messages are looked at again along with it: an
//! edit or a deletion takes no id of its own, so nothing else tells of one whose update was lost. An audit that cannot ask now
//! comes back with backoff; a channel whose reading is over is not asked about until it is agreed to again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::id::MessageId;
use domain::time::Timestamp;
use persistence::queue::{ClaimedJob, Failure};
use persistence::watching::{AuditDone, ChannelCursor, Gap, GapEnd};
use telegram::reaction::{WorkReaction, react};
use telegram::{HistorySlot, TelegramError};

use super::{ChannelWatcher, record};
use crate::accounts::AccountMessage;
use crate::error::ActorError;
use crate::queue::Work;
use crate::runtime::{Address, Cx};

/// Ids that one question may name.
const IDS_PER_QUESTION: usize = 100;

/// After how long an audit is tried again that nobody could make.
const LATER: Duration = Duration::from_secs(5 * 60);

/// Audits the channel and sets the time of the next audit.
pub(super) async fn audit(cx: &Cx<ChannelWatcher>, work: Work) -> Result<(), ActorError> {
    for claimed in &work.jobs {
        match catch_up(cx).await? {
            Ok(caught) => finish(cx, claimed, caught).await?,
            Err(error) => retry(cx, claimed, &error).await?,
        }
    }
    Ok(())
}

/// What an audit found.
struct Caught {
    /// Up to where nothing is missing any more.
    up_to: MessageId,
    /// The gaps that were open.
    closed: Vec<(Gap, GapEnd)>,
}

/// Fetches what is missing, and what may have changed. The outer error is the Store's, the inner one Telegram's.
async fn catch_up(cx: &Cx<ChannelWatcher>) -> Result<Result<Caught, TelegramError>, ActorError> {
    let cursor = cx.deps.store.channel_cursor(cx.key, cx.deps.now()).await?;
    if cursor.closed {
        return Ok(Ok(Caught { up_to: cursor.audited_up_to, closed: Vec::new() }));
    }
    let (reader, newest) = match newest(cx).await {
        Ok((reader, newest)) => (reader, newest.max(cursor.newest)),
        Err(error) => return Ok(Err(error)),
    };
    let known: BTreeMap<_, _> =
        cursor.recent.iter().map(|recent| (recent.message, recent.edited_at)).collect();
    let asked: Vec<_> = known.keys().copied().chain(missing(&cursor, newest)).collect();
    let mut standing = BTreeSet::new();
    for ids in asked.chunks(IDS_PER_QUESTION) {
        let slots = match history(cx, &reader, ids).await {
            Ok(slots) => slots,
            Err(error) => return Ok(Err(error)),
        };
        standing.extend(take_in(cx, &known, slots).await?);
    }
    let closed = cursor.gaps.iter().map(|gap| (*gap, end_of(*gap, &standing))).collect();
    Ok(Ok(Caught { up_to: newest, closed }))
}

/// Records what an answer tells that was not `known`: posts, empty ids, later texts, and what is gone. Yields the ids at which
/// something stands.
async fn take_in(
    cx: &Cx<ChannelWatcher>,
    known: &BTreeMap<MessageId, Option<Timestamp>>,
    slots: Vec<HistorySlot>,
) -> Result<Vec<MessageId>, ActorError> {
    let (mut standing, mut posts, mut empty, mut gone) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for slot in slots {
        match slot {
            HistorySlot::Post(post) => {
                standing.push(post.id);
                // What was not edited since would be written for its views alone, at every audit.
                if known.get(&post.id).is_none_or(|edited_at| post.edited_at > *edited_at) {
                    posts.push(record::seen_post(post));
                }
            }
            HistorySlot::Empty(id) if known.contains_key(&id) => gone.push(id),
            HistorySlot::Empty(id) => empty.push(id),
        }
    }
    if !posts.is_empty() || !empty.is_empty() {
        record::record_posts(cx, posts, empty).await?;
    }
    if !gone.is_empty() {
        cx.deps.store.record_deleted_posts(cx.key, &gone, cx.deps.now()).await?;
    }
    Ok(standing)
}

/// How a gap ended, by what stands in the channel.
fn end_of(gap: Gap, standing: &BTreeSet<MessageId>) -> GapEnd {
    match standing.range(gap.from..=gap.to).next() {
        Some(_) => GapEnd::Filled,
        None => GapEnd::Confirmed,
    }
}

/// The ids of the open gaps, and those above everything known.
fn missing(cursor: &ChannelCursor, newest: MessageId) -> Vec<MessageId> {
    let gaps = cursor.gaps.iter().flat_map(|gap| gap.from.get()..=gap.to.get());
    gaps.chain(cursor.newest.get() + 1..=newest.get()).map(MessageId).collect()
}

type Reader = Address<AccountMessage>;

/// The newest id of the channel, by the first of its readers that can ask.
async fn newest(cx: &Cx<ChannelWatcher>) -> Result<(Reader, MessageId), TelegramError> {
    let peer = cx.deps.directory.peer(cx.key).ok_or(TelegramError::PeerInvalid)?;
    let mut failure = TelegramError::Disconnected;
    for account in cx.deps.directory.readers_of(cx.key) {
        let Some(reader) = cx.deps.directory.accounts.find(account) else { continue };
        let question = |reply| AccountMessage::Newest { channels: vec![peer], reply };
        match reader.ask(question).await.unwrap_or(Err(TelegramError::Disconnected)) {
            Ok(newest) => return newest.first().map(|id| (reader, *id)).ok_or(TelegramError::PeerInvalid),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

async fn history(
    cx: &Cx<ChannelWatcher>,
    reader: &Reader,
    ids: &[MessageId],
) -> Result<Vec<HistorySlot>, TelegramError> {
    let channel = cx.deps.directory.peer(cx.key).ok_or(TelegramError::PeerInvalid)?;
    let ids = ids.to_vec();
    let answer = reader.ask(|reply| AccountMessage::History { channel, ids, reply }).await;
    answer.unwrap_or(Err(TelegramError::Disconnected))
}

/// Notes the audit, and the same job again, later: an audit has no end.
async fn finish(cx: &Cx<ChannelWatcher>, claimed: &ClaimedJob, caught: Caught) -> Result<(), ActorError> {
    let now = cx.deps.now();
    let next_at = now + cx.deps.settings.audit_every;
    let Caught { up_to, closed } = caught;
    let done = AuditDone { lease: claimed.lease, channel: cx.key, up_to, closed, next_at };
    cx.deps.store.finish_audit(&cx.deps.settings.node, done, now).await?;
    Ok(())
}

/// A channel that nobody can read now is tried again; its job is never given up.
async fn retry(
    cx: &Cx<ChannelWatcher>,
    claimed: &ClaimedJob,
    error: &TelegramError,
) -> Result<(), ActorError> {
    let now = cx.deps.now();
    if *error == TelegramError::ChannelPrivate {
        cx.deps.store.lose_channel(cx.key, &error.code(), now).await?;
    }
    if let WorkReaction::Defer(_) | WorkReaction::AwaitLogin = react(error).work {
        // Nobody can read now, through no fault of this channel: not an attempt.
        cx.deps.store.reschedule(&cx.deps.settings.node, &[(claimed.lease, now + LATER)]).await?;
        return Ok(());
    }
    let node = &cx.deps.settings.node;
    match claimed.retry_at(now, cx.deps.settings.seed) {
        Some(retry_at) => {
            let failure = Failure { lease: claimed.lease, error: error.code(), retry_at: Some(retry_at) };
            cx.deps.store.fail(node, &[failure], now).await?;
        }
        None => {
            let next_at = now + cx.deps.settings.audit_every;
            cx.deps.store.reschedule(node, &[(claimed.lease, next_at)]).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_filled_if_anything_stands_in_it_and_otherwise_confirmed() {
        let standing = BTreeSet::from([MessageId(3), MessageId(9)]);
        let end = |from, to| end_of(Gap { from: MessageId(from), to: MessageId(to) }, &standing);
        assert_eq!((end(1, 3), end(9, 9), end(2, 20)), (GapEnd::Filled, GapEnd::Filled, GapEnd::Filled));
        assert_eq!(
            (end(1, 2), end(4, 8), end(10, 20)),
            (GapEnd::Confirmed, GapEnd::Confirmed, GapEnd::Confirmed)
        );
    }
}
