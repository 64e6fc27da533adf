//! Which jobs a claim hands out, and that it hands out each once.

use std::collections::HashSet;

use domain::id::{CommentId, JobId, PostId, ProjectId};

use super::*;

testkit::on_every_database! {
    async fn due_jobs_are_claimed_by_priority_and_then_by_time(db: &Database) {
        let plan = Job::PlanPost { post: PostId(1), project: ProjectId(1) };
        let second = Duration::from_secs(1);
        let queued = [
            NewJob::at(noop(2), NOW - second),
            NewJob::at(noop(1), NOW - second * 2),
            NewJob::at(plan, NOW),
            NewJob::at(send(1, 1), NOW),
        ];
        db.store().enqueue(&queued).await.unwrap();
        assert_eq!(jobs(&claim(db.store(), "a", 3, NOW).await), [send(1, 1), plan, noop(1)]);
        assert_eq!(jobs(&claim(db.store(), "a", 3, NOW).await), [noop(2)]);
    }

    async fn a_job_is_not_claimed_before_it_is_due(db: &Database) {
        let due = NOW + Duration::from_secs(5);
        db.store().enqueue(&[NewJob::at(noop(1), due)]).await.unwrap();
        assert!(claim(db.store(), "a", 10, due - Duration::from_micros(1)).await.is_empty());
        assert_eq!(claim_one(db.store(), "a", due).await.run_at, due);
    }

    async fn only_the_wanted_kinds_are_claimed(db: &Database) {
        let draft = Job::WriteDraft { comment: CommentId(1) };
        enqueue(db.store(), &[noop(1), draft]).await;
        let wanted = Claim { node: "a", limit: 10, kinds: &[JobKind::Noop], lease: LEASE };
        assert_eq!(jobs(&db.store().claim(&wanted, NOW).await.unwrap()), [noop(1)]);
        assert_eq!(jobs(&claim(db.store(), "a", 10, NOW).await), [draft]);
    }

    async fn a_claimed_job_says_which_attempt_it_is(db: &Database) {
        let id = enqueue(db.store(), &[noop(7)]).await[0];
        let claimed = claim_one(db.store(), "a", NOW).await;
        assert_eq!((claimed.lease.job, claimed.lease.fence), (id, 1));
        assert_eq!((claimed.attempt, claimed.max_attempts), (1, JobKind::Noop.max_attempts()));
    }

    async fn an_expired_job_is_cancelled_and_hides_none_behind_it(db: &Database) {
        let expired = |number| NewJob { expires_at: Some(NOW), ..NewJob::at(noop(number), NOW) };
        let living = NewJob { expires_at: Some(NOW + LEASE), ..NewJob::at(noop(9), NOW) };
        db.store().enqueue(&[expired(1), expired(2), living]).await.unwrap();
        assert_eq!(jobs(&claim(db.store(), "a", 1, NOW).await), [noop(9)]);
        assert_eq!(depth(db.store(), JobKind::Noop, NOW).await.ready, 0);
    }

    async fn two_nodes_never_claim_the_same_job(db: &Database) {
        let numbers: Vec<_> = (0..2_000).map(noop).collect();
        let all: HashSet<_> = enqueue(db.store(), &numbers).await.into_iter().collect();
        let other = db.open_again().await;
        let nodes = [("a", db.store().clone()), ("b", other.clone()), ("c", db.store().clone()), ("d", other.clone())];
        let drains: Vec<_> = nodes.into_iter().map(|(node, store)| tokio::spawn(drain(store, node))).collect();
        let mut run = Vec::new();
        for drain in drains {
            run.extend(drain.await.unwrap());
        }
        assert_eq!(run.len(), all.len());
        assert_eq!(run.into_iter().collect::<HashSet<_>>(), all);
        other.close().await.unwrap();
    }
}

/// Claims and finishes until nothing is left; what was run.
async fn drain(store: Store, node: &'static str) -> Vec<JobId> {
    let mut run = Vec::new();
    loop {
        let claimed = claim(&store, node, 50, NOW).await;
        if claimed.is_empty() {
            return run;
        }
        let leases = leases(&claimed);
        assert_eq!(store.finish(node, &leases, NOW).await.unwrap().len(), leases.len());
        run.extend(leases.iter().map(|lease| lease.job));
    }
}
