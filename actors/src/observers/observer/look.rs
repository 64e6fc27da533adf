//! One batch of looks.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use domain::id::{AccountId, CommentId, MessageId, PeerId};
use domain::job::Job;
use domain::time::Timestamp;
use persistence::observing::{Observation, ObservationTarget, Seen};
use persistence::queue::{ClaimedJob, Lease};
use telegram::reaction::{WorkReaction, react};
use telegram::{Look, TelegramError};

use super::Observer;
use crate::accounts::AccountMessage;
use crate::error::ActorError;
use crate::queue::Work;
use crate::runtime::Cx;

/// Ids that one question may name.
const IDS_PER_QUESTION: usize = 100;

/// The least time after which a look is tried again that nobody could take: a look is never urgent.
const LATER: Duration = Duration::from_secs(5 * 60);

/// One look that is due.
struct Due<'a> {
    claimed: &'a ClaimedJob,
    look: u8,
    target: &'a ObservationTarget,
}

/// Looks at every comment of `work` and writes down what was seen.
pub(super) async fn look(cx: &Cx<Observer>, work: Work) -> Result<(), ActorError> {
    let comments: Vec<CommentId> =
        work.jobs.iter().filter_map(|claimed| subject(&claimed.job)).map(|(id, _)| id).collect();
    let store = &cx.deps.store;
    let targets: HashMap<CommentId, ObservationTarget> = store
        .observation_snapshot(&comments)
        .await?
        .into_iter()
        .map(|target| (target.comment, target))
        .collect();
    let mut questions: BTreeMap<(AccountId, PeerId), Vec<Due<'_>>> = BTreeMap::new();
    let mut pointless: Vec<Lease> = Vec::new();
    for claimed in &work.jobs {
        let due = subject(&claimed.job)
            .and_then(|(comment, look)| Some(Due { claimed, look, target: targets.get(&comment)? }));
        match due {
            Some(due) => match (due.target.account, due.target.discussion) {
                (Some(account), Some(group)) => questions.entry((account, group)).or_default().push(due),
                (None, _) | (_, None) => pointless.push(claimed.lease),
            },
            None => pointless.push(claimed.lease),
        }
    }
    let mut seen = Sightings::default();
    for ((account, group), due) in questions {
        for due in due.chunks(IDS_PER_QUESTION) {
            match ask(cx, account, group, due).await {
                Ok(looks) => seen.observed.extend(observe(due, &looks)),
                Err(error) => seen.miss(cx, due, &error),
            }
        }
    }
    let (node, now) = (&cx.deps.settings.node, cx.deps.now());
    if !pointless.is_empty() {
        store.finish(node, &pointless, now).await?;
    }
    if !seen.later.is_empty() {
        store.reschedule(node, &seen.later).await?;
    }
    store.apply_observations(node, &seen.observed, now).await?;
    Ok(())
}

/// What came of one batch.
#[derive(Default)]
struct Sightings {
    observed: Vec<Observation>,
    /// What could not be asked now, through no fault of its own: not an attempt.
    later: Vec<(Lease, Timestamp)>,
}

impl Sightings {
    /// Nobody could look.
    fn miss(&mut self, cx: &Cx<Observer>, due: &[Due<'_>], error: &TelegramError) {
        let now = cx.deps.now();
        match react(error).work {
            WorkReaction::Defer(wait) => {
                self.later.extend(due.iter().map(|due| (due.claimed.lease, now + wait.max(LATER))));
            }
            WorkReaction::AwaitLogin => {
                self.later.extend(due.iter().map(|due| (due.claimed.lease, now + LATER)));
            }
            WorkReaction::Join
            | WorkReaction::Retry(_)
            | WorkReaction::RetryOnce
            | WorkReaction::Void
            | WorkReaction::Hold
            | WorkReaction::Reconcile
            | WorkReaction::Cancel
            | WorkReaction::Fail => self.observed.extend(due.iter().map(|due| Observation {
                lease: due.claimed.lease,
                comment: due.target.comment,
                look: due.look,
                seen: Seen::Failed {
                    error: error.code(),
                    retry_at: due.claimed.retry_at(now, cx.deps.settings.seed),
                },
            })),
        }
    }
}

const fn subject(job: &Job) -> Option<(CommentId, u8)> {
    match job {
        Job::ObserveComment { comment, look, .. } => Some((*comment, *look)),
        Job::PlanPost { .. }
        | Job::PlanAnswer { .. }
        | Job::WriteDraft { .. }
        | Job::SendComment { .. }
        | Job::AuditChannel { .. }
        | Job::Noop { .. } => None,
    }
}

async fn ask(
    cx: &Cx<Observer>,
    account: AccountId,
    group: PeerId,
    due: &[Due<'_>],
) -> Result<Vec<Look>, TelegramError> {
    let Some(account) = cx.deps.directory.accounts.find(account) else {
        return Err(TelegramError::Disconnected);
    };
    let ids = due.iter().map(|due| due.target.message).collect();
    let answer = account.ask(|reply| AccountMessage::Look { group, ids, reply }).await;
    answer.unwrap_or(Err(TelegramError::Disconnected))
}

fn observe(due: &[Due<'_>], looks: &[Look]) -> Vec<Observation> {
    let looks: HashMap<MessageId, Look> = looks.iter().map(|look| (look.id, *look)).collect();
    due.iter()
        .map(|due| Observation {
            lease: due.claimed.lease,
            comment: due.target.comment,
            look: due.look,
            seen: seen(&looks, due.target.message),
        })
        .collect()
}

/// An id that Telegram left out of its answer counts as removed, like `messageEmpty`.
fn seen(looks: &HashMap<MessageId, Look>, id: MessageId) -> Seen {
    match looks.get(&id).and_then(|look| look.seen) {
        Some(message) => Seen::Visible { reactions: message.reactions, replies: message.replies },
        None => Seen::Removed,
    }
}
