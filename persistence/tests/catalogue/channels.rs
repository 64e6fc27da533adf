//! Channels as they are listed and paused, who may write in them, and what was read of them.

use std::time::Duration;

use domain::comment::{SkipReason, StateName};
use domain::consent::Scope;
use domain::id::{AccountId, ChannelId, MessageId};
use persistence::StoreError;
use persistence::catalogue::{Assigning, ChannelFilter, Refusal, RefusedAssignment};
use persistence::consents::ChannelStatus;
use testkit::{Scene, Sketch};

use super::{comments, done, editor, neighbours, scene_with_scheduled_comment};

testkit::on_every_database! {
    async fn channels_are_listed_latest_first_with_how_they_are_read_and_never_another_projects(db: &Database) {
        let store = db.store();
        let (here, there) = neighbours(store, &Sketch { channels: 3, ..Sketch::default() }).await;
        let mut jumped = here.post(1, 4, "Text", here.now);
        jumped.empty = vec![MessageId(2)];
        store.record_posts(&[jumped], here.now + Duration::from_secs(7)).await.unwrap();
        let playlist = store.add_playlist(editor(&here), "Local", "", &here.channels[..2]).await.unwrap();
        store.pause_channel(editor(&here), here.channels[0], true).await.unwrap();

        let list = async |filter, before, limit| {
            let listed = store.list_channels(here.project, filter, before, limit, here.now).await.unwrap();
            listed.into_iter().map(|channel| channel.id).collect::<Vec<_>>()
        };
        let all = ChannelFilter::default();
        let mut expected = here.channels.clone();
        expected.reverse();
        assert_eq!(list(all, None, 10).await, expected);
        assert_eq!(list(all, None, 2).await, expected[..2]);
        assert_eq!(list(all, Some(expected[1]), 10).await, expected[2..]);
        assert_eq!(list(ChannelFilter { status: Some(ChannelStatus::Paused), ..all }, None, 10).await, [here.channels[0]]);
        assert_eq!(list(ChannelFilter { playlist: Some(playlist), ..all }, None, 10).await, expected[1..]);

        let read = store.listed_channel(here.project, here.channels[1], here.now).await.unwrap();
        assert_eq!((read.gaps, read.missing, read.newest, read.audited_up_to), (2, 2, MessageId(4), MessageId(0)));
        assert_eq!((read.consents, read.accounts, read.members), (vec![Scope::Comment], 1, None));
        assert_eq!(read.last_post, Some((here.now, here.now + Duration::from_secs(7))));
        let foreign = store.listed_channel(here.project, there.channels[0], here.now).await;
        assert!(matches!(foreign, Err(StoreError::NotFound { what: "channel", .. })), "{foreign:?}");
    }

    async fn in_a_paused_channel_nothing_is_planned_and_what_is_due_waits(db: &Database) {
        let store = db.store();
        let (scene, mut line, due) = scene_with_scheduled_comment(store).await;
        let channel = scene.channels[0];
        store.pause_channel(editor(&scene), channel, true).await.unwrap();
        assert_eq!(line.send(store, due).await.unwrap().len(), 0);
        assert_eq!(comments(store, scene.project).await[0].state, StateName::Scheduled);
        let watched = store.channels_to_watch(None, 10).await.unwrap();
        assert_eq!(watched.len(), 1, "it is read on");

        store.record_posts(&[scene.post(0, 2, "Later", due)], due).await.unwrap();
        let planned = line.plan(store, &scene, due).await.unwrap();
        let listed = comments(store, scene.project).await;
        let skipped = listed.iter().find(|comment| comment.id == planned[0]).unwrap();
        assert_eq!(skipped.reason, Some(SkipReason::NoCampaign));

        store.pause_channel(editor(&scene), channel, false).await.unwrap();
        let later = due + domain::gate::RECHECK;
        assert_eq!(line.send(store, later).await.unwrap().len(), 1);
        let status = ("channel.status".to_owned(), format!("channel:{channel}"));
        assert_eq!(done(store, &scene, 2).await, [status.clone(), status]);
    }

    async fn a_channel_of_another_project_is_not_paused(db: &Database) {
        let store = db.store();
        let (here, there) = neighbours(store, &Sketch::default()).await;
        let foreign = store.pause_channel(editor(&here), there.channels[0], true).await;
        assert!(matches!(foreign, Err(StoreError::NotFound { what: "channel", .. })), "{foreign:?}");
        let status = store.listed_channel(there.project, there.channels[0], there.now).await.unwrap().status;
        assert_eq!(status, ChannelStatus::Active);
    }

    async fn assigning_beyond_the_limit_applies_what_fits_and_says_what_did_not(db: &Database) {
        let store = db.store();
        let (here, there) = neighbours(store, &Sketch { channels: 52, accounts: 1, ..Sketch::default() }).await;
        let [account] = here.accounts[..] else { panic!("one account") };
        for channel in &here.channels {
            // Those beyond the limit were never assigned.
            let gone = store.unassign(editor(&here), account, *channel).await;
            assert!(matches!(gone, Ok(()) | Err(StoreError::NotFound { what: "assignment", .. })), "{gone:?}");
        }
        let mut channels = here.channels.clone();
        channels.push(there.channels[0]);
        let accounts = [account, there.accounts[0]];
        let wanted = Assigning { accounts: &accounts, channels: &channels };
        let (applied, refused) = store.assign(editor(&here), wanted).await.unwrap();
        assert_eq!(applied, 50);
        let refusal = |account: AccountId, channel: ChannelId, reason| RefusedAssignment { account, channel, reason };
        let mut expected = vec![
            refusal(account, here.channels[50], Refusal::Full),
            refusal(account, here.channels[51], Refusal::Full),
            refusal(account, there.channels[0], Refusal::UnknownChannel),
        ];
        expected.extend(channels.iter().map(|channel| refusal(there.accounts[0], *channel, Refusal::UnknownAccount)));
        assert_eq!(refused, expected);
        let again = store.assign(editor(&here), wanted).await.unwrap();
        assert_eq!(again, (50, expected), "assigning again changes nothing");
        assert_eq!(done(store, &here, 1).await, [("channel.assigned".to_owned(), format!("project:{}", here.project))]);

        let of = async |scene: &Scene, channel| {
            let found = store.accounts_of_channel(scene.project, channel, None, 10, scene.now).await.unwrap();
            found.into_iter().map(|account| account.id).collect::<Vec<_>>()
        };
        assert_eq!(of(&here, here.channels[0]).await, [account]);
        assert_eq!(of(&there, here.channels[0]).await, []);
        store.unassign(editor(&here), account, here.channels[0]).await.unwrap();
        assert_eq!(of(&here, here.channels[0]).await, []);
        let foreign = store.unassign(editor(&there), account, here.channels[1]).await;
        assert!(matches!(foreign, Err(StoreError::NotFound { what: "assignment", .. })), "{foreign:?}");
    }

    async fn two_who_assign_at_once_do_not_both_take_the_last_place(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch { channels: 60, ..Sketch::default() }).await.unwrap();
        let account = scene.accounts[0];
        store.unassign(editor(&scene), account, scene.channels[0]).await.unwrap();
        let assign = async |channel: ChannelId| {
            let wanted = Assigning { accounts: &[account], channels: &[channel] };
            store.assign(editor(&scene), wanted).await.unwrap().0
        };
        let taken = tokio::join!(assign(scene.channels[50]), assign(scene.channels[51]), assign(scene.channels[52]));
        assert_eq!(taken.0 + taken.1 + taken.2, 1);
    }

    async fn the_archive_shows_a_channels_posts_and_open_holes_latest_first(db: &Database) {
        let store = db.store();
        let (here, there) = neighbours(store, &Sketch { channels: 2, ..Sketch::default() }).await;
        let hour = |hours: u64| here.now + Duration::from_secs(hours * 3600);
        for (message, hours) in [(1, 0), (4, 1), (9, 2)] {
            store.record_posts(&[here.post(0, message, "Text", hour(hours))], hour(hours)).await.unwrap();
        }
        store.record_posts(&[here.post(1, 1, "Elsewhere", hour(0))], hour(0)).await.unwrap();
        let channel = here.channels[0];
        let archive = async |span, before, limit| {
            let posts = store.channel_archive(here.project, channel, span, before, limit).await.unwrap();
            posts.into_iter().map(|post| post.message.get()).collect::<Vec<_>>()
        };
        assert_eq!(archive((None, None), None, 10).await, [9, 4, 1]);
        assert_eq!(archive((None, None), Some(MessageId(9)), 1).await, [4]);
        assert_eq!(archive((Some(hour(1)), Some(hour(2))), None, 10).await, [4]);
        let gaps = store.open_gaps(here.project, channel, None, 10).await.unwrap();
        let gaps: Vec<_> = gaps.iter().map(|gap| (gap.from.get(), gap.to.get(), gap.opened_at)).collect();
        assert_eq!(gaps, [(5, 8, hour(2)), (2, 3, hour(1))]);
        assert_eq!(store.open_gaps(here.project, channel, Some(MessageId(5)), 10).await.unwrap().len(), 1);

        assert_eq!(store.channel_archive(there.project, channel, (None, None), None, 10).await.unwrap(), []);
        assert_eq!(store.open_gaps(there.project, channel, None, 10).await.unwrap(), []);
        let post = store.channel_archive(here.project, channel, (None, None), None, 1).await.unwrap().remove(0);
        assert_eq!(store.archived_post(here.project, post.id).await.unwrap(), post);
        let foreign = store.archived_post(there.project, post.id).await;
        assert!(matches!(foreign, Err(StoreError::NotFound { what: "post", .. })), "{foreign:?}");
    }

    async fn the_ledger_keeps_consents_that_ended(db: &Database) {
        let store = db.store();
        let (here, there) = neighbours(store, &Sketch::default()).await;
        let channel = here.channels[0];
        let later = here.now + Duration::from_secs(60);
        store.revoke_consent(here.project, here.consents[0], later).await.unwrap();
        let ledger = store.consent_ledger(here.project, channel, None, 10).await.unwrap();
        assert_eq!(ledger.len(), 1);
        assert_eq!((ledger[0].scope, ledger[0].granted_by, ledger[0].revoked_at), (Scope::Comment, here.user, Some(later)));
        assert_eq!(store.ledger_entry(here.project, channel, ledger[0].id).await.unwrap(), ledger[0]);
        assert_eq!(store.consent_ledger(there.project, channel, None, 10).await.unwrap(), []);
        let foreign = store.ledger_entry(there.project, channel, ledger[0].id).await;
        assert!(matches!(foreign, Err(StoreError::NotFound { what: "consent", .. })), "{foreign:?}");
    }
}
