//! Who is woken by what.

use super::*;

testkit::on_every_database! {
    async fn adding_jobs_wakes(db: &Database) {
        let mut wakes = db.store().wakes();
        wakes.mark_unchanged();
        enqueue(db.store(), &[noop(1)]).await;
        assert!(wakes.has_changed().unwrap());
    }

    async fn a_lane_that_gets_free_wakes(db: &Database) {
        enqueue(db.store(), &[send(1, 1)]).await;
        let claimed = claim_one(db.store(), "a", NOW).await;
        let mut wakes = db.store().wakes();
        wakes.mark_unchanged();
        db.store().finish("a", &[claimed.lease], NOW).await.unwrap();
        assert!(wakes.has_changed().unwrap());
    }

    async fn a_rescued_job_wakes(db: &Database) {
        enqueue(db.store(), &[noop(1)]).await;
        claim_one(db.store(), "a", NOW).await;
        let mut wakes = db.store().wakes();
        wakes.mark_unchanged();
        db.store().rescue(NOW + LEASE).await.unwrap();
        assert!(wakes.has_changed().unwrap());
    }
}

#[test]
fn finishing_a_job_without_a_lane_wakes_nobody() {
    testkit::Database::with_sqlite(async |db| {
        enqueue(db.store(), &[noop(1)]).await;
        let claimed = claim_one(db.store(), "a", NOW).await;
        let mut wakes = db.store().wakes();
        wakes.mark_unchanged();
        db.store().finish("a", &[claimed.lease], NOW).await.unwrap();
        assert!(!wakes.has_changed().unwrap());
    });
}

#[test]
fn on_postgres_another_process_is_woken_too() {
    testkit::Database::with_postgres(async |db| {
        let other = db.open_again().await;
        let mut wakes = other.wakes();
        wakes.changed().await.unwrap(); // it listens
        enqueue(db.store(), &[noop(1)]).await;
        let woken = tokio::time::timeout(Duration::from_secs(20), wakes.changed()).await;
        woken.expect("no wake within 20 s").unwrap();
        other.close().await.unwrap();
    });
}
