//! Settings and the quotas among them, and how the audit log is read.

use std::time::Duration;

use domain::id::{MessageId, PeerId, UserId};
use domain::login::Failure;
use domain::setting::Setting;
use domain::time::Timestamp;
use persistence::audit::AuditFilter;
use persistence::logins::{Login, Way};
use persistence::outbox::Actor;
use persistence::settings::SetFor;
use persistence::setup::NewChannel;
use persistence::{Store, StoreError};
use testkit::{Scene, Sketch};

fn login(scene: &Scene, telegram_id: i64) -> Login {
    Login {
        project: scene.project,
        by: scene.user,
        way: Way::Qr,
        for_account: None,
        kind: domain::account::Kind::Person,
        telegram_id: PeerId(telegram_id),
        username: None,
        display_name: "Anna".to_owned(),
        about: String::new(),
        session: b"a session".to_vec().into(),
        phone: None,
        proxy: None,
    }
}

async fn set(store: &Store, scene: &Scene, for_project: bool, setting: Setting, value: Option<u32>) {
    let project = for_project.then_some(scene.project);
    store.change_settings(project, &[(setting, value)], Actor::User(scene.user), scene.now).await.unwrap();
}

testkit::on_every_database! {
    async fn a_projects_own_number_stands_before_the_installations_and_that_before_the_default(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let in_force = async |for_project: bool| {
            let found = store.settings(for_project.then_some(scene.project)).await.unwrap();
            let accounts = found.into_iter().find(|found| found.setting == Setting::AccountsPerProject).unwrap();
            (accounts.value, accounts.set_for)
        };
        let default = Setting::AccountsPerProject.default_value();
        assert_eq!(in_force(true).await, (default, SetFor::Nobody));
        set(store, &scene, false, Setting::AccountsPerProject, Some(7)).await;
        assert_eq!(in_force(true).await, (Some(7), SetFor::Installation));
        set(store, &scene, true, Setting::AccountsPerProject, Some(8)).await;
        set(store, &scene, true, Setting::AccountsPerProject, Some(9)).await;
        assert_eq!(in_force(true).await, (Some(9), SetFor::Project));
        assert_eq!(in_force(false).await, (Some(7), SetFor::Installation));
        set(store, &scene, true, Setting::AccountsPerProject, None).await;
        assert_eq!(in_force(true).await, (Some(7), SetFor::Installation));
        set(store, &scene, false, Setting::AccountsPerProject, None).await;
        assert_eq!(in_force(true).await, (default, SetFor::Nobody));
        assert_eq!(store.setting_value(Setting::RecordsDays).await.unwrap(), None);
        assert_eq!(store.settings(None).await.unwrap().len(), Setting::ALL.len());
        let kept = store.list_audit(Some(scene.project), &AuditFilter::default(), None, 9).await.unwrap();
        let kept: Vec<_> = kept.iter().map(|l| (l.entry.subject.as_str(), l.entry.detail.as_str())).collect();
        let subject = "setting:accounts_per_project";
        assert_eq!(
            kept,
            [(subject, r#"{"value":null}"#), (subject, r#"{"value":9}"#), (subject, r#"{"value":8}"#)]
        );
    }

    async fn a_project_connects_as_many_accounts_as_it_may_and_the_next_login_says_so(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        set(store, &scene, true, Setting::AccountsPerProject, Some(2)).await;
        store.admit(&login(&scene, 501), scene.now).await.unwrap().unwrap();
        assert_eq!(store.admits(&login(&scene, 502)).await.unwrap(), Err(Failure::TooManyAccounts(2)));
        let refused = store.admit(&login(&scene, 502), scene.now).await.unwrap();
        assert_eq!(refused.unwrap_err(), Failure::TooManyAccounts(2));
        let lost = domain::account::Event::Die;
        store.account_event(scene.accounts[0], lost, "USER_DEACTIVATED", scene.now).await.unwrap();
        store.admit(&login(&scene, 502), scene.now).await.unwrap().unwrap();
    }

    async fn a_project_watches_as_many_channels_as_it_may(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        set(store, &scene, false, Setting::ChannelsPerProject, Some(2)).await;
        let channel = |id: i64| NewChannel {
            telegram_id: PeerId(id),
            username: None,
            title: "Trams".to_owned(),
            about: String::new(),
            discussion: None,
            newest: MessageId(0),
            members: None,
        };
        let add = async |id: i64| {
            store.add_channel(scene.project, &channel(id), scene.accounts[0], scene.user, scene.now).await
        };
        add(901).await.unwrap();
        let refused = add(902).await;
        assert!(matches!(refused, Err(StoreError::QuotaReached { limit: 2, .. })), "{refused:?}");
    }

    async fn the_audit_log_is_read_by_person_subject_action_and_time(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let at = |seconds: u64| scene.now + Duration::from_secs(seconds);
        let by = Actor::User(scene.user);
        for (seconds, setting) in [(1, Setting::AccountsPerProject), (2, Setting::ChannelsPerProject)] {
            store.change_settings(Some(scene.project), &[(setting, Some(5))], by, at(seconds)).await.unwrap();
        }
        store.change_settings(None, &[(Setting::RecordsDays, Some(5))], Actor::System, at(3)).await.unwrap();
        let read = async |project, filter: AuditFilter| -> Vec<(String, Timestamp)> {
            let found = store.list_audit(project, &filter, None, 9).await.unwrap();
            found.into_iter().map(|listed| (listed.entry.subject, listed.entry.at)).collect()
        };
        let (accounts, channels) = ("setting:accounts_per_project", "setting:channels_per_project");
        let all = AuditFilter::default();
        assert_eq!(read(Some(scene.project), all.clone()).await, [(channels.into(), at(2)), (accounts.into(), at(1))]);
        assert_eq!(read(None, all).await.len(), 3);
        let mine = AuditFilter { user: Some(scene.user), ..AuditFilter::default() };
        assert_eq!(read(None, mine).await.len(), 2);
        let nobodys = AuditFilter { user: Some(UserId(999)), ..AuditFilter::default() };
        assert!(read(None, nobodys).await.is_empty());
        let one = AuditFilter { subject: Some(accounts.into()), ..AuditFilter::default() };
        assert_eq!(read(None, one).await, [(accounts.into(), at(1))]);
        for (action, expected) in [("setting", 3), ("setting.updated", 3), ("sett", 0), ("setting.", 0), ("%", 0)] {
            let family = AuditFilter { action: Some(action.into()), ..AuditFilter::default() };
            assert_eq!(read(None, family).await.len(), expected, "{action}");
        }
        let span = AuditFilter { since: Some(at(2)), until: Some(at(3)), ..AuditFilter::default() };
        assert_eq!(read(None, span).await, [(channels.into(), at(2))]);
        let newest = store.list_audit(None, &AuditFilter::default(), None, 1).await.unwrap();
        let next = store.list_audit(None, &AuditFilter::default(), Some(newest[0].id), 1).await.unwrap();
        assert_eq!((next[0].entry.at, next[0].username.as_deref()), (at(2), Some("owner_1")));
    }
}
