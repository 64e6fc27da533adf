//! What a demo came to: one object for programs, a table for people.
//!
//! The counts of broken promises come from the world's record; what was planned, skipped and sent from the Store; times and
//! memory from the process.

use std::collections::BTreeMap;

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;

/// The outcome of a demo.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Report {
    /// The seed of the world and of every decision in it.
    pub(crate) seed: u64,
    /// When the simulated clock stopped, RFC 3339.
    pub(crate) until: String,
    /// Whether the demo came to its end, rather than being stopped.
    pub(crate) complete: bool,
    /// Posts recorded; an album is one.
    pub(crate) posts: u64,
    /// Comments decided upon, in whatever state they are now; those skipped meanwhile are counted there.
    pub(crate) planned: u64,
    /// Comments decided against, by reason.
    pub(crate) skipped: BTreeMap<String, u64>,
    /// Comments that reached their threads, later removed ones included.
    pub(crate) sent: u64,
    /// Comments that Telegram refused for good.
    pub(crate) refused: u64,
    /// Comments whose window closed.
    pub(crate) expired: u64,
    /// Comments last seen in their threads.
    pub(crate) visible: u64,
    /// Comments seen to be gone.
    pub(crate) removed: u64,
    /// Comments among the sent that answer a reader.
    pub(crate) answers: u64,
    /// Approved comments that have not come to their end (yet).
    pub(crate) unfinished: u64,
    /// Broken promise: the same thing written twice.
    pub(crate) duplicates: u64,
    /// Broken promise: a post never recorded, a message nobody knows of, or a comment called sent that never was.
    pub(crate) lost: u64,
    /// Broken promise: a comment without its label.
    pub(crate) unlabelled: u64,
    /// Broken promise: a comment where the owner did not agree.
    pub(crate) unconsented: u64,
    /// Broken promise: a second opener under one post, or an answer to one of ours.
    pub(crate) two_openers: u64,
    /// Broken promise: a message beyond an account's day, or too soon after its last.
    pub(crate) limit_violations: u64,
    /// How long posts waited, in real milliseconds, from being recorded to being decided about.
    pub(crate) detect_to_plan_ms: Milliseconds,
    /// Sent comments by real second.
    pub(crate) comments_per_second: f64,
    /// The most resident memory the process had; 0 where the platform does not tell.
    pub(crate) peak_rss_bytes: u64,
    /// Real seconds from start to end.
    pub(crate) wall_s: f64,
}

/// Percentiles in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Milliseconds {
    pub(crate) p50: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
}

impl Milliseconds {
    /// From what the tree measured.
    pub(crate) fn of(measured: actors::Percentiles) -> Self {
        let ms = |wait: std::time::Duration| (wait.as_secs_f64() * 1e6).round() / 1e3;
        Self { p50: ms(measured.p50), p95: ms(measured.p95), p99: ms(measured.p99) }
    }
}

impl Report {
    /// The six counts of broken promises, by name.
    pub(crate) const fn broken(&self) -> [(&'static str, u64); 6] {
        [
            ("duplicates", self.duplicates),
            ("lost", self.lost),
            ("unlabelled", self.unlabelled),
            ("unconsented", self.unconsented),
            ("two openers", self.two_openers),
            ("limit violations", self.limit_violations),
        ]
    }

    /// The report as a table.
    pub(crate) fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(UTF8_BORDERS_ONLY);
        let mut row = |name: &str, value: String| {
            table.add_row([name, &value]);
        };
        row("simulated until", self.until.clone());
        for (name, count) in [
            ("posts recorded", self.posts),
            ("comments planned", self.planned),
            ("comments sent", self.sent),
            ("  of them answers to readers", self.answers),
            ("  visible at the last look", self.visible),
            ("  removed by moderators", self.removed),
            ("refused by Telegram", self.refused),
            ("expired", self.expired),
            ("still on their way", self.unfinished),
        ] {
            row(name, count.to_string());
        }
        row("skipped", self.skipped.values().sum::<u64>().to_string());
        for (reason, count) in &self.skipped {
            row(&format!("  {}", reason.replace('_', " ")), count.to_string());
        }
        for (name, count) in self.broken() {
            row(&format!("broken promises: {name}"), count.to_string());
        }
        let waits = self.detect_to_plan_ms;
        row(
            "post to plan, ms (p50 / p95 / p99)",
            format!("{:.1} / {:.1} / {:.1}", waits.p50, waits.p95, waits.p99),
        );
        row("comments a second", format!("{:.0}", self.comments_per_second));
        row("peak memory, MiB", format!("{}", self.peak_rss_bytes >> 20));
        row("seconds", format!("{:.1}", self.wall_s));
        if let Some(column) = table.column_mut(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table.to_string()
    }
}

/// The most resident memory this process ever had, in bytes, as Linux tells it.
pub(crate) fn peak_rss_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib =
        line.and_then(|rest| rest.split_whitespace().next()).and_then(|number| number.parse::<u64>().ok());
    kib.map_or(0, |kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_has_every_promised_field() {
        let object = serde_json::to_value(Report::default()).unwrap();
        for field in [
            "posts",
            "planned",
            "skipped",
            "sent",
            "refused",
            "expired",
            "visible",
            "removed",
            "answers",
            "duplicates",
            "lost",
            "unlabelled",
            "unconsented",
            "two_openers",
            "limit_violations",
            "comments_per_second",
            "peak_rss_bytes",
            "wall_s",
        ] {
            assert!(object.get(field).is_some(), "{field}");
        }
        assert!(object["detect_to_plan_ms"].get("p99").is_some());
    }

    #[test]
    fn the_table_names_every_reason_and_every_promise() {
        let skipped = BTreeMap::from([("no_consent".to_owned(), 7)]);
        let table = Report { skipped, lost: 3, ..Report::default() }.table();
        for words in ["no consent", "broken promises: lost", "post to plan"] {
            assert!(table.contains(words), "{table}");
        }
    }

    #[test]
    fn the_process_knows_its_peak_memory() {
        assert!(peak_rss_bytes() > 1 << 20);
    }
}
