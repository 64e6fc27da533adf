//! How completely channels are read, as it is shown.

use std::time::Duration;

use domain::id::MessageId;
use persistence::consents::ChannelStatus;
use persistence::reading::ReadingSum;
use testkit::{Scene, Sketch};

testkit::on_every_database! {
    async fn the_lag_and_the_open_holes_of_each_channel_are_shown(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch { channels: 3, ..Sketch::default() }).await.unwrap();
        let seen_at = scene.now + Duration::from_secs(7);
        store.record_posts(&[scene.post(0, 1, "Text", scene.now)], seen_at).await.unwrap();
        let mut jumped = scene.post(1, 4, "Text", scene.now);
        jumped.empty = vec![MessageId(2)];
        store.record_posts(&[jumped], seen_at).await.unwrap();

        let shown = store.channel_readings(scene.project, None, 10).await.unwrap();
        let holes: Vec<_> = shown.iter().map(|channel| (channel.gaps, channel.missing, channel.open_since)).collect();
        assert_eq!(holes, [(0, 0, None), (2, 2, Some(seen_at)), (0, 0, None)]);
        let lags: Vec<_> = shown.iter().map(|channel| channel.last_post.map(|post| post.lag().as_secs())).collect();
        assert_eq!(lags, [Some(7), Some(7), None]);
        assert_eq!((shown[1].newest, shown[1].audited_up_to), (MessageId(4), MessageId(0)));
        assert_eq!(store.channel_readings(scene.project, Some(scene.channels[1]), 10).await.unwrap(), shown[2..]);

        store.lose_channel(scene.channels[2], "CHANNEL_PRIVATE", seen_at).await.unwrap();
        let behind = store.channels_behind(10).await.unwrap();
        let behind: Vec<_> = behind.iter().map(|channel| (channel.channel, channel.status)).collect();
        assert_eq!(
            behind,
            [(scene.channels[1], ChannelStatus::Active), (scene.channels[2], ChannelStatus::Lost)]
        );
        let sum = store.reading_sum().await.unwrap();
        assert_eq!(sum, ReadingSum { watched: 2, lost: 1, gaps: 2, missing: 2 });
    }
}
