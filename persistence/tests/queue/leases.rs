//! Who may report about a job, and what a report changes.

use domain::seed::Seed;
use persistence::queue::Failure;

use super::*;

fn failure(lease: Lease, retry_at: Option<Timestamp>) -> Failure {
    Failure { lease, error: "it broke".to_owned(), retry_at }
}

testkit::on_every_database! {
    async fn a_stale_lease_is_refused_whatever_it_reports(db: &Database) {
        let store = db.store();
        enqueue(store, &[noop(1)]).await;
        let stale = claim_one(store, "a", NOW).await.lease;
        let later = NOW + LEASE;
        assert_eq!(store.rescue(later).await.unwrap(), 1);
        refuse_all(store, "a", stale).await;
        let fresh = claim_one(store, "a", later).await.lease;
        assert!(fresh.fence > stale.fence);
        refuse_all(store, "a", stale).await;
        assert_eq!(depth(store, JobKind::Noop, later).await.running, 1, "the fresh run is not disturbed");
        assert!(store.finish("a", &[fresh], later).await.unwrap().contains(&fresh.job));
        refuse_all(store, "a", fresh).await;
    }

    async fn another_nodes_lease_is_refused(db: &Database) {
        enqueue(db.store(), &[noop(1)]).await;
        let lease = claim_one(db.store(), "a", NOW).await.lease;
        refuse_all(db.store(), "b", lease).await;
        assert_eq!(db.store().finish("a", &[lease], NOW).await.unwrap().len(), 1);
    }

    async fn a_refused_lease_does_not_spoil_the_others(db: &Database) {
        enqueue(db.store(), &[noop(1), noop(2)]).await;
        let held = leases(&claim(db.store(), "a", 2, NOW).await);
        let stale = Lease { fence: held[0].fence + 1, ..held[0] };
        let accepted = db.store().finish("a", &[stale, held[1]], NOW).await.unwrap();
        assert_eq!(accepted.into_iter().collect::<Vec<_>>(), [held[1].job]);
    }

    async fn a_failed_attempt_comes_back_at_its_time_and_counts(db: &Database) {
        enqueue(db.store(), &[noop(1)]).await;
        let first = claim_one(db.store(), "a", NOW).await;
        let retry_at = first.retry_at(NOW, Seed(1)).unwrap();
        db.store().fail("a", &[failure(first.lease, Some(retry_at))], NOW).await.unwrap();
        assert!(claim(db.store(), "a", 1, retry_at - Duration::from_micros(1)).await.is_empty());
        assert_eq!(claim_one(db.store(), "a", retry_at).await.attempt, 2);
    }

    async fn a_job_put_off_keeps_its_attempts(db: &Database) {
        enqueue(db.store(), &[noop(1)]).await;
        let first = claim_one(db.store(), "a", NOW).await;
        db.store().reschedule("a", &[(first.lease, NOW + LEASE)]).await.unwrap();
        assert!(claim(db.store(), "a", 1, NOW).await.is_empty());
        assert_eq!(claim_one(db.store(), "a", NOW + LEASE).await.attempt, 1);
    }

    async fn a_job_out_of_attempts_is_kept_as_failed_and_can_be_retried(db: &Database) {
        let store = db.store();
        let id = enqueue(store, &[noop(1)]).await[0];
        for attempt in 1..=JobKind::Noop.max_attempts() {
            let claimed = claim_one(store, "a", NOW).await;
            assert_eq!(claimed.attempt, attempt);
            store.fail("a", &[failure(claimed.lease, Some(NOW))], NOW).await.unwrap();
        }
        assert!(claim(store, "a", 1, NOW + LEASE).await.is_empty());
        assert_eq!(depth(store, JobKind::Noop, NOW).await.failed, 1);
        assert_eq!(store.retry(&[id], NOW).await.unwrap(), 1);
        assert_eq!(claim_one(store, "a", NOW).await.attempt, 1);
    }

    async fn a_job_can_be_given_up_at_once(db: &Database) {
        enqueue(db.store(), &[noop(1)]).await;
        let lease = claim_one(db.store(), "a", NOW).await.lease;
        db.store().fail("a", &[failure(lease, None)], NOW).await.unwrap();
        let depth = depth(db.store(), JobKind::Noop, NOW).await;
        assert_eq!((depth.ready, depth.running, depth.failed), (0, 0, 1));
    }

    async fn an_error_with_a_character_that_no_database_keeps_is_kept_without_it(db: &Database) {
        enqueue(db.store(), &[noop(1)]).await;
        let lease = claim_one(db.store(), "a", NOW).await.lease;
        let broken = Failure { lease, error: "bad\0byte".to_owned(), retry_at: None };
        assert_eq!(db.store().fail("a", &[broken], NOW).await.unwrap().len(), 1);
    }
}

/// Every report with this lease is refused.
async fn refuse_all(store: &Store, node: &str, lease: Lease) {
    assert!(store.finish(node, &[lease], NOW).await.unwrap().is_empty());
    assert!(store.fail(node, &[failure(lease, Some(NOW))], NOW).await.unwrap().is_empty());
    assert!(store.fail(node, &[failure(lease, None)], NOW).await.unwrap().is_empty());
    assert!(store.reschedule(node, &[(lease, NOW)]).await.unwrap().is_empty());
    assert!(store.extend(node, &[lease], NOW + LEASE * 9).await.unwrap().is_empty());
}

#[test]
fn retries_wait_longer_each_time_and_end_with_the_attempts() {
    let at = |attempt| ClaimedJob {
        lease: Lease { job: JobId(1), fence: 1 },
        job: noop(1),
        attempt,
        max_attempts: 10,
        run_at: NOW,
    };
    let waits: Vec<_> = (1..10).map(|n| at(n).retry_at(NOW, Seed(3)).unwrap().since(NOW)).collect();
    for (wait, whole) in waits.iter().zip([2, 4, 8, 16, 32, 64, 128, 256, 512].map(Duration::from_secs)) {
        assert!(*wait >= whole / 2 && *wait <= whole, "{wait:?} of {whole:?}");
    }
    assert_eq!(at(10).retry_at(NOW, Seed(3)), None);
}
