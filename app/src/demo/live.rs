//! What a person sees while the demo runs: how far it is and what happens. Nothing of it on standard output.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::time::Duration;

use domain::event::EventType;
use domain::time::Timestamp;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use persistence::outbox::Event;

/// How the bar looks.
const TEMPLATE: &str = "{bar:32} {pos:>3} % {prefix}  {wide_msg}";

/// Events told one by one at most, so that a fast demo is not a wall of text.
const LINES: u32 = 12;

/// How often where no terminal shows a bar.
const LINE_EVERY: Duration = Duration::from_secs(24 * 3600);

/// The live picture.
pub(crate) struct Live {
    bar: ProgressBar,
    start: Timestamp,
    until: Timestamp,
    counts: BTreeMap<EventType, u64>,
    told: BTreeMap<EventType, u32>,
    line_at: Option<Timestamp>,
}

impl Live {
    /// A picture of the time from `start` to `until`; a bar in a terminal, a line a simulated day elsewhere.
    pub(crate) fn new(start: Timestamp, until: Timestamp) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let target =
            if is_terminal { ProgressDrawTarget::stderr_with_hz(10) } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(100), target);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.progress_chars("━╸ "));
        }
        let line_at = (!is_terminal).then_some(start + LINE_EVERY);
        Self { bar, start, until, counts: BTreeMap::new(), told: BTreeMap::new(), line_at }
    }

    /// Tells of an event: counts it, and shows the first few of each kind.
    pub(crate) fn tell(&mut self, event: &Event) {
        *self.counts.entry(event.kind).or_default() += 1;
        let told = self.told.entry(event.kind).or_default();
        if *told < LINES && !self.bar.is_hidden() {
            *told += 1;
            let detail = event.subject.detail.as_deref().unwrap_or_default();
            let what = event.subject.comment.map_or_else(String::new, |comment| format!("comment {comment}"));
            let at = clock_face(event.occurred_at);
            self.bar.println(format!("{at}  {:<18} {what} {detail}", event.kind.as_str()));
        }
    }

    /// Shows how far the simulated time is.
    pub(crate) fn at(&mut self, now: Timestamp) {
        let whole = self.until.since(self.start).as_secs().max(1);
        self.bar.set_position((now.since(self.start).as_secs() * 100 / whole).min(100));
        self.bar.set_prefix(clock_face(now));
        self.bar.set_message(self.summary());
        if let Some(at) = self.line_at
            && now >= at
        {
            self.line_at = Some(now + LINE_EVERY);
            tracing::info!(simulated = %now, "{}", self.summary());
        }
    }

    /// Leaves the terminal to what follows.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn summary(&self) -> String {
        let count = |kind| self.counts.get(&kind).copied().unwrap_or(0);
        format!(
            "posts {} · planned {} · sent {} · refused {} · removed {} · skipped {}",
            count(EventType::PostNew),
            count(EventType::CommentPlanned),
            count(EventType::CommentSent),
            count(EventType::CommentRefused),
            count(EventType::CommentRemoved),
            count(EventType::CommentSkipped),
        )
    }
}

/// `2026-09-01 12:34` in UTC.
fn clock_face(at: Timestamp) -> String {
    at.rfc3339().chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect()
}
