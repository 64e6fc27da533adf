//! What was measured, as a table for people and one line of JSON for programs.

use std::time::Duration;

use serde_json::{Value, json};

/// One drain of a full queue.
pub(crate) struct Drained {
    jobs_per_second: f64,
    commits_per_job: f64,
    bytes_per_job: f64,
}

impl Drained {
    pub(crate) fn new(jobs: usize, wall: Duration, commits: i64, bytes: i64) -> Self {
        let jobs = jobs as f64;
        Self {
            jobs_per_second: jobs / wall.as_secs_f64(),
            commits_per_job: commits as f64 / jobs,
            bytes_per_job: bytes as f64 / jobs,
        }
    }
}

/// All rounds of all contestants.
pub(crate) struct Report {
    server: String,
    jobs: usize,
    rounds: usize,
    pub(crate) ours: Vec<Drained>,
    pub(crate) theirs: Vec<Drained>,
    pub(crate) sqlite: Vec<Drained>,
    pub(crate) ours_starts: Vec<Vec<Duration>>,
    pub(crate) theirs_starts: Vec<Vec<Duration>>,
}

impl Report {
    pub(crate) fn new(server: String, jobs: usize, rounds: usize) -> Self {
        Self {
            server,
            jobs,
            rounds,
            ours: Vec::new(),
            theirs: Vec::new(),
            sqlite: Vec::new(),
            ours_starts: Vec::new(),
            theirs_starts: Vec::new(),
        }
    }

    /// Prints the table, then the JSON as the last line.
    pub(crate) fn print(&self) {
        let (ours, theirs) = (rate(&self.ours), rate(&self.theirs));
        println!(
            "PostgreSQL {}, default settings; {} no-op jobs; medians of {} rounds\n",
            self.server, self.jobs, self.rounds
        );
        println!(
            "{:<26}{:>12}{:>12}{:>12}{:>12}{:>12}",
            "", "jobs/s", "commits/job", "bytes/job", "start p50", "start p95"
        );
        let rows = [
            ("beseda on PostgreSQL", &self.ours, Some(&self.ours_starts)),
            ("awa 0.6.9", &self.theirs, Some(&self.theirs_starts)),
            ("beseda on SQLite", &self.sqlite, None),
        ];
        for (name, drained, starts) in rows {
            let time =
                |share| starts.map_or(String::new(), |starts| format!("{:.2} ms", start_ms(starts, share)));
            println!(
                "{name:<26}{:>12.0}{:>12.4}{:>12.0}{:>12}{:>12}",
                rate(drained),
                median(drained.iter().map(|drained| drained.commits_per_job)),
                median(drained.iter().map(|drained| drained.bytes_per_job)),
                time(0.5),
                time(0.95),
            );
        }
        println!("\nbytes are those of the write-ahead log; on SQLite, of the log and of the file");
        println!("beseda drains {:.1} times as many jobs per second as awa\n", ours / theirs);
        println!("{}", self.json());
    }

    fn json(&self) -> Value {
        let contestant = |drained: &[Drained], starts: &[Vec<Duration>]| {
            json!({
                "jobs_per_second": rate(drained).round(),
                "commits_per_job": median(drained.iter().map(|drained| drained.commits_per_job)),
                "wal_bytes_per_job": median(drained.iter().map(|drained| drained.bytes_per_job)).round(),
                "start_ms": { "p50": start_ms(starts, 0.5), "p95": start_ms(starts, 0.95), "p99": start_ms(starts, 0.99) },
            })
        };
        json!({
            "postgres": self.server,
            "jobs": self.jobs,
            "rounds": self.rounds,
            "beseda": contestant(&self.ours, &self.ours_starts),
            "awa": contestant(&self.theirs, &self.theirs_starts),
            "beseda_sqlite": {
                "jobs_per_second": rate(&self.sqlite).round(),
                "commits_per_job": median(self.sqlite.iter().map(|drained| drained.commits_per_job)),
                "written_bytes_per_job": median(self.sqlite.iter().map(|drained| drained.bytes_per_job)).round(),
            },
            "times_awa": rate(&self.ours) / rate(&self.theirs),
        })
    }
}

fn rate(drained: &[Drained]) -> f64 {
    median(drained.iter().map(|drained| drained.jobs_per_second))
}

/// The median over the rounds of one round's quantile, in milliseconds.
fn start_ms(rounds: &[Vec<Duration>], share: f64) -> f64 {
    let of_round =
        |starts: &Vec<Duration>| quantile(starts.iter().map(Duration::as_secs_f64), share) * 1000.0;
    (median(rounds.iter().map(of_round)) * 1000.0).round() / 1000.0
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    quantile(values, 0.5)
}

fn quantile(values: impl Iterator<Item = f64>, share: f64) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = (values.len().saturating_sub(1)) as f64 * share;
    values.get(at.round() as usize).copied().unwrap_or(f64::NAN)
}
