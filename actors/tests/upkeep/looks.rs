//! Looks at accounts and consents, once a day.

use beseda_actors::{Errand, Outcome};
use domain::account::{StatusName, WayBack};
use domain::consent::{Evidence, Scope};
use domain::event::EventType;
use domain::id::{EventId, PeerId};
use telegram::TelegramError;

use crate::{DAY, HOUR, Stage, start};

testkit::on_every_database! {
    async fn each_account_is_looked_at_once_a_day_and_its_label_with_it(db: &Database) {
        let stage = Stage::set(db).await;
        let account = stage.scene.accounts[0];
        stage.pass(HOUR).await;
        let first = stage.store.account_health(account).await.unwrap();
        assert_eq!((first.display_name.as_str(), first.username.as_deref()), ("An editor", Some("editor_1")));
        assert!(first.checked_at.is_some() && first.label_verified_at == first.checked_at);
        stage.pass(HOUR * 20).await;
        assert_eq!(stage.store.account_health(account).await.unwrap().checked_at, first.checked_at, "once a day");

        "Photographer".clone_into(&mut stage.town.plot().about);
        stage.pass(DAY).await;
        let second = stage.store.account_health(account).await.unwrap();
        assert!(second.checked_at > first.checked_at && second.label_verified_at.is_none());
        let told = stage.store.events_after(EventId(0), 1000).await.unwrap();
        let missing = |event: &&persistence::outbox::Event| event.subject.detail.as_deref() == Some("label_missing");
        assert_eq!(told.iter().filter(missing).filter(|event| event.subject.account == Some(account)).count(), 1);

        stage.town.plot().about = stage.scene.label.as_str().to_owned();
        let now = stage.system.check_account(account).await.unwrap();
        assert_eq!(now.label_verified_at, Some(stage.now()), "or at once, when somebody asks");
        stage.system.stop().await.unwrap();
    }

    async fn a_session_that_turns_out_to_be_another_accounts_is_not_used(db: &Database) {
        let stage = Stage::set(db).await;
        let account = stage.scene.accounts[0];
        stage.town.plot().somebody_else = Some(PeerId(4711));
        let health = stage.system.check_account(account).await.unwrap();
        assert_eq!((health.status.name(), health.status.way_back()), (StatusName::NeedsLogin, WayBack::LogIn));
        assert_eq!(stage.town.connected(), 1, "the other one was not looked at yet");
        stage.system.stop().await.unwrap();
    }

    async fn an_account_whose_stored_session_does_not_open_needs_a_login_and_works_after_it(db: &Database) {
        let mut stage = Stage::set(db).await;
        let accounts = stage.scene.accounts.clone();
        for account in &accounts {
            stage.store.keep_session(*account, &b"a session".to_vec().into()).await.unwrap();
        }
        let moving = format!(
            "UPDATE accounts SET session_sealed = (SELECT session_sealed FROM accounts WHERE id = {}) WHERE id = {}",
            accounts[1], accounts[0]
        );
        crate::run_raw(db, &moving).await;
        stage.restart().await;
        stage.pass(HOUR).await;
        let health = stage.store.account_health(accounts[0]).await.unwrap();
        assert_eq!((health.status.name(), health.status.way_back()), (StatusName::NeedsLogin, WayBack::LogIn));
        assert!(health.reason.as_deref().is_some_and(|why| why.contains("log the account in again")), "{health:?}");
        assert_eq!(stage.town.connected(), 1, "the other one works");

        let (project, session) = (stage.scene.project, b"a new session".to_vec().into());
        let back = stage.store.log_in_account(project, stage.scene.account_peer(0), &session, stage.now()).await.unwrap();
        assert_eq!(back, Some(accounts[0]));
        stage.pass(HOUR).await;
        assert_eq!((stage.town.connected(), stage.town.most()), (2, 1));
        stage.system.stop().await.unwrap();
    }

    async fn a_session_that_was_used_twice_is_forgotten_and_never_connected_again(db: &Database) {
        let stage = Stage::set(db).await;
        let account = stage.scene.accounts[0];
        stage.store.keep_session(account, &b"a session".to_vec().into()).await.unwrap();
        stage.town.plot().closed = Some(TelegramError::SessionDuplicated);
        stage.system.stop().await.unwrap();
        let system = start("one", &stage.store, &stage.town, &stage.clock, DAY).await.unwrap();
        crate::pass(&[&system], &stage.clock, DAY).await;
        let left = stage.store.account_to_run(account).await.unwrap().unwrap();
        assert!(left.session.is_none() && left.status.name() == StatusName::NeedsLogin);
        let health = stage.store.account_health(account).await.unwrap();
        assert_eq!(health.reason.as_deref(), Some("AUTH_KEY_DUPLICATED"));
        assert_eq!(stage.town.plot().attempts, 4, "two accounts, once before and once after");
        system.stop().await.unwrap();
    }

    async fn an_administrators_rights_are_looked_at_every_day_and_a_consent_ends_with_them(db: &Database) {
        let stage = Stage::set(db).await;
        let (store, project) = (&stage.store, stage.scene.project);
        stage.town.open_channel("tram_news", 51);
        let added = Errand::AddChannel { link: "t.me/tram_news".to_owned(), comment: true };
        let Outcome::Added { channel, .. } = stage.system.run_errand(stage.client(), &added).await.unwrap() else {
            panic!("another outcome")
        };
        let wanted = Errand::VerifyChannel { channel, scope: Scope::Comment, until: None };
        let proven = stage.system.run_errand(stage.client(), &wanted).await.unwrap();
        let Outcome::Verified { consent, evidence: Evidence::TelegramAdmin, until } = proven else {
            panic!("{proven:?}")
        };
        assert_eq!(until, Some(stage.now() + DAY * 7));
        stage.pass(DAY * 10).await;
        let standing = store.standing_consents(project, stage.now()).await.unwrap();
        let kept = standing.iter().find(|standing| standing.consent == consent).unwrap();
        assert!(kept.checked_at > Some(stage.now() - DAY - HOUR), "{kept:?}");

        stage.town.plot().administrator = false;
        stage.pass(DAY + HOUR).await;
        let standing = store.standing_consents(project, stage.now()).await.unwrap();
        assert!(standing.iter().all(|standing| standing.consent != consent), "{standing:?}");
        let told = store.events_after(EventId(0), 1000).await.unwrap();
        let ended = told.iter().filter(|event| event.kind == EventType::ConsentRevoked);
        assert_eq!(ended.filter(|event| event.subject.consent == Some(consent)).count(), 1);
        stage.system.stop().await.unwrap();
    }

    async fn a_proof_that_nobody_can_look_at_any_more_ends_within_a_week(db: &Database) {
        let stage = Stage::set(db).await;
        let (store, project, channel) = (&stage.store, stage.scene.project, stage.scene.channels[0]);
        let link = domain::link::ChatLink::Id(stage.scene.channel_peer(0));
        stage.town.open_channel("tram_news", stage.scene.channel_peer(0).get());
        let found = stage.town.plot().links.values().next().cloned().unwrap();
        stage.town.plot().links.insert(link, found);
        let wanted = Errand::VerifyChannel { channel, scope: Scope::Read, until: None };
        stage.system.run_errand(stage.client(), &wanted).await.unwrap();
        stage.town.plot().closed = Some(TelegramError::Unauthorized);
        let reading = async || {
            let standing = store.standing_consents(project, stage.now()).await.unwrap();
            standing.iter().any(|standing| standing.scope == Scope::Read)
        };
        stage.pass(DAY * 6).await;
        assert!(reading().await);
        stage.pass(DAY + HOUR).await;
        assert!(!reading().await);
        stage.system.stop().await.unwrap();
    }
}
