//! Kills the product with SIGKILL at fifty moments of one troubled world and lets it finish: nothing is sent twice, nothing
//! is lost, and every approved comment comes to its end. On both databases.
//!
//! The moments follow from a seed: each is a length of the world's own record, so they fall between any two of its deeds,
//! and every fifth is a blink after the process was started. The judge is the world, which outlives the process by its
//! record.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use domain::seed::Seed;
use domain::time::Timestamp;
use serde_json::Value;

const KILLS: i64 = 50;
const SEED: Seed = Seed(41);

/// A run that shows no progress for this long has failed.
const PATIENCE: Duration = Duration::from_secs(120);

struct World {
    database: String,
    record: PathBuf,
    log: PathBuf,
}

impl World {
    fn of(database: String, folder: &Path) -> Self {
        Self { database, record: folder.join("world.jsonl"), log: folder.join("demo.log") }
    }

    fn start(&self) -> Child {
        let log = std::fs::File::options().create(true).append(true).open(&self.log).unwrap();
        Command::new(env!("CARGO_BIN_EXE_beseda"))
            .args(["demo", "--seed", "41", "--channels", "12", "--days", "10", "--speed", "max"])
            .args(["--faults", "many", "--report", "json", "--listen", "127.0.0.1:0"])
            .args(["--database", &self.database, "--record"])
            .arg(&self.record)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap()
    }

    fn recorded(&self) -> u64 {
        std::fs::metadata(&self.record).map_or(0, |file| file.len())
    }

    /// Waits until the record is `bytes` long, or `moment` has passed; the process must be alive then.
    fn watch(&self, child: &mut Child, bytes: u64, moment: Option<Duration>) {
        let began = Instant::now();
        while self.recorded() < bytes && moment.is_none_or(|moment| began.elapsed() < moment) {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("it ended by itself ({status}) at {} bytes; {}", self.recorded(), self.told());
            }
            assert!(
                began.elapsed() < PATIENCE,
                "stuck at {} of {bytes} bytes; {}",
                self.recorded(),
                self.told()
            );
            std::thread::park_timeout(Duration::from_millis(1));
        }
    }

    fn told(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn finish(&self) -> Value {
        let output = self.start().wait_with_output().unwrap();
        assert!(output.status.success(), "{}: {}", output.status, self.told());
        let told = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str(told.lines().last().unwrap()).unwrap()
    }
}

fn survive(world: &World) {
    let mut first = world.start();
    world.watch(&mut first, 5_000, None);
    first.kill().unwrap();
    first.wait().unwrap();
    for kill in 1..KILLS {
        let chance = SEED.derive("kill", kill);
        let mut child = world.start();
        if kill % 5 == 0 {
            world.watch(&mut child, u64::MAX, Some(Duration::from_secs_f64(chance.fraction() * 0.3)));
        } else {
            let further = (chance.fraction() * 9_000.0) as u64;
            world.watch(&mut child, world.recorded() + further, None);
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let report = world.finish();
    for promise in ["duplicates", "lost", "unlabelled", "unconsented", "two_openers", "limit_violations"] {
        assert_eq!(report[promise], 0, "{promise} with seed {}: {report:#}; {}", SEED.0, world.told());
    }
    assert_eq!(report["unfinished"], 0, "{report:#}");
    assert_eq!(report["complete"], true, "{report:#}");
    assert!(report["sent"].as_u64().unwrap() > 100, "{report:#}");
}

testkit::on_every_database! {
    async fn killed_fifty_times_nothing_is_sent_twice_and_nothing_is_lost(database: &Database) {
        let folder = tempfile::tempdir().unwrap();
        // The demo seals with a key of its own.
        database.store().forget_secrets(Timestamp::EPOCH).await.unwrap();
        let world = World::of(database.config().url.clone(), folder.path());
        testkit::tokio::task::spawn_blocking(move || survive(&world)).await.unwrap();
    }
}
