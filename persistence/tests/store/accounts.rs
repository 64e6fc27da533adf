//! Accounts as people see and change them.

use std::time::Duration;

use domain::account::{Event, Status, StatusName};
use domain::disclosure::Label;
use domain::id::ChannelId;
use domain::pacing::Limits;
use persistence::StoreError;
use persistence::accounts::{AccountChange, AccountFilter, NewBlock};
use persistence::outbox::Actor;
use persistence::proxies::{NewProxy, Way};
use testkit::{Line, Scene, Sketch};

const MINUTE: Duration = Duration::from_secs(60);

testkit::on_every_database! {
    async fn an_account_is_shown_with_what_it_may_what_it_did_today_and_why_it_waits(db: &Database) {
        let store = db.store();
        let limits = Limits { daily: 7, gap: MINUTE };
        let (scene, mut line, due) =
            crate::scene_with_scheduled_comment(store, &Sketch { limits, ..Sketch::default() }).await;
        line.send(store, due).await.unwrap();
        let account = scene.accounts[0];
        let shown = store.listed_account(scene.project, account, due).await.unwrap();
        assert_eq!((shown.limits, shown.sent_today, shown.channels, shown.blocks), (limits, 1, 1, 0));
        assert_eq!((shown.status.clone(), shown.proxy.clone(), shown.last_sent_at), (Status::Active, None, Some(due)));
        let tomorrow = store.listed_account(scene.project, account, due + MINUTE * 60 * 24).await.unwrap();
        assert_eq!(tomorrow.sent_today, 0, "a day ends with the day");

        let until = due + MINUTE;
        store.account_event(account, Event::Flood(until), "FLOOD_WAIT", due).await.unwrap();
        let address = NewProxy { name: Some("home".into()), address: "one.example:1080".parse().unwrap() };
        let proxies = store.create_proxies(scene.project, &[address], Actor::System, due).await.unwrap();
        store.account_event(account, Event::Tick(until), "the wait is over", until).await.unwrap();
        store.send_account(scene.project, account, Way::Through("home"), Actor::System, due).await.unwrap();
        store.account_event(account, Event::Flood(until), "FLOOD_WAIT", due).await.unwrap();
        let waiting = store.listed_account(scene.project, account, due).await.unwrap();
        assert_eq!((waiting.status, waiting.reason.as_deref()), (Status::Waiting { until }, Some("FLOOD_WAIT")));
        assert_eq!(waiting.proxy, Some((proxies[0], "home".to_owned())));
    }

    async fn accounts_are_listed_newest_first_by_status_and_by_tag_and_never_anothers(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch { accounts: 4, ..Sketch::default() }).await.unwrap();
        let other = Scene::new(store, &Sketch { number: 2, ..Sketch::default() }).await.unwrap();
        let all = &scene.accounts;
        let tag = |tags: &[&str]| AccountChange {
            tags: Some(tags.iter().map(|tag| (*tag).to_owned()).collect()),
            ..AccountChange::default()
        };
        let by = Actor::User(scene.user);
        for (account, tags) in [(all[0], &["news", "a \"b\" \\ c"][..]), (all[1], &["new"][..]), (all[2], &["news"][..])] {
            store.update_account(scene.project, account, &tag(tags), by, scene.now).await.unwrap();
        }
        store.account_event(all[2], Event::Freeze, "FROZEN", scene.now).await.unwrap();
        let listed = async |filter: AccountFilter| {
            let found = store.list_accounts(scene.project, &filter, None, 9, scene.now).await.unwrap();
            found.into_iter().map(|account| account.id).collect::<Vec<_>>()
        };
        let tagged = |tag: &str| AccountFilter { tag: Some(tag.into()), ..AccountFilter::default() };
        assert_eq!(listed(AccountFilter::default()).await, [all[3], all[2], all[1], all[0]]);
        assert_eq!(listed(tagged("news")).await, [all[2], all[0]]);
        assert_eq!(listed(tagged("new")).await, [all[1]]);
        assert_eq!(listed(tagged("a \"b\" \\ c")).await, [all[0]]);
        assert!(listed(tagged("ne")).await.is_empty() && listed(tagged("\",\"")).await.is_empty());
        let frozen = AccountFilter { status: Some(StatusName::Frozen), tag: Some("news".into()) };
        assert_eq!(listed(frozen).await, [all[2]]);
        let below = store.list_accounts(scene.project, &AccountFilter::default(), Some(all[2]), 1, scene.now).await;
        assert_eq!(below.unwrap()[0].id, all[1]);
        let foreign = store.listed_account(scene.project, other.accounts[0], scene.now).await;
        assert!(matches!(foreign, Err(StoreError::NotFound { what: "account", .. })), "{foreign:?}");
        let foreign = store.update_account(scene.project, other.accounts[0], &tag(&[]), by, scene.now).await;
        assert!(matches!(foreign, Err(StoreError::NotFound { what: "account", .. })), "{foreign:?}");
    }

    async fn a_change_of_an_account_touches_what_it_names_and_another_label_is_to_be_seen_first(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let (account, by) = (scene.accounts[0], Actor::User(scene.user));
        let change = AccountChange {
            notes: Some("Anna's second phone\0".into()),
            daily_limit: Some(12),
            min_gap: Some(MINUTE * 2),
            label: Some(scene.label.clone()),
            ..AccountChange::default()
        };
        store.update_account(scene.project, account, &change, by, scene.now).await.unwrap();
        let shown = store.listed_account(scene.project, account, scene.now).await.unwrap();
        assert_eq!(shown.notes, "Anna's second phone\u{fffd}");
        assert_eq!(shown.limits, Limits { daily: 12, gap: MINUTE * 2 });
        assert!(shown.tags.is_empty() && shown.label_verified_at.is_some(), "{shown:?}");
        let label = Label::new("By the tram desk").unwrap();
        let relabel = AccountChange { label: Some(label.clone()), ..AccountChange::default() };
        store.update_account(scene.project, account, &relabel, by, scene.now).await.unwrap();
        let shown = store.listed_account(scene.project, account, scene.now).await.unwrap();
        assert_eq!((shown.label, shown.label_verified_at, shown.limits.daily), (label, None, 12));
    }

    async fn a_person_pauses_an_account_and_resumes_it_and_that_is_written_down_as_theirs(db: &Database) {
        let store = db.store();
        let (scene, mut line, due) = crate::scene_with_scheduled_comment(store, &Sketch::default()).await;
        let (account, by) = (scene.accounts[0], Actor::User(scene.user));
        let switch = async |on, why: &str| {
            store.switch_account(scene.project, account, on, why, by, due).await.map(|status| status.name())
        };
        assert_eq!(switch(false, "holidays").await.unwrap(), StatusName::Paused);
        line.send(store, due).await.unwrap();
        assert_eq!(crate::only_comment(store, scene.project).await.sent_at, None, "a paused account writes nothing");
        let shown = store.listed_account(scene.project, account, due).await.unwrap();
        assert_eq!(shown.reason.as_deref(), Some("holidays"));
        assert_eq!(switch(true, "back").await.unwrap(), StatusName::Active);
        let again = switch(true, "back").await;
        assert!(matches!(again, Err(StoreError::Account { .. })), "{again:?}");
        let kept = store.audit_entries(scene.project, 2).await.unwrap();
        let kept: Vec<_> = kept.iter().map(|entry| (entry.actor, entry.detail.as_str())).collect();
        assert_eq!(kept, [(by, "active: back"), (by, "paused: holidays")]);
    }

    async fn an_account_that_is_kept_out_of_a_channel_plans_nothing_there_until_that_is_lifted(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let (account, channel, by) = (scene.accounts[0], scene.channels[0], Actor::User(scene.user));
        let block = NewBlock { channel, reason: "the editor asked".into(), until: None };
        store.add_block(scene.project, account, &block, by, scene.now).await.unwrap();
        let listed = store.list_blocks(scene.project, account, None, 9).await.unwrap();
        assert_eq!((listed[0].channel, listed[0].reason.as_str(), listed.len()), (channel, "the editor asked", 1));
        assert!(store.list_blocks(scene.project, account, Some(channel), 9).await.unwrap().is_empty());
        assert_eq!(store.listed_account(scene.project, account, scene.now).await.unwrap().blocks, 1);
        let mut line = Line::default();
        store.record_posts(&[scene.post(0, 1, "Spring", scene.now)], scene.now).await.unwrap();
        line.plan(store, &scene, scene.now).await.unwrap();
        let skipped = crate::only_comment(store, scene.project).await;
        assert_eq!(skipped.reason, Some(domain::comment::SkipReason::NoAccount));

        let brief = NewBlock { until: Some(scene.now + MINUTE), ..block.clone() };
        store.add_block(scene.project, account, &brief, by, scene.now).await.unwrap();
        let later = store.listed_account(scene.project, account, scene.now + MINUTE).await.unwrap();
        assert_eq!(later.blocks, 0, "it is over");
        store.lift_block(scene.project, account, channel, by, scene.now).await.unwrap();
        let twice = store.lift_block(scene.project, account, channel, by, scene.now).await;
        assert!(matches!(twice, Err(StoreError::NotFound { what: "block", .. })), "{twice:?}");
        let nowhere = NewBlock { channel: ChannelId(999), ..block };
        let refused = store.add_block(scene.project, account, &nowhere, by, scene.now).await;
        assert!(matches!(refused, Err(StoreError::NotFound { what: "channel", .. })), "{refused:?}");
    }
}
