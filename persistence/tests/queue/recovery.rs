//! What becomes of jobs whose node died, and of those a person decides about.

use super::*;

testkit::on_every_database! {
    async fn what_a_dead_node_claimed_ahead_runs_again_after_its_lease(db: &Database) {
        let store = db.store();
        enqueue(store, &[noop(1), noop(2), send(1, 3)]).await;
        assert_eq!(claim(store, "dead", 10, NOW).await.len(), 3);
        let just_before = NOW + LEASE - Duration::from_micros(1);
        assert_eq!(store.rescue(just_before).await.unwrap(), 0);
        assert!(claim(store, "alive", 10, just_before).await.is_empty());
        assert_eq!(store.rescue(NOW + LEASE).await.unwrap(), 3);
        let again = claim(store, "alive", 10, NOW + LEASE).await;
        assert_eq!(jobs(&again), [send(1, 3), noop(1), noop(2)]);
        assert!(again.iter().all(|claimed| claimed.attempt == 2 && claimed.lease.fence == 2), "{again:?}");
    }

    async fn an_extended_lease_is_rescued_at_its_new_end(db: &Database) {
        let store = db.store();
        enqueue(store, &[noop(1)]).await;
        let lease = claim_one(store, "a", NOW).await.lease;
        assert_eq!(store.extend("a", &[lease], NOW + LEASE * 2).await.unwrap().len(), 1);
        assert_eq!(store.rescue(NOW + LEASE).await.unwrap(), 0);
        assert_eq!(store.rescue(NOW + LEASE * 2).await.unwrap(), 1);
    }

    async fn a_job_that_outlives_every_lease_ends_as_failed(db: &Database) {
        let store = db.store();
        enqueue(store, &[noop(1)]).await;
        let mut now = NOW;
        for _ in 0..JobKind::Noop.max_attempts() {
            claim_one(store, "a", now).await;
            now = now + LEASE;
            store.rescue(now).await.unwrap();
        }
        assert!(claim(store, "a", 1, now).await.is_empty());
        assert_eq!(depth(store, JobKind::Noop, now).await.failed, 1);
    }

    async fn a_node_releases_its_own_jobs_and_no_others(db: &Database) {
        let store = db.store();
        enqueue(store, &[noop(1), noop(2)]).await;
        let first = claim(store, "a", 1, NOW).await;
        claim_one(store, "b", NOW).await;
        assert_eq!(store.release("a").await.unwrap(), 1);
        assert!(store.finish("a", &leases(&first), NOW).await.unwrap().is_empty());
        let again = claim_one(store, "c", NOW).await;
        assert_eq!((again.job, again.attempt), (noop(1), 1));
    }

    async fn only_waiting_jobs_are_cancelled(db: &Database) {
        let store = db.store();
        let ids = enqueue(store, &[noop(1), noop(2)]).await;
        let running = claim(store, "a", 1, NOW).await;
        assert_eq!(store.cancel(&ids, NOW).await.unwrap(), 1);
        assert!(claim(store, "a", 10, NOW).await.is_empty());
        assert_eq!(store.finish("a", &leases(&running), NOW).await.unwrap().len(), 1);
        assert_eq!(store.retry(&ids, NOW).await.unwrap(), 1, "the done one stays done");
        assert_eq!(claim_one(store, "a", NOW).await.job, noop(2));
    }

    async fn retrying_does_not_double_a_key(db: &Database) {
        let store = db.store();
        let keyed = NewJob { unique_key: Some("x".to_owned()), ..NewJob::at(noop(1), NOW) };
        let mut ids = Vec::new();
        for _ in 0..2 {
            ids.extend(store.enqueue(std::slice::from_ref(&keyed)).await.unwrap()[0]);
            store.cancel(&ids, NOW).await.unwrap();
        }
        assert_eq!(store.retry(&ids, NOW).await.unwrap(), 1, "one of the two");
        assert_eq!(claim_one(store, "a", NOW).await.lease.job, ids[1]);
        assert_eq!(store.retry(&ids, NOW).await.unwrap(), 0, "the other while it runs");
    }

    async fn pruning_takes_what_was_done_long_ago_and_keeps_failures(db: &Database) {
        let store = db.store();
        enqueue(store, &[noop(1), noop(2), noop(3), noop(4)]).await;
        let claimed = leases(&claim(store, "a", 3, NOW).await);
        store.finish("a", &claimed[..2], NOW).await.unwrap();
        let failed = persistence::queue::Failure { lease: claimed[2], error: "no".to_owned(), retry_at: None };
        store.fail("a", &[failed], NOW).await.unwrap();
        let later = NOW + LEASE;
        assert_eq!(store.prune_jobs(NOW, 10).await.unwrap(), 0, "not older than now");
        assert_eq!(store.prune_jobs(later, 1).await.unwrap(), 1);
        assert_eq!(store.prune_jobs(later, 10).await.unwrap(), 1);
        let depth = depth(store, JobKind::Noop, later).await;
        assert_eq!((depth.ready, depth.failed), (1, 1));
    }
}
