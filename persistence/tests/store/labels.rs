//! An account whose profile does not tell the label writes nothing, and it can be seen why.

use std::time::Duration;

use domain::comment::{SkipReason, StateName};
use domain::policy::Policy;
use persistence::sending::Begun;
use sea_orm::{ConnectionTrait as _, Database as Connector};
use testkit::{Database, Line, Scene, Sketch};

use super::{only_comment, scene_with_scheduled_comment};

/// The profiles of all accounts tell the label, or no longer do.
async fn label(db: &Database, scene: &Scene, there: bool) {
    let seen = if there { scene.now.micros().to_string() } else { "NULL".to_owned() };
    let raw = Connector::connect(db.config().url.as_str()).await.unwrap();
    raw.execute_unprepared(&format!("UPDATE accounts SET label_verified_at = {seen}")).await.unwrap();
    raw.close().await.unwrap();
}

testkit::on_every_database! {
    async fn an_account_whose_profile_lacks_the_label_is_given_no_work_and_the_skip_says_so(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        label(db, &scene, false).await;
        store.record_posts(&[scene.post(0, 1, "Spring is here", scene.now)], scene.now).await.unwrap();
        Line::default().plan(store, &scene, scene.now).await.unwrap();
        let comment = only_comment(store, scene.project).await;
        assert_eq!((comment.state, comment.reason), (StateName::Skipped, Some(SkipReason::Unlabelled)));
    }

    async fn a_label_that_disappeared_holds_what_is_due_until_it_is_back(db: &Database) {
        let store = db.store();
        let policy = Policy { lean: 10.0, ..Sketch::default().policy };
        let sketch = Sketch { policy, ..Sketch::default() };
        let (scene, mut line, due) = scene_with_scheduled_comment(store, &sketch).await;
        label(db, &scene, false).await;
        let begun = line.begin(store, due).await.unwrap();
        let Begun::Deferred(until) = begun[0].2 else { panic!("{:?} was not held", begun[0].2) };
        assert!(until > due && until <= due + Duration::from_secs(600));
        label(db, &scene, true).await;
        assert_eq!(line.send(store, until).await.unwrap().len(), 1);
    }
}
