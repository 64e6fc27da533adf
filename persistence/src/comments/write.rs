//! Writing comments: their states, and what follows from each step.

use domain::comment::{Effect, SkipReason, State, StateName};
use domain::event::EventType;
use domain::id::{CommentId, MessageId, RandomId};
use domain::job::Job;
use domain::time::Timestamp;
use serde::Serialize;

use crate::comments::Stored;
use crate::error::StoreError;
use crate::outbox::{NewEvent, Subject};
use crate::queue::{NewJob, enqueue_in};
use crate::rows::{Sql, name_of, rows};
use crate::store::{Run as _, Tx};

/// What a state holds replaces what the columns held; what it does not speak of stays.
static WRITE: Sql = Sql::new(
    "UPDATE comments SET
         state = r.state, reason = r.reason, revision = r.revision, post_revision = r.post_revision,
         signed_text = COALESCE(r.signed_text, comments.signed_text), label = r.label,
         random_id = COALESCE(r.random_id, comments.random_id), due_at = r.due_at,
         sent_at = COALESCE(r.sent_at, comments.sent_at), message_id = COALESCE(r.message_id, comments.message_id),
         error_code = COALESCE(r.error_code, comments.error_code), reactions = r.reactions, replies = r.replies
     FROM rows($1: id bigint, was text, state text, reason text, revision bigint, post_revision bigint, signed_text text,
         label text, random_id bigint, due_at bigint, sent_at bigint, message_id bigint, error_code text,
         reactions bigint, replies bigint) r
     WHERE comments.id = r.id AND comments.state = r.was",
);

static VOID: Sql = Sql::new(
    "INSERT INTO approvals (comment_id, revision, decision, decided_at)
     SELECT r.comment_id, r.revision, 'void', $2 FROM rows($1: comment_id bigint, revision bigint) r",
);

#[derive(Serialize)]
struct CommentRow<'a> {
    id: CommentId,
    was: StateName,
    state: StateName,
    reason: Option<SkipReason>,
    revision: u32,
    post_revision: Option<i64>,
    signed_text: Option<&'a str>,
    label: Option<&'a str>,
    random_id: Option<RandomId>,
    due_at: Option<Timestamp>,
    sent_at: Option<Timestamp>,
    message_id: Option<MessageId>,
    error_code: Option<&'a str>,
    reactions: i64,
    replies: i64,
}

#[derive(Serialize)]
struct VoidRow {
    comment_id: CommentId,
    revision: u32,
}

/// Writes what was done to `comments` since they were read, enqueues what follows and tells it.
///
/// # Errors
/// [`StoreError::Overtaken`] when one of them is no longer in the state it was read in; nothing is written then.
pub(crate) async fn write(
    tx: &mut Tx,
    comments: impl IntoIterator<Item = &Stored>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let touched: Vec<_> = comments.into_iter().filter(|stored| stored.touched).collect();
    if touched.is_empty() {
        return Ok(());
    }
    let changed: Vec<_> = touched.iter().map(|stored| row(stored)).collect();
    let written = tx.run(&WRITE, [rows(tx.operation(), &changed)?]).await?;
    if usize::try_from(written) != Ok(changed.len()) {
        return Err(StoreError::Overtaken { operation: tx.operation() });
    }
    let void = |stored: &&&Stored| stored.state.name() == StateName::Void && stored.was != StateName::Void;
    let voided: Vec<_> = touched
        .iter()
        .filter(void)
        .map(|stored| VoidRow { comment_id: stored.id, revision: stored.revision.0 })
        .collect();
    if !voided.is_empty() {
        tx.at_commit(&VOID, [rows(tx.operation(), &voided)?, now.micros().into()]);
    }
    follow(tx, &touched, now)
}

fn row(stored: &Stored) -> CommentRow<'_> {
    let mut row = CommentRow {
        id: stored.id,
        was: stored.was,
        state: stored.state.name(),
        reason: None,
        revision: stored.revision.0,
        post_revision: stored.post_revision,
        signed_text: None,
        label: stored.label.as_deref(),
        random_id: None,
        due_at: stored.due_at,
        sent_at: None,
        message_id: None,
        error_code: None,
        reactions: stored.reactions,
        replies: stored.replies,
    };
    match &stored.state {
        State::Skipped(reason) => row.reason = Some(*reason),
        State::Scheduled(slot) => {
            row.signed_text = Some(slot.signed.as_str());
            row.random_id = Some(slot.random_id);
        }
        State::Sent(delivery) => {
            row.sent_at = Some(delivery.sent_at);
            row.message_id = Some(delivery.message_id);
        }
        State::Refused(code) => row.error_code = Some(code),
        // Text and `random_id` are fixed from `scheduled` on, the delivery from `sent` on.
        State::Sending(_) | State::Unknown(_) | State::Visible(_) | State::Removed(_) => {}
        State::Planned | State::Drafted(_) | State::Rejected(_) | State::Approved(_) => {}
        State::Void(_) | State::Expired => {}
    }
    row
}

/// Carries out the effects of all steps.
fn follow(tx: &mut Tx, touched: &[&Stored], now: Timestamp) -> Result<(), StoreError> {
    let mut jobs = Vec::new();
    for stored in touched {
        for effect in &stored.effects {
            match *effect {
                Effect::Write => jobs.push(NewJob::at(Job::WriteDraft { comment: stored.id }, now)),
                Effect::Send(due_at) => jobs.extend(
                    stored
                        .account
                        .map(|account| NewJob::at(Job::SendComment { comment: stored.id, account }, due_at)),
                ),
                Effect::Look(wait) => {
                    let since = stored.delivered_at().unwrap_or(now);
                    let look = Job::ObserveComment { channel: stored.channel, comment: stored.id, look: 0 };
                    jobs.push(NewJob::at(look, since + wait));
                }
                Effect::Emit(kind) => tx.tell(stored.event(kind, now)),
            }
        }
    }
    enqueue_in(tx, &jobs)
}

impl Stored {
    /// When Telegram confirmed it, if it did.
    pub(crate) const fn delivered_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Sent(delivery) | State::Visible(delivery) | State::Removed(delivery) => {
                Some(delivery.sent_at)
            }
            State::Planned
            | State::Skipped(_)
            | State::Drafted(_)
            | State::Rejected(_)
            | State::Approved(_) => None,
            State::Void(_) | State::Scheduled(_) | State::Sending(_) | State::Unknown(_) => None,
            State::Refused(_) | State::Expired => None,
        }
    }

    fn event(&self, kind: EventType, at: Timestamp) -> NewEvent {
        let detail = match &self.state {
            State::Skipped(reason) => Some(name_of(reason)),
            State::Refused(code) => Some(code.clone()),
            State::Planned | State::Drafted(_) | State::Rejected(_) | State::Approved(_) | State::Void(_) => {
                None
            }
            State::Scheduled(_) | State::Sending(_) | State::Sent(_) | State::Unknown(_) => None,
            State::Expired | State::Visible(_) | State::Removed(_) => None,
        };
        let subject = Subject {
            channel: Some(self.channel),
            post: Some(self.post),
            message: self.answers,
            comment: Some(self.id),
            account: self.account,
            campaign: self.campaign,
            consent: None,
            proxy: None,
            detail,
        };
        NewEvent { project: Some(self.project), kind, subject, at }
    }
}
