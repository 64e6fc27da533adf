//! Writing decisions down: each is a row, planned or skipped with its reason.

use std::collections::HashMap;

use domain::comment::{Effect, Intent, SkipReason, StateName, plan};
use domain::event::EventType;
use domain::id::{AccountId, CampaignId, ChannelId, CommentId, PostId, ProjectId, ThreadMessageId};
use domain::job::Job;
use domain::planning::Decision;
use domain::time::Timestamp;
use serde::Serialize;

use crate::error::StoreError;
use crate::outbox::{NewEvent, Subject};
use crate::planning::{PlanOutcome, PlanSubject};
use crate::queue::{NewJob, enqueue_in, finish_in};
use crate::rows::{Sql, name_of, rows};
use crate::store::{Run as _, Store, Tx};

/// An opener names its post, an answer the message and through it the post.
static INSERT: Sql = Sql::new(
    "INSERT INTO comments (project_id, campaign_id, channel_id, post_id, account_id, intent, answers_id, state, reason,
         window_from, window_to, due_at, created_at)
     SELECT po.project_id, r.campaign_id, po.channel_id, po.id, r.account_id, r.intent, r.answers_id, r.state, r.reason,
         r.window_from, r.window_to, r.due_at, $3
     FROM rows($1: post_id bigint, answers_id bigint, campaign_id bigint, account_id bigint, intent text, state text,
         reason text, window_from bigint, window_to bigint, due_at bigint) r
     LEFT JOIN thread_messages m ON m.id = r.answers_id
     JOIN posts po ON po.id = COALESCE(r.post_id, m.post_id)
     WHERE po.project_id = $2
     ON CONFLICT DO NOTHING
     RETURNING id, channel_id, post_id, answers_id",
);

#[derive(Serialize)]
struct PlanRow {
    post_id: Option<PostId>,
    answers_id: Option<ThreadMessageId>,
    campaign_id: Option<CampaignId>,
    account_id: Option<AccountId>,
    intent: Intent,
    state: StateName,
    reason: Option<SkipReason>,
    window_from: Option<Timestamp>,
    window_to: Option<Timestamp>,
    due_at: Option<Timestamp>,
}

/// A row that was written.
struct Written {
    comment: CommentId,
    channel: ChannelId,
    post: PostId,
}

impl Store {
    /// Applies decisions and finishes their jobs. The answer has, in the order given, the comment of each decision: `None`
    /// where the lease was stale, the subject is gone, another comment holds its place, or the decision leaves no row (an
    /// answer skipped for what the reader's message is).
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn apply_plans(
        &self,
        node: &str,
        project: ProjectId,
        outcomes: &[PlanOutcome],
        now: Timestamp,
    ) -> Result<Vec<Option<CommentId>>, StoreError> {
        let mut tx = self.begin("apply plans").await?;
        let leases: Vec<_> = outcomes.iter().map(|outcome| outcome.lease).collect();
        let accepted = finish_in(&tx, node, &leases, now).await?;
        let leaves_row =
            |outcome: &&PlanOutcome| accepted.contains(&outcome.lease.job) && leaves_row(outcome);
        let kept: Vec<_> = outcomes.iter().filter(leaves_row).collect();
        let written = insert(&tx, project, &kept, now).await?;
        let mut jobs = Vec::with_capacity(written.len());
        for outcome in &kept {
            if let Some(written) = written.get(&outcome.subject) {
                follow(&mut tx, project, outcome, written, now, &mut jobs);
            }
        }
        enqueue_in(&tx, &jobs)?;
        tx.commit().await?;
        let comment = |outcome: &PlanOutcome| {
            let written = written.get(&outcome.subject).filter(|_| accepted.contains(&outcome.lease.job));
            written.map(|written| written.comment)
        };
        Ok(outcomes.iter().map(comment).collect())
    }
}

/// Whether a decision is worth a row: that a reader's message asks for nothing is no decision about a comment.
fn leaves_row(outcome: &PlanOutcome) -> bool {
    let silent = [SkipReason::NotAQuestion, SkipReason::OwnMessage, SkipReason::EnoughAnswers];
    match (&outcome.subject, &outcome.decision) {
        (PlanSubject::Answer(_), Decision::Skip(reason)) => !silent.contains(reason),
        (PlanSubject::Answer(_) | PlanSubject::Opener(_), _) => true,
    }
}

async fn insert(
    tx: &Tx,
    project: ProjectId,
    outcomes: &[&PlanOutcome],
    now: Timestamp,
) -> Result<HashMap<PlanSubject, Written>, StoreError> {
    if outcomes.is_empty() {
        return Ok(HashMap::new());
    }
    let new: Vec<_> = outcomes.iter().map(|outcome| row(outcome)).collect();
    let values = [rows(tx.operation(), &new)?, project.get().into(), now.micros().into()];
    let mut written = HashMap::with_capacity(new.len());
    for row in &tx.rows(&INSERT, values).await? {
        let post = row.get("post_id")?;
        let subject = row.maybe("answers_id")?.map_or(PlanSubject::Opener(post), PlanSubject::Answer);
        written.insert(subject, Written { comment: row.get("id")?, channel: row.get("channel_id")?, post });
    }
    Ok(written)
}

fn row(outcome: &PlanOutcome) -> PlanRow {
    let (post_id, answers_id, intent) = match outcome.subject {
        PlanSubject::Opener(post) => (Some(post), None, Intent::Opener),
        PlanSubject::Answer(message) => (None, Some(message), Intent::Answer),
    };
    let mut row = PlanRow {
        post_id,
        answers_id,
        campaign_id: None,
        account_id: None,
        intent,
        state: StateName::Skipped,
        reason: None,
        window_from: None,
        window_to: None,
        due_at: None,
    };
    match &outcome.decision {
        Decision::Skip(reason) => row.reason = Some(*reason),
        Decision::Write(decided) => {
            row.state = plan().0.name();
            row.campaign_id = Some(decided.campaign);
            row.account_id = Some(decided.account);
            row.window_from = Some(decided.window.from);
            row.window_to = Some(decided.window.to);
            row.due_at = Some(decided.due_at);
        }
    }
    row
}

/// What follows from a decision that was written: the effects of planning, and its events.
fn follow(
    tx: &mut Tx,
    project: ProjectId,
    outcome: &PlanOutcome,
    written: &Written,
    now: Timestamp,
    jobs: &mut Vec<NewJob>,
) {
    let mut subject = Subject {
        channel: Some(written.channel),
        post: Some(written.post),
        comment: Some(written.comment),
        ..Subject::default()
    };
    if let PlanSubject::Answer(message) = outcome.subject {
        subject.message = Some(message);
    }
    let mut tell = |kind, subject| tx.tell(NewEvent { project: Some(project), kind, subject, at: now });
    match &outcome.decision {
        Decision::Skip(reason) => {
            subject.detail = Some(name_of(reason));
            tell(EventType::CommentSkipped, subject);
        }
        Decision::Write(decided) => {
            subject.account = Some(decided.account);
            subject.campaign = Some(decided.campaign);
            if subject.message.is_some() {
                tell(EventType::ReaderAsked, subject.clone());
            }
            tell(EventType::CommentPlanned, subject);
            for effect in plan().1 {
                if effect == Effect::Write {
                    jobs.push(NewJob::at(Job::WriteDraft { comment: written.comment }, now));
                }
            }
        }
    }
}
