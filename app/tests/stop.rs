//! Asks a running demo to stop in the middle of its work, as Ctrl-C and a service manager do.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(120);

fn demo(folder: &Path) -> Child {
    let file = folder.join("stopped.db");
    Command::new(env!("CARGO_BIN_EXE_beseda"))
        .args([
            "demo",
            "--seed",
            "71",
            "--channels",
            "8",
            "--days",
            "4",
            "--speed",
            "max",
            "--faults",
            "some",
        ])
        .args(["--report", "json", "--listen", "127.0.0.1:0", "--database"])
        .arg(format!("sqlite://{}?mode=rwc", file.display()))
        .arg("--record")
        .arg(folder.join("world.jsonl"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn report(child: Child) -> Value {
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "a stop that was asked for is no failure");
    serde_json::from_str(String::from_utf8(output.stdout).unwrap().lines().last().unwrap()).unwrap()
}

fn assert_promises_kept(report: &Value) {
    for promise in ["duplicates", "lost", "unlabelled", "unconsented", "two_openers", "limit_violations"] {
        assert_eq!(report[promise], 0, "{promise}: {report:#}");
    }
}

#[test]
fn a_stop_in_the_middle_finishes_what_is_in_hand_and_gives_the_rest_back() {
    let folder = tempfile::tempdir().unwrap();
    for (signal, bytes) in [("INT", 6_000), ("TERM", 14_000)] {
        let mut running = demo(folder.path());
        let mut first = String::new();
        let mut told = BufReader::new(running.stdout.take().unwrap());
        told.read_line(&mut first).unwrap();
        assert!(first.contains("http://127.0.0.1:"), "{first}");
        let began = Instant::now();
        let record = folder.path().join("world.jsonl");
        while std::fs::metadata(&record).map_or(0, |file| file.len()) < bytes {
            assert!(began.elapsed() < PATIENCE, "the record stays short");
            std::thread::park_timeout(Duration::from_millis(1));
        }
        let pid = running.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        let last = told.lines().map_while(Result::ok).last().unwrap();
        assert_eq!(running.wait().unwrap().code(), Some(0), "a stop that was asked for is no failure");
        let stopped: Value = serde_json::from_str(&last).unwrap();
        assert_eq!(stopped["complete"], false, "{stopped:#}");
        assert_promises_kept(&stopped);
    }
    let finished = report(demo(folder.path()));
    assert_eq!((&finished["complete"], &finished["unfinished"]), (&true.into(), &0.into()), "{finished:#}");
    assert_promises_kept(&finished);
}
