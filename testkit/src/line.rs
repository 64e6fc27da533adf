//! A project's work done step by step, as the actors do it but by hand: each step claims what is due, decides with the
//! domain's own rules, and applies it.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::comment::StateName;
use domain::id::{AccountId, CommentId, MessageId};
use domain::job::{Job, JobKind};
use domain::pacing::Ledger;
use domain::planning::{answer, opener};
use domain::seed::Seed;
use domain::time::Timestamp;
use persistence::drafting::{DraftAuthor, DraftOutcome, DraftResult};
use persistence::observing::{Observation, Seen};
use persistence::planning::{PlanOutcome, PlanSubject};
use persistence::queue::{Claim, ClaimedJob, Lease};
use persistence::sending::{Begun, SendOutcome, SendResult, SendTicket};
use persistence::{Store, StoreError};

use crate::Scene;

/// The hands that do it: one node's.
#[derive(Debug)]
pub struct Line {
    /// The node's name.
    pub node: String,
    /// Where chance begins.
    pub seed: Seed,
    /// How many jobs are claimed at once.
    pub batch: u32,
    ledgers: BTreeMap<AccountId, Ledger>,
    next_message: i64,
}

impl Default for Line {
    fn default() -> Self {
        Self::new("node", 100)
    }
}

impl Line {
    /// The hands of a node that claims `batch` jobs at once.
    #[must_use]
    pub fn new(node: &str, batch: u32) -> Self {
        Self { node: node.to_owned(), seed: Seed(7), batch, ledgers: BTreeMap::new(), next_message: 10_000 }
    }

    /// Claims due jobs of one kind.
    ///
    /// # Errors
    /// The Store's own.
    pub async fn claim(
        &self,
        store: &Store,
        kind: JobKind,
        now: Timestamp,
    ) -> Result<Vec<ClaimedJob>, StoreError> {
        let claim =
            Claim { node: &self.node, limit: self.batch, kinds: &[kind], lease: Duration::from_secs(60) };
        store.claim(&claim, now).await
    }

    /// Decides on what is due, and returns the comments that were written down.
    ///
    /// # Errors
    /// The Store's own.
    pub async fn plan(
        &mut self,
        store: &Store,
        scene: &Scene,
        now: Timestamp,
    ) -> Result<Vec<CommentId>, StoreError> {
        let mut claimed = self.claim(store, JobKind::PlanPost, now).await?;
        claimed.extend(self.claim(store, JobKind::PlanAnswer, now).await?);
        let outcomes = self.decide(store, scene, &claimed, now).await?;
        let planned = store.apply_plans(&self.node, scene.project, &outcomes, now).await?;
        Ok(planned.into_iter().flatten().collect())
    }

    /// What the domain decides on claimed jobs.
    ///
    /// # Errors
    /// The Store's own.
    pub async fn decide(
        &mut self,
        store: &Store,
        scene: &Scene,
        claimed: &[ClaimedJob],
        now: Timestamp,
    ) -> Result<Vec<PlanOutcome>, StoreError> {
        let subjects: Vec<_> =
            claimed.iter().filter_map(|claimed| Some((claimed.lease, subject(claimed)?))).collect();
        let post = |(_, subject): &(Lease, PlanSubject)| match subject {
            PlanSubject::Opener(post) => Some(*post),
            PlanSubject::Answer(_) => None,
        };
        let message = |(_, subject): &(Lease, PlanSubject)| match subject {
            PlanSubject::Answer(message) => Some(*message),
            PlanSubject::Opener(_) => None,
        };
        let posts: Vec<_> = subjects.iter().filter_map(post).collect();
        let messages: Vec<_> = subjects.iter().filter_map(message).collect();
        let mut snapshot = store.planning_snapshot(scene.project, &posts, &messages, now).await?;
        snapshot.desk.ledgers = std::mem::take(&mut self.ledgers);
        let mut outcomes = Vec::with_capacity(subjects.len());
        for (lease, subject) in subjects {
            let decision = match subject {
                PlanSubject::Opener(post) => snapshot.posts.get(&post).map(|seen| {
                    opener(seen, &mut snapshot.desk, now, self.seed.derive("opener", post.get()))
                }),
                PlanSubject::Answer(message) => snapshot.messages.get(&message).map(|seen| {
                    answer(seen, &mut snapshot.desk, now, self.seed.derive("answer", message.get()))
                }),
            };
            outcomes.extend(decision.map(|decision| PlanOutcome { lease, subject, decision }));
        }
        self.ledgers = snapshot.desk.ledgers;
        Ok(outcomes)
    }

    /// Writes what waits for a text, and returns the states that follow.
    ///
    /// # Errors
    /// The Store's own.
    pub async fn write(&self, store: &Store, now: Timestamp) -> Result<Vec<Option<StateName>>, StoreError> {
        let claimed = self.claim(store, JobKind::WriteDraft, now).await?;
        let comments: Vec<_> = claimed.iter().filter_map(comment).collect();
        let requests = store.drafting_snapshot(&comments).await?;
        let result = |comment| match requests.iter().find(|request| request.comment == comment) {
            Some(request) => DraftResult::Written {
                text: request.templates.first().cloned().unwrap_or_default(),
                author: DraftAuthor::Template,
                remarks: Vec::new(),
            },
            None => DraftResult::Nothing,
        };
        let outcomes: Vec<_> = claimed
            .iter()
            .filter_map(|claimed| Some((claimed.lease, comment(claimed)?)))
            .map(|(lease, comment)| DraftOutcome { lease, comment, result: result(comment) })
            .collect();
        store.apply_drafts(&self.node, &outcomes, self.seed, now).await
    }

    /// Begins what is due to be sent.
    ///
    /// # Errors
    /// The Store's own.
    pub async fn begin(
        &self,
        store: &Store,
        now: Timestamp,
    ) -> Result<Vec<(Lease, CommentId, Begun)>, StoreError> {
        let claimed = self.claim(store, JobKind::SendComment, now).await?;
        let sends: Vec<_> =
            claimed.iter().filter_map(|claimed| Some((claimed.lease, comment(claimed)?))).collect();
        let begun = store.begin_sends(&self.node, &sends, now).await?;
        Ok(sends.into_iter().zip(begun).map(|((lease, comment), begun)| (lease, comment, begun)).collect())
    }

    /// Sends what is due, all of it with success, and returns the tickets it was sent on.
    ///
    /// # Errors
    /// The Store's own.
    pub async fn send(&mut self, store: &Store, now: Timestamp) -> Result<Vec<SendTicket>, StoreError> {
        let (mut outcomes, mut tickets) = (Vec::new(), Vec::new());
        for (lease, comment, begun) in self.begin(store, now).await? {
            if let Begun::Send(ticket) = begun {
                self.next_message += 1;
                let result = SendResult::Sent { message: MessageId(self.next_message), at: now };
                outcomes.push(SendOutcome { lease, comment, result, block: None });
                tickets.push(*ticket);
            }
        }
        store.finish_sends(&self.node, &outcomes, now).await?;
        Ok(tickets)
    }

    /// Looks at what is due to be looked at, and sees it as `seen`.
    ///
    /// # Errors
    /// The Store's own.
    pub async fn look(
        &self,
        store: &Store,
        seen: &Seen,
        now: Timestamp,
    ) -> Result<Vec<Option<StateName>>, StoreError> {
        let claimed = self.claim(store, JobKind::ObserveComment, now).await?;
        let comments: Vec<_> = claimed.iter().filter_map(comment).collect();
        store.observation_snapshot(&comments).await?;
        let observations: Vec<_> = claimed
            .iter()
            .filter_map(|claimed| match claimed.job {
                Job::ObserveComment { comment, look, .. } => {
                    Some(Observation { lease: claimed.lease, comment, look, seen: seen.clone() })
                }
                Job::PlanPost { .. } | Job::PlanAnswer { .. } | Job::WriteDraft { .. } => None,
                Job::SendComment { .. } | Job::AuditChannel { .. } | Job::Noop { .. } => None,
            })
            .collect();
        store.apply_observations(&self.node, &observations, now).await
    }
}

fn subject(claimed: &ClaimedJob) -> Option<PlanSubject> {
    match claimed.job {
        Job::PlanPost { post, .. } => Some(PlanSubject::Opener(post)),
        Job::PlanAnswer { message, .. } => Some(PlanSubject::Answer(message)),
        Job::WriteDraft { .. } | Job::SendComment { .. } | Job::ObserveComment { .. } => None,
        Job::AuditChannel { .. } | Job::Noop { .. } => None,
    }
}

/// The comment a job is about.
fn comment(claimed: &ClaimedJob) -> Option<CommentId> {
    match claimed.job {
        Job::WriteDraft { comment }
        | Job::SendComment { comment, .. }
        | Job::ObserveComment { comment, .. } => Some(comment),
        Job::PlanPost { .. } | Job::PlanAnswer { .. } | Job::AuditChannel { .. } | Job::Noop { .. } => None,
    }
}
