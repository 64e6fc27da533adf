//! One job of a lane at a time, in order, and no lane in another's way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::*;

testkit::on_every_database! {
    async fn a_lane_runs_one_job_at_a_time_in_order(db: &Database) {
        enqueue(db.store(), &[send(1, 1), send(1, 2), send(1, 3)]).await;
        for comment in 1..=3 {
            let claimed = claim_one(db.store(), "a", NOW).await;
            assert_eq!(claimed.job, send(1, comment));
            assert!(claim(db.store(), "b", 10, NOW).await.is_empty(), "its lane is taken");
            db.store().finish("a", &[claimed.lease], NOW).await.unwrap();
        }
    }

    async fn a_lane_that_waits_does_not_hold_up_the_others(db: &Database) {
        let blocked: Vec<_> = (0..50).map(|comment| send(1, comment)).collect();
        enqueue(db.store(), &blocked).await;
        enqueue(db.store(), &[send(2, 100), noop(1)]).await;
        assert_eq!(jobs(&claim(db.store(), "a", 2, NOW).await), [send(1, 0), send(2, 100)]);
        assert_eq!(jobs(&claim(db.store(), "a", 2, NOW).await), [noop(1)]);
    }

    async fn a_lane_goes_on_after_a_failure_and_a_delay(db: &Database) {
        enqueue(db.store(), &[send(1, 1), send(1, 2)]).await;
        let first = claim_one(db.store(), "a", NOW).await;
        db.store().reschedule("a", &[(first.lease, NOW + LEASE)]).await.unwrap();
        assert_eq!(claim_one(db.store(), "a", NOW).await.job, send(1, 2));
    }

    async fn lanes_stay_exclusive_when_many_claim_at_once(db: &Database) {
        let other = db.open_again().await;
        let running = Running::default();
        let mut tasks = tokio::task::JoinSet::new();
        for (node, store) in [("a", db.store()), ("b", &other), ("c", db.store()), ("d", &other)] {
            tasks.spawn(work_lanes(store.clone(), node, running.clone()));
        }
        let mut finished = 0;
        while let Some(done) = tasks.join_next().await {
            finished += done.unwrap();
        }
        let left = claim(db.store(), "e", 1_000, NOW).await;
        assert_eq!(finished + left.len(), 400, "the rest of a lane waits behind what was claimed");
        other.close().await.unwrap();
    }
}

/// Which lanes run, on all nodes.
type Running = Arc<Mutex<HashMap<i64, &'static str>>>;

/// Adds a hundred jobs on ten lanes, a few at a time, and claims and finishes between them; how many it finished.
async fn work_lanes(store: Store, node: &'static str, running: Running) -> usize {
    let mut finished = 0;
    for round in 0..20 {
        let jobs: Vec<_> = (0..5).map(|lane| send((round * 5 + lane) % 10, round)).collect();
        enqueue(&store, &jobs).await;
        finished += run_lanes(&store, node, &running).await;
    }
    loop {
        match run_lanes(&store, node, &running).await {
            0 => return finished,
            more => finished += more,
        }
    }
}

async fn run_lanes(store: &Store, node: &'static str, running: &Running) -> usize {
    let claimed = claim(store, node, 4, NOW).await;
    for claimed in &claimed {
        let Job::SendComment { account, .. } = claimed.job else { panic!("{claimed:?}") };
        let other = running.lock().unwrap().insert(account.get(), node);
        assert_eq!(other, None, "account {account} runs on two nodes, one is {node}");
    }
    for claimed in &claimed {
        let Job::SendComment { account, .. } = claimed.job else { panic!("{claimed:?}") };
        running.lock().unwrap().remove(&account.get());
    }
    store.finish(node, &leases(&claimed), NOW).await.unwrap().len()
}
