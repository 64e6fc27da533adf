//! Adds up a demo at its end: the Store's counts, and the world's judgement of what the product believes.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::comment::{Intent, StateName};
use domain::id::ProjectId;
use domain::time::Timestamp;
use persistence::Store;
use persistence::listing::CommentCount;
use simulator::{CommentClaim, Comparison, PostClaim, World};

use super::report::{Milliseconds, Report, peak_rss_bytes};
use crate::error::AppError;

/// Rows read at once.
const PAGE: u32 = 5000;

/// A project's comments, counted.
pub(crate) struct Counts(Vec<CommentCount>);

impl Counts {
    /// Counts them.
    ///
    /// # Errors
    /// When the Store does not answer.
    pub(crate) async fn of(store: &Store, project: ProjectId) -> Result<Self, AppError> {
        Ok(Self(store.comment_counts(project).await?))
    }

    /// Comments that have not come to their end.
    pub(crate) fn unfinished(&self) -> u64 {
        self.sum(|count| !count.state.is_final())
    }

    fn sum(&self, wanted: impl Fn(&CommentCount) -> bool) -> u64 {
        self.0.iter().filter(|count| wanted(count)).map(|count| count.count).sum()
    }

    fn state(&self, state: StateName) -> u64 {
        self.sum(|count| count.state == state)
    }

    fn skipped(&self) -> BTreeMap<String, u64> {
        let mut skipped = BTreeMap::new();
        for count in self.0.iter().filter(|count| count.state == StateName::Skipped) {
            let reason = count.reason.map_or_else(|| "unknown".to_owned(), name);
            *skipped.entry(reason).or_default() += count.count;
        }
        skipped
    }
}

/// The name of an enum's value, as it is written everywhere.
fn name(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(_) | Err(_) => "unknown".to_owned(),
    }
}

/// How the demo went, apart from what only its command knows.
pub(crate) struct Run {
    /// Its seed.
    pub(crate) seed: u64,
    /// When the simulated clock stopped.
    pub(crate) now: Timestamp,
    /// Posts published after this need not be known yet.
    pub(crate) known_until: Timestamp,
    /// Whether it came to its end.
    pub(crate) complete: bool,
    /// How long posts waited for their plans.
    pub(crate) waits: actors::Percentiles,
    /// Real time from start to end.
    pub(crate) wall: Duration,
}

/// Adds everything up.
///
/// # Errors
/// When the Store does not answer.
pub(crate) async fn report(
    store: &Store,
    world: &World,
    project: ProjectId,
    run: Run,
) -> Result<Report, AppError> {
    let counts = Counts::of(store, project).await?;
    let compared = compare(store, world, project, run.known_until).await?;
    let verdict = world.verdict();
    let delivered = [StateName::Sent, StateName::Visible, StateName::Removed];
    let is_sent = |count: &CommentCount| delivered.contains(&count.state);
    let sent = counts.sum(is_sent);
    let wall_s = run.wall.as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a count of comments")]
    let comments_per_second = sent as f64 / wall_s.max(f64::EPSILON);
    Ok(Report {
        seed: run.seed,
        until: run.now.rfc3339(),
        complete: run.complete,
        posts: store.post_count(project).await?,
        planned: counts.sum(|count| count.state != StateName::Skipped),
        skipped: counts.skipped(),
        sent,
        refused: counts.state(StateName::Refused),
        expired: counts.state(StateName::Expired),
        visible: counts.state(StateName::Visible),
        removed: counts.state(StateName::Removed),
        answers: counts.sum(|count| is_sent(count) && count.intent == Intent::Answer),
        unfinished: counts.unfinished(),
        duplicates: verdict.duplicates,
        lost: compared.lost(),
        unlabelled: verdict.unlabelled,
        unconsented: verdict.unconsented,
        two_openers: verdict.two_openers + verdict.self_answers,
        limit_violations: verdict.limit_violations,
        detect_to_plan_ms: Milliseconds::of(run.waits),
        comments_per_second,
        peak_rss_bytes: peak_rss_bytes(),
        wall_s,
    })
}

/// Holds what the product believes to have sent and seen against the world.
async fn compare(
    store: &Store,
    world: &World,
    project: ProjectId,
    known_until: Timestamp,
) -> Result<Comparison, AppError> {
    let mut comments = Vec::new();
    let mut last = None;
    loop {
        let page = store.sent_comments(project, last, PAGE).await?;
        last = page.last().map(|sent| sent.comment);
        comments.extend(page.iter().map(|sent| CommentClaim {
            channel: sent.channel_peer,
            message: sent.message,
            random_id: sent.random_id,
        }));
        if page.len() < PAGE as usize {
            break;
        }
    }
    let mut posts = Vec::new();
    let mut before = None;
    loop {
        let page = store.known_posts(project, before, PAGE).await?;
        before = page.last().map(|known| known.post);
        posts.extend(page.iter().map(|known| PostClaim { channel: known.channel_peer, post: known.message }));
        if page.len() < PAGE as usize {
            break;
        }
    }
    Ok(world.compare(comments, posts, known_until))
}
