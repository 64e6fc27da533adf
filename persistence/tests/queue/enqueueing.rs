//! What is added, and what is already there.

use super::*;

fn keyed(key: &str, number: i64) -> NewJob {
    NewJob { unique_key: Some(key.to_owned()), ..NewJob::at(noop(number), NOW) }
}

testkit::on_every_database! {
    async fn ids_come_back_in_the_order_of_the_jobs(db: &Database) {
        let ids = enqueue(db.store(), &(0..600).map(noop).collect::<Vec<_>>()).await;
        let claimed = claim(db.store(), "a", 600, NOW).await;
        let found: Vec<_> = claimed.iter().map(|claimed| (claimed.lease.job, claimed.job)).collect();
        assert_eq!(found, ids.into_iter().zip((0..600).map(noop)).collect::<Vec<_>>());
    }

    async fn nothing_is_added_for_an_empty_slice(db: &Database) {
        assert!(db.store().enqueue(&[]).await.unwrap().is_empty());
        assert!(db.store().depths(NOW).await.unwrap().is_empty());
    }

    async fn a_key_stands_once_among_unfinished_jobs(db: &Database) {
        let first = [keyed("x", 1), NewJob::at(noop(2), NOW), keyed("x", 3), keyed("y", 4)];
        let ids = db.store().enqueue(&first).await.unwrap();
        assert_eq!(ids.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, false, true]);
        assert_eq!(jobs(&claim(db.store(), "a", 10, NOW).await), [noop(1), noop(2), noop(4)]);
        assert_eq!(db.store().enqueue(&[keyed("x", 5)]).await.unwrap(), [None], "it runs, so it is unfinished");
    }

    async fn a_key_is_free_again_when_its_job_is_finished(db: &Database) {
        db.store().enqueue(&[keyed("x", 1)]).await.unwrap();
        let claimed = claim_one(db.store(), "a", NOW).await;
        db.store().finish("a", &[claimed.lease], NOW).await.unwrap();
        assert!(db.store().enqueue(&[keyed("x", 2)]).await.unwrap()[0].is_some());
        assert_eq!(claim_one(db.store(), "a", NOW).await.job, noop(2));
    }
}
