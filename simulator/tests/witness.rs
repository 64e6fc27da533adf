//! An independent client as a witness that the MTProto door speaks MTProto: Telethon reads a post and its thread, and comments.
//!
//! `simulator/witness/venv.sh` makes the Python it needs, in `target/witness`; where there is none the witness is not heard,
//! and the test says so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test ends where it cannot go on"
)]

mod stage;

use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use beseda_simulator::record::Intervention;
use beseda_simulator::{MtprotoDoor, WorldPlan};
use domain::id::MessageId;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use stage::{Stage, silent};
use telegram::import::to_telethon;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

const COMMENT: &str = "Good to know\n\nFrom the team";

#[tokio::test]
async fn telethon_reads_a_post_and_its_thread_and_comments_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("../target/witness/bin/python");
    if !python.exists() {
        eprintln!("not heard: {} is missing, see simulator/witness/venv.sh", python.display());
        return;
    }
    let stage = Stage::new(silent());
    let anywhere = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0);
    let door =
        MtprotoDoor::open(stage.world.clone(), stage.clock.clone(), anywhere, "seed".into()).await.unwrap();
    let channel = WorldPlan::channel_peer(0);
    stage.world.intervene(Intervention::Publish { channel }, stage.now());
    stage.pass(Duration::from_secs(60));
    stage.world.intervene(Intervention::AskQuestion { channel, post: MessageId(2) }, stage.now());

    let session = to_telethon(&door.session(0).unwrap()).unwrap();
    let mut witness = Command::new(python)
        .arg(root.join("witness/telethon_witness.py"))
        .args(["world_channel_0", COMMENT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = witness.stdin.take().unwrap();
    stdin.write_all(session.expose_secret().as_bytes()).await.unwrap();
    drop(stdin);
    let output = tokio::time::timeout(Duration::from_secs(90), witness.wait_with_output()).await;
    let output = output.expect("testimony in time").unwrap();
    assert!(output.status.success(), "{} with {:?}", output.status, door.counts());
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(seen["me"], WorldPlan::account_peer(0).get());
    assert_eq!((&seen["channel"], &seen["post"]), (&channel.get().into(), &2.into()));
    assert!(!seen["post_text"].as_str().unwrap().is_empty());
    assert_eq!(seen["before"].as_array().unwrap().len(), 1, "{seen}");
    let after = seen["after"].as_array().unwrap();
    assert_eq!((after.len(), after[0].as_str()), (2, Some(COMMENT)), "{seen}");
    assert_eq!(stage.world.verdict().sent, 1);
    assert_eq!(stage.world.verdict().unlabelled, 0);
}
