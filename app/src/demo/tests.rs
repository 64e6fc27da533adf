//! The whole loop on small worlds: with and without trouble, and with a crash in every handler in turn.

mod soak;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use actors::{Kind, Status, TreeNode};
use clap::Parser as _;
use domain::id::AccountId;
use domain::seed::Seed;

use super::*;
use crate::cli::{Cli, Command};

fn args(line: &str) -> DemoArgs {
    let words = ["beseda", "demo", "--speed", "max"].into_iter().chain(line.split_whitespace());
    let Command::Demo(args) = Cli::try_parse_from(words).unwrap().command else {
        unreachable!("the line says demo")
    };
    *args
}

async fn played(line: &str, probe: Option<Arc<dyn Probe>>) -> Report {
    played_by(line, Stagehands { probe, ..Stagehands::default() }).await
}

async fn played_by(line: &str, hands: Stagehands) -> Report {
    let args = args(line);
    let place = Place::of(&args, &Config::default()).unwrap();
    let store = place.open().await.unwrap();
    let mut signals = Signals::listen().unwrap();
    let report = play(&args, &store, None, hands, &mut signals).await.unwrap();
    store.close().await.unwrap();
    report
}

fn assert_promises_kept(report: &Report, seen: &str) {
    assert!(report.complete, "{seen}: {report:#?}");
    assert_eq!(report.unfinished, 0, "{seen}: {report:#?}");
    assert!(report.broken().iter().all(|(_, count)| *count == 0), "{seen}: {report:#?}");
    assert!(report.sent > 0, "{seen}: {report:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_trouble_nothing_is_refused_and_every_promise_is_kept() {
    let report = played("--seed 11 --channels 10 --days 3 --faults none", None).await;
    assert_promises_kept(&report, "seed 11");
    assert_eq!((report.refused, report.removed), (0, 0), "{report:#?}");
    assert!(report.answers > 0, "{report:#?}");
    assert!(report.skipped.contains_key("no_consent"), "{report:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_much_trouble_every_promise_is_kept() {
    for seed in 21..24 {
        let report = played(&format!("--seed {seed} --channels 12 --days 4 --faults many"), None).await;
        assert_promises_kept(&report, &format!("seed {seed}"));
        assert!(report.removed > 0, "{report:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn through_real_clients_every_promise_is_kept_too() {
    let report = played("--seed 21 --channels 6 --days 2 --faults many --door mtproto", None).await;
    assert_promises_kept(&report, "seed 21 over MTProto");
    assert!(report.removed > 0, "{report:#?}");
}

/// Remembers which handlers were called, and makes one of them panic at its first calls.
#[derive(Default)]
struct Saboteur {
    seen: Mutex<BTreeSet<(Kind, &'static str)>>,
    target: Option<(Kind, &'static str)>,
    left: Mutex<u32>,
}

impl Saboteur {
    fn of(target: (Kind, &'static str), times: u32) -> Arc<Self> {
        Arc::new(Self { target: Some(target), left: Mutex::new(times), ..Self::default() })
    }
}

impl Probe for Saboteur {
    fn before(&self, kind: Kind, message: &'static str) {
        self.seen.lock().unwrap().insert((kind, message));
        if self.target == Some((kind, message)) {
            let strike = {
                let mut left = self.left.lock().unwrap();
                *left = left.saturating_sub(1);
                *left > 0
            };
            assert!(!strike, "injected: {message}");
        }
    }
}

/// Every handler of the tree. A new one belongs here, or this test does not cover it.
const HANDLERS: [(Kind, &str); 21] = [
    (Kind::Account, "check"),
    (Kind::Account, "connect"),
    (Kind::Account, "disconnected"),
    (Kind::Account, "history"),
    (Kind::Account, "look"),
    (Kind::Account, "newest"),
    (Kind::Account, "send"),
    (Kind::Account, "wait_over"),
    (Kind::ChannelWatcher, "audit"),
    (Kind::ChannelWatcher, "seen"),
    (Kind::CommentPlanner, "plan"),
    (Kind::Writer, "write"),
    (Kind::Observer, "look"),
    (Kind::Dispatcher, "claim"),
    (Kind::Inspector, "tick"),
    (Kind::Rescuer, "tick"),
    (Kind::Pruner, "tick"),
    (Kind::ProxyPool, "tick"),
    (Kind::Relay, "pass"),
    (Kind::Pruner, "erase"),
    (Kind::Deliverer, "look"),
];

const TROUBLED: &str = "--seed 31 --channels 6 --days 2 --faults many";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_troubled_world_calls_every_handler() {
    let watching = Arc::new(Saboteur::default());
    let report = played(TROUBLED, Some(watching.clone())).await;
    assert_promises_kept(&report, "nobody crashed");
    assert_eq!(*watching.seen.lock().unwrap(), HANDLERS.into_iter().collect());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_in_any_handler_leaves_the_others_running_and_the_work_is_done_in_the_end() {
    for handler in HANDLERS {
        let saboteur = Saboteur::of(handler, 4);
        let report = played(TROUBLED, Some(saboteur.clone())).await;
        assert_eq!(*saboteur.left.lock().unwrap(), 0, "{handler:?} crashed three times");
        assert_promises_kept(&report, &format!("{handler:?}"));
    }
}

/// A way to Telegram on which the first account's actor comes to grief every time.
struct Cursed(Door);

#[async_trait::async_trait]
impl Telegram for Cursed {
    async fn connect(
        &self,
        account: AccountId,
        session: &telegram::Session,
        route: &telegram::Route,
    ) -> Result<Box<dyn telegram::Connection>, telegram::TelegramError> {
        assert_ne!(account, AccountId(1), "injected: the cursed account");
        self.0.connect(account, session, route).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_account_in_a_crash_loop_takes_nobody_down() {
    let hands = Stagehands { telegram: |door| Arc::new(Cursed(door)), ..Stagehands::default() };
    let report = played_by("--seed 51 --channels 6 --days 2 --faults none", hands).await;
    assert_promises_kept(&report, "account 1 crashes whenever it connects");
    assert!(report.expired > 0, "what the cursed account was to send expires: {report:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_child_that_used_up_its_budget_rests_while_its_siblings_run() {
    let args = args("--seed 51 --channels 6 --days 2 --faults none");
    let place = Place::of(&args, &Config::default()).unwrap();
    let store = place.open().await.unwrap();
    let hands = Stagehands { telegram: |door| Arc::new(Cursed(door)), ..Stagehands::default() };
    let staged = Staged::start(&args, &store, hands).await.unwrap();
    let DemoClock::Virtual(clock) = &staged.clock else { unreachable!("the speed is max") };
    let stepper = actors::Stepper::new(&staged.system, clock.clone());
    for _ in 0..200 {
        stepper.settle(|| staged.door.pending()).await.unwrap();
        let tree = staged.system.tree().await;
        let account = |wanted: bool| {
            move |node: &&TreeNode| node.kind == Kind::Account && (node.name == "account:1") == wanted
        };
        let cursed = tree.walk().find(account(true)).unwrap();
        if cursed.status == Status::Resting {
            assert!(cursed.restarts as usize > Kind::Account.policy().restarts, "{cursed:#?}");
            assert!(cursed.last_error.as_deref().unwrap().contains("injected"), "{cursed:#?}");
            assert!(tree.walk().filter(account(false)).all(|node| node.restarts == 0), "{tree:#?}");
            staged.system.stop().await.unwrap();
            return;
        }
        stepper.advance(stepper.next(None).await.unwrap().unwrap());
    }
    panic!("it never came to rest: {:#?}", staged.system.tree().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_running_tree_is_the_one_in_the_table() {
    let args = args("--seed 61 --channels 3 --days 1 --faults none");
    let place = Place::of(&args, &Config::default()).unwrap();
    let store = place.open().await.unwrap();
    let staged = Staged::start(&args, &store, Stagehands::default()).await.unwrap();
    let tree = staged.system.tree().await;
    let mut running = BTreeSet::new();
    for parent in tree.walk() {
        assert_eq!(parent.status, Status::Running, "{}", parent.name);
        running.extend(parent.children.iter().map(|child| (child.kind, parent.kind)));
    }
    assert_eq!(running, actors::TABLE.iter().map(|policy| (policy.child, policy.parent)).collect());
    staged.system.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_history_of_a_real_channel_is_replayed_and_every_skip_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("result.json");
    std::fs::write(&file, simulator::export::sample(Seed(5), 4_000)).unwrap();
    let report = played(&format!("--world {} --faults none", file.display()), None).await;
    assert_promises_kept(&report, "a sample export");
    assert!(report.posts > 1_000, "{report:#?}");
    let explained = report.planned + report.skipped.values().sum::<u64>();
    assert!(explained >= report.posts, "every post is planned or skipped for a reason: {report:#?}");
    assert!(!report.skipped.contains_key("unknown"), "{report:#?}");
}
