//! What a comment costs the Store, from the post that is seen to the fourth look at it.
//!
//! `cargo bench -p beseda-persistence --bench pipeline [comments]` pushes posts through the whole pipeline on SQLite, in
//! batches of 5 and of 100, claims included, and prints the microseconds per comment that each step took. Deciding and
//! writing are the domain's and the templates' work; here they only fill the tables.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and fails by panicking")]

use std::time::{Duration, Instant};

use domain::comment::LOOKS;
use domain::time::Timestamp;
use persistence::Store;
use persistence::observing::Seen;
use persistence::watching::RecordPosts;
use testkit::{Database, Line, Scene, Sketch};

const CHANNELS: usize = 100;
const STEPS: [&str; 5] = ["record", "plan", "draft", "send", "look"];

fn main() {
    let comments = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(5_000);
    for batch in [5, 100] {
        Database::with_sqlite(async |database| {
            let spent = run(database.store(), comments, batch).await;
            report(comments, batch, spent);
        });
    }
}

/// Pushes `comments` through, `batch` at a time, and returns the time each step took.
async fn run(store: &Store, comments: usize, batch: usize) -> [Duration; 5] {
    let sketch = Sketch { channels: i64::try_from(CHANNELS).unwrap(), accounts: 200, ..Sketch::default() };
    let scene = Scene::new(store, &sketch).await.unwrap();
    let mut line = Line::new("node", u32::try_from(batch).unwrap());
    let mut spent = [Duration::ZERO; 5];
    let mut now = scene.now;
    for round in 0..comments / batch {
        let posts = posts(&scene, round * batch, batch, now);
        let begun = Instant::now();
        store.record_posts(&posts, now).await.unwrap();
        lap(&mut spent[0], begun);
        let begun = Instant::now();
        line.plan(store, &scene, now).await.unwrap();
        lap(&mut spent[1], begun);
        let begun = Instant::now();
        line.write(store, now).await.unwrap();
        lap(&mut spent[2], begun);
        // Every window is over an hour later.
        now = now + Duration::from_secs(3599);
        let begun = Instant::now();
        let mut sent = 0;
        while sent < batch {
            let tickets = line.send(store, now).await.unwrap();
            assert!(!tickets.is_empty(), "{sent} of {batch} were sent");
            sent += tickets.len();
        }
        lap(&mut spent[3], begun);
        let begun = Instant::now();
        for look in LOOKS {
            line.look(store, &Seen::Visible { reactions: 1, replies: 0 }, now + look).await.unwrap();
        }
        lap(&mut spent[4], begun);
        now = now + Duration::from_secs(1);
    }
    spent
}

fn posts(scene: &Scene, first: usize, count: usize, now: Timestamp) -> Vec<RecordPosts> {
    let post = |number: usize| {
        let message = i64::try_from(number / CHANNELS + 1).unwrap();
        scene.post(
            number % CHANNELS,
            message,
            "A text as long as posts often are, with a few sentences. ".repeat(4).trim(),
            now,
        )
    };
    (first..first + count).map(post).collect()
}

fn lap(spent: &mut Duration, begun: Instant) {
    *spent += begun.elapsed();
}

fn report(comments: usize, batch: usize, spent: [Duration; 5]) {
    let each = |spent: Duration| spent.as_secs_f64() * 1e6 / comments as f64;
    let steps: Vec<_> =
        STEPS.iter().zip(spent).map(|(step, spent)| format!("{step} {:.0}", each(spent))).collect();
    let total = each(spent.iter().sum());
    println!("batches of {batch}: {total:.0} µs a comment ({} µs)", steps.join(", "));
}
