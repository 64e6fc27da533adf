//! What the queue tells about itself.

use domain::id::CommentId;

use super::*;

testkit::on_every_database! {
    async fn the_next_due_time_is_the_earliest_job_or_the_earliest_lease_end(db: &Database) {
        let store = db.store();
        assert_eq!(store.next_due().await.unwrap(), None);
        let draft = Job::WriteDraft { comment: CommentId(1) };
        let queued = [NewJob::at(noop(1), NOW), NewJob::at(draft, NOW + LEASE * 2)];
        store.enqueue(&queued).await.unwrap();
        assert_eq!(store.next_due().await.unwrap(), Some(NOW));
        let claimed = claim_one(store, "a", NOW).await;
        assert_eq!(store.next_due().await.unwrap(), Some(NOW + LEASE));
        store.finish("a", &[claimed.lease], NOW).await.unwrap();
        assert_eq!(store.next_due().await.unwrap(), Some(NOW + LEASE * 2));
    }

    async fn depths_count_each_kind_by_what_it_waits_for(db: &Database) {
        let store = db.store();
        let second = Duration::from_secs(1);
        let queued = [
            NewJob::at(noop(1), NOW - second * 3),
            NewJob::at(noop(2), NOW - second * 2),
            NewJob::at(noop(3), NOW + second),
            NewJob::at(send(1, 1), NOW),
        ];
        store.enqueue(&queued).await.unwrap();
        claim(store, "a", 2, NOW).await;
        let noops = depth(store, JobKind::Noop, NOW).await;
        let oldest_due = Some(NOW - second * 2);
        assert_eq!(noops, KindDepth { kind: JobKind::Noop, ready: 2, due: 1, running: 1, failed: 0, oldest_due });
        let sends = depth(store, JobKind::SendComment, NOW).await;
        assert_eq!((sends.ready, sends.running), (0, 1));
    }
}
