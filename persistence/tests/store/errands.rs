//! What a command asks of the service beside it.

use domain::time::Timestamp;
use persistence::errands::ERRAND_LASTS;
use testkit::{Scene, Sketch};

testkit::on_every_database! {
    async fn a_question_is_taken_once_and_answered_once(db: &Database) {
        let (asking, serving) = (db.store(), db.open_again().await);
        let scene = Scene::new(asking, &Sketch::default()).await.unwrap();
        let (project, now) = (scene.project, scene.now);
        let ask = async |at: Timestamp| asking.leave_errand(project, scene.user, "how is it?", at).await.unwrap();
        let errand = ask(now).await;
        assert_eq!(asking.fetch_answer(errand).await.unwrap(), None);
        let taken = serving.take_errands(now, 10).await.unwrap();
        assert_eq!((taken[0].id, taken[0].by, taken[0].question.as_str()), (errand, scene.user, "how is it?"));
        assert_eq!(asking.take_errands(now, 10).await.unwrap(), []);
        serving.put_errand_back(errand).await.unwrap();
        assert_eq!(asking.take_errands(now, 10).await.unwrap().len(), 1);
        serving.answer_errand(errand, "well").await.unwrap();
        assert_eq!(asking.fetch_answer(errand).await.unwrap().as_deref(), Some("well"));
        assert_eq!(asking.fetch_answer(errand).await.unwrap(), None, "it was fetched");

        ask(now).await;
        let late = now + ERRAND_LASTS;
        assert_eq!(serving.take_errands(late, 10).await.unwrap(), [], "nobody waits for it any more");
        serving.close().await.unwrap();
    }
}
