//! Campaigns and playlists: added, changed by several people at once, covering what they are to, and summed up.

use std::time::Duration;

use domain::comment::StateName;
use domain::id::{ChannelId, PlaylistId};
use domain::policy::{CampaignStatus, Mode, Policy, Preset, QuietHours};
use persistence::StoreError;
use persistence::catalogue::{
    CampaignChange, CampaignSettings, CampaignStatistics, CoverKind, Coverage, PlaylistChange,
};
use persistence::observing::Seen;
use persistence::outbox::Actor;
use testkit::{Scene, Sketch};

use super::{comments, done, editor, neighbours, scene_with_scheduled_comment};

fn settings(name: &str) -> CampaignSettings {
    CampaignSettings {
        name: name.to_owned(),
        status: CampaignStatus::Off,
        mode: Mode::NewPosts,
        preset: Preset::Safe,
        policy: Policy::BALANCED,
        voice: None,
    }
}

fn channels(ids: &[ChannelId]) -> Coverage {
    Coverage { channels: ids.to_vec(), ..Coverage::default() }
}

testkit::on_every_database! {
    async fn a_campaign_is_added_changed_and_removed_and_each_change_is_written_down(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch { channels: 2, ..Sketch::default() }).await.unwrap();
        let playlist = store.add_playlist(editor(&scene), "Local", "Nearby", &scene.channels).await.unwrap();
        let coverage = Coverage {
            channels: vec![scene.channels[0]],
            playlists: vec![playlist],
            accounts: scene.accounts.clone(),
        };
        let id = store.add_campaign(editor(&scene), &settings("Spring"), &coverage).await.unwrap();
        let added = store.campaign(scene.project, id).await.unwrap();
        assert_eq!(added.settings, settings("Spring"));
        assert_eq!((added.channels, added.playlists, added.accounts, added.version), (1, 1, 1, 1));

        let change = CampaignChange {
            name: Some("Summer".to_owned()),
            preset: Some(Preset::Custom),
            voice: Some(store.campaign(scene.project, scene.campaign).await.unwrap().settings.voice),
            ..CampaignChange::default()
        };
        store.change_campaign(editor(&scene), id, &change, Some(1)).await.unwrap();
        let changed = store.campaign(scene.project, id).await.unwrap();
        assert_eq!((changed.settings.name.as_str(), changed.settings.preset, changed.version), ("Summer", Preset::Custom, 2));
        assert_eq!((changed.settings.mode, changed.settings.policy), (Mode::NewPosts, Policy::BALANCED));
        assert!(changed.settings.voice.is_some());
        let without = CampaignChange { voice: Some(None), ..CampaignChange::default() };
        store.change_campaign(editor(&scene), id, &without, None).await.unwrap();
        assert_eq!(store.campaign(scene.project, id).await.unwrap().settings.voice, None);

        store.remove_campaign(editor(&scene), id).await.unwrap();
        let gone = store.campaign(scene.project, id).await;
        assert!(matches!(gone, Err(StoreError::NotFound { what: "campaign", .. })), "{gone:?}");
        let subject = format!("campaign:{id}");
        let expected = ["campaign.deleted", "campaign.updated", "campaign.updated", "campaign.created"];
        assert_eq!(done(store, &scene, 4).await, expected.map(|action| (action.to_owned(), subject.clone())));
    }

    async fn of_two_who_change_the_same_version_of_a_campaign_only_one_does(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let change = |name: &str| CampaignChange { name: Some(name.to_owned()), ..CampaignChange::default() };
        let (one, other) = (change("One"), change("Other"));
        let (first, second) = tokio::join!(
            store.change_campaign(editor(&scene), scene.campaign, &one, Some(1)),
            store.change_campaign(editor(&scene), scene.campaign, &other, Some(1)),
        );
        let (refused, kept) = if first.is_ok() { (second, "One") } else { (first, "Other") };
        assert!(matches!(refused, Err(StoreError::Stale { .. })), "{refused:?}");
        assert_eq!(store.campaign(scene.project, scene.campaign).await.unwrap().settings.name, kept);
        let late = store.cover(editor(&scene), scene.campaign, &Coverage::default(), &channels(&scene.channels), Some(1)).await;
        assert!(matches!(late, Err(StoreError::Stale { .. })), "{late:?}");
        assert_eq!(store.campaign(scene.project, scene.campaign).await.unwrap().channels, 1, "nothing was taken out");
    }

    async fn every_change_of_a_campaign_raises_its_version_whoever_makes_it(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let version = async || store.campaign(scene.project, scene.campaign).await.unwrap().version;
        let by = Actor::User(scene.user);
        store.set_campaign_status(scene.project, scene.campaign, CampaignStatus::Paused, by, scene.now).await.unwrap();
        assert_eq!(version().await, 2);
        store.cover(editor(&scene), scene.campaign, &channels(&scene.channels), &Coverage::default(), Some(2)).await.unwrap();
        assert_eq!(version().await, 3);
    }

    async fn a_campaign_with_impossible_numbers_a_taken_name_or_a_foreign_voice_is_refused(db: &Database) {
        let store = db.store();
        let (here, there) = neighbours(store, &Sketch::default()).await;
        let add = async |settings: CampaignSettings, coverage: Coverage| {
            store.add_campaign(editor(&here), &settings, &coverage).await.unwrap_err()
        };
        let none = Coverage::default;
        let quiet = QuietHours { from: 1440, to: 0 };
        let policy = Policy { quiet, ..Policy::BALANCED };
        let impossible = add(CampaignSettings { policy, ..settings("New") }, none()).await;
        assert!(matches!(impossible, StoreError::Policy { .. }), "{impossible:?}");
        let taken = add(settings("Campaign"), none()).await;
        assert!(matches!(taken, StoreError::Taken { .. }), "{taken:?}");
        let voice = store.campaign(there.project, there.campaign).await.unwrap().settings.voice;
        let foreign = add(CampaignSettings { voice, ..settings("New") }, none()).await;
        assert!(matches!(foreign, StoreError::NotFound { what: "voice", .. }), "{foreign:?}");
        let foreign = add(settings("New"), channels(&there.channels)).await;
        assert!(matches!(foreign, StoreError::NotFound { what: "channel", .. }), "{foreign:?}");
        assert_eq!(store.list_campaigns(here.project, None, None, 10).await.unwrap().len(), 1, "nothing was added");

        let change = CampaignChange { voice: Some(voice), ..CampaignChange::default() };
        let foreign = store.change_campaign(editor(&here), here.campaign, &change, None).await.unwrap_err();
        assert!(matches!(foreign, StoreError::NotFound { what: "voice", .. }), "{foreign:?}");
        for foreign in [
            store.change_campaign(editor(&here), there.campaign, &CampaignChange::default(), None).await,
            store.cover(editor(&here), there.campaign, &none(), &none(), None).await,
            store.remove_campaign(editor(&here), there.campaign).await,
        ] {
            assert!(matches!(foreign, Err(StoreError::NotFound { what: "campaign", .. })), "{foreign:?}");
        }
    }

    async fn what_a_campaign_covers_is_added_to_and_taken_from_at_once(db: &Database) {
        let store = db.store();
        let (here, there) = neighbours(store, &Sketch { channels: 3, accounts: 2, ..Sketch::default() }).await;
        let id = store.add_campaign(editor(&here), &settings("New"), &channels(&here.channels[..2])).await.unwrap();
        let added = Coverage {
            channels: here.channels[1..].to_vec(),
            accounts: here.accounts.clone(),
            playlists: vec![store.add_playlist(editor(&here), "Local", "", &[]).await.unwrap()],
        };
        store.cover(editor(&here), id, &added, &channels(&here.channels[..1]), None).await.unwrap();
        let covered = async |kind, before, limit| {
            let covered = store.covered(here.project, id, kind, before, limit).await.unwrap();
            covered.into_iter().map(|covered| (covered.id, covered.name)).collect::<Vec<_>>()
        };
        let channel = |index: usize| (here.channels[index].get(), format!("Channel {index}"));
        assert_eq!(covered(CoverKind::Channels, None, 10).await, [channel(2), channel(1)]);
        assert_eq!(covered(CoverKind::Channels, Some(here.channels[2].get()), 10).await, [channel(1)]);
        assert_eq!(covered(CoverKind::Playlists, None, 10).await.len(), 1);
        assert_eq!(covered(CoverKind::Accounts, None, 1).await[0].1, "Account 1");
        assert_eq!(store.covered(there.project, id, CoverKind::Channels, None, 10).await.unwrap(), []);
    }

    async fn a_playlist_is_filled_emptied_changed_and_removed(db: &Database) {
        let store = db.store();
        let (here, there) = neighbours(store, &Sketch { channels: 2, ..Sketch::default() }).await;
        let id = store.add_playlist(editor(&here), "Local", "", &[]).await.unwrap();
        store.fill_playlist(editor(&here), id, &[here.channels[0], here.channels[1], here.channels[0]]).await.unwrap();
        store.fill_playlist(editor(&here), id, &here.channels).await.unwrap();
        store.take_out_of_playlist(editor(&here), id, here.channels[0]).await.unwrap();
        let change = PlaylistChange { description: Some("Nearby".to_owned()), ..PlaylistChange::default() };
        store.change_playlist(editor(&here), id, &change).await.unwrap();
        let listed = store.list_playlists(here.project, None, 10).await.unwrap();
        let [playlist] = &listed[..] else { panic!("{listed:?}") };
        assert_eq!((playlist.name.as_str(), playlist.description.as_str(), playlist.channels), ("Local", "Nearby", 1));
        assert_eq!(store.list_playlists(here.project, Some(id), 10).await.unwrap(), []);

        let unknown = |result: Result<(), StoreError>, thing: &str| match result {
            Err(StoreError::NotFound { what, .. }) => assert_eq!(what, thing),
            other => panic!("{other:?}"),
        };
        unknown(store.take_out_of_playlist(editor(&here), id, here.channels[0]).await, "channel");
        unknown(store.fill_playlist(editor(&here), id, &there.channels).await, "channel");
        unknown(store.fill_playlist(editor(&there), id, &there.channels).await, "playlist");
        unknown(store.change_playlist(editor(&there), id, &change).await, "playlist");
        unknown(store.remove_playlist(editor(&there), id).await, "playlist");
        unknown(store.playlist(there.project, id).await.map(drop), "playlist");
        let taken = store.add_playlist(editor(&here), "Local", "", &[]).await;
        assert!(matches!(taken, Err(StoreError::Taken { .. })), "{taken:?}");
        store.remove_playlist(editor(&here), id).await.unwrap();
        unknown(store.playlist(here.project, id).await.map(drop), "playlist");
        unknown(store.playlist(here.project, PlaylistId(0)).await.map(drop), "playlist");
    }

    async fn a_campaign_is_summed_up_by_what_its_comments_came_to(db: &Database) {
        let store = db.store();
        let (scene, mut line, due) = scene_with_scheduled_comment(store).await;
        line.send(store, due).await.unwrap();
        let seen_at = due + Duration::from_secs(3600);
        line.look(store, &Seen::Visible { reactions: 2, replies: 1 }, seen_at).await.unwrap();
        let sum = async |span| store.campaign_statistics(scene.project, scene.campaign, span).await.unwrap();
        let all = sum((None, None)).await;
        let [visible] = &all.outcomes[..] else { panic!("{all:?}") };
        assert_eq!((visible.state, visible.count, visible.reactions, visible.replies), (StateName::Visible, 1, 2, 1));
        assert_eq!(visible.last_sent_at, comments(store, scene.project).await[0].sent_at);
        assert_eq!(all.visibility(), Some(1.0));
        assert_eq!(sum((Some(seen_at), None)).await, CampaignStatistics::default());
        let other = Scene::new(store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        let foreign = store.campaign_statistics(other.project, scene.campaign, (None, None)).await.unwrap();
        assert_eq!((foreign.outcomes.len(), foreign.visibility()), (0, None));
    }
}
