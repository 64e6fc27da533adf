//! Comments whose answer was lost: they are looked for, wherever they stand.

use domain::id::MessageId;
use telegram::PostSeen;

use crate::audits::post;
use crate::{HOUR, Stage};

impl Stage {
    /// Publishes a post and lets a comment be written below it whose answer is lost.
    async fn lose_an_answer(&self) -> MessageId {
        let published = PostSeen { comments_open: true, ..post(self, 6, "The new line opens on Monday") };
        let id = published.id;
        {
            let mut plot = self.town.plot();
            plot.loses_answers = true;
            plot.posts.insert(id, published);
        }
        self.store.hasten_audits(&self.scene.channels, self.now()).await.unwrap();
        self.until("a comment", |plot| !plot.written.is_empty()).await;
        id
    }

    /// The post goes, and the product is told.
    async fn delete(&self, post: MessageId) {
        self.town.plot().posts.remove(&post);
        let channel = self.scene.channels[0];
        self.store.record_deleted_posts(channel, &[post], self.now()).await.unwrap();
    }

    /// That the one comment which was written is known to stand where it does.
    async fn assert_known(&self) {
        let sent = self.store.sent_comments(self.scene.project, None, 10).await.unwrap();
        let plot = self.town.plot();
        assert_eq!(sent.iter().map(|sent| sent.message).collect::<Vec<_>>(), [plot.written[0].1.id]);
        assert_eq!(plot.written.len(), 1, "nothing is written twice");
    }
}

testkit::on_every_database! {
    async fn a_comment_whose_answer_was_lost_is_found_although_its_post_is_gone(db: &Database) {
        let stage = Stage::set(db).await;
        let post = stage.lose_an_answer().await;
        stage.delete(post).await;
        stage.pass(HOUR).await;
        stage.assert_known().await;
        stage.system.stop().await.unwrap();
    }

    async fn a_comment_whose_answer_was_lost_is_found_by_the_next_process_although_its_post_is_gone(db: &Database) {
        let mut stage = Stage::set(db).await;
        let post = stage.lose_an_answer().await;
        stage.restart().await;
        stage.delete(post).await;
        stage.pass(HOUR).await;
        stage.assert_known().await;
        stage.system.stop().await.unwrap();
    }
}
