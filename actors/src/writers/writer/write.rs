//! One batch of drafts.

use domain::id::CommentId;
use domain::job::Job;
use persistence::drafting::{DraftAuthor, DraftOutcome, DraftRequest, DraftResult};
use persistence::queue::{ClaimedJob, Failure, Lease};
use writing::Request;

use super::WriterWorker;
use crate::error::{ActorError, chain};
use crate::queue::Work;
use crate::runtime::Cx;

/// Writes a draft for each comment of `work` and stores them together.
pub(super) async fn write(cx: &Cx<WriterWorker>, work: Work) -> Result<(), ActorError> {
    let (store, node) = (&cx.deps.store, &cx.deps.settings.node);
    let comments: Vec<CommentId> = work.jobs.iter().filter_map(|claimed| subject(&claimed.job)).collect();
    let mut requests: std::collections::HashMap<CommentId, DraftRequest> = store
        .drafting_snapshot(&comments)
        .await?
        .into_iter()
        .map(|request| (request.comment, request))
        .collect();
    let mut outcomes = Vec::with_capacity(work.jobs.len());
    let mut failures = Vec::new();
    let mut pointless: Vec<Lease> = Vec::new();
    for claimed in &work.jobs {
        // A comment that does not wait for a text any more was skipped or expired meanwhile.
        let Some(request) = subject(&claimed.job).and_then(|comment| requests.remove(&comment)) else {
            pointless.push(claimed.lease);
            continue;
        };
        match draft(cx, claimed, request).await {
            Ok(outcome) => outcomes.push(outcome),
            Err(failure) => failures.push(failure),
        }
    }
    let now = cx.deps.now();
    store.apply_drafts(node, &outcomes, cx.deps.settings.seed, now).await?;
    if !failures.is_empty() {
        store.fail(node, &failures, now).await?;
    }
    if !pointless.is_empty() {
        store.finish(node, &pointless, now).await?;
    }
    Ok(())
}

const fn subject(job: &Job) -> Option<CommentId> {
    match job {
        Job::WriteDraft { comment } => Some(*comment),
        Job::PlanPost { .. }
        | Job::PlanAnswer { .. }
        | Job::SendComment { .. }
        | Job::ObserveComment { .. }
        | Job::AuditChannel { .. }
        | Job::Noop { .. } => None,
    }
}

async fn draft(
    cx: &Cx<WriterWorker>,
    claimed: &ClaimedJob,
    wanted: DraftRequest,
) -> Result<DraftOutcome, Failure> {
    let (lease, comment) = (claimed.lease, wanted.comment);
    let seed =
        cx.deps.settings.seed.derive("draft", comment.get()).derive("revision", i64::from(wanted.revision.0));
    let request = Request {
        intent: wanted.intent,
        templates: wanted.templates,
        channel: wanted.channel_title,
        post: wanted.post_text,
        question: wanted.reader_text,
        label: wanted.label,
        seed,
    };
    match cx.deps.writer.write(&request).await {
        Ok(Some(draft)) => Ok(DraftOutcome { lease, comment, result: written(draft.text) }),
        Ok(None) => Ok(DraftOutcome { lease, comment, result: DraftResult::Nothing }),
        Err(error) => {
            let retry_at = claimed.retry_at(cx.deps.now(), cx.deps.settings.seed);
            Err(Failure { lease, error: chain(&error), retry_at })
        }
    }
}

const fn written(text: String) -> DraftResult {
    DraftResult::Written { text, author: DraftAuthor::Template, remarks: Vec::new() }
}
